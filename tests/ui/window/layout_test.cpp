#include "ui/window/layout.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace forktable::test {
namespace {

bool overlap(const Rect& a, const Rect& b) {
  return a.width > 0 && b.width > 0 && a.height > 0 && b.height > 0 && a.x + 0.5f < b.right() &&
         b.x + 0.5f < a.right() && a.y + 0.5f < b.bottom() && b.y + 0.5f < a.bottom();
}

TEST(WindowLayout, PanelsNeverOverlapAndNeverLeaveTheWindow) {
  for (float width = 480; width < 4000; width += 97)
    for (float height = 360; height < 2200; height += 83)
      for (const float scale : {0.6f, 1.0f, 1.5f, 3.0f})
        for (const bool log : {false, true})
          for (const bool selected : {false, true}) {
            const WindowLayout layout = lay_out({{width, height}, scale, log, selected});
            std::vector<Rect> panels{layout.top_bar, layout.picture, layout.narration, layout.timeline, layout.log};
            if (layout.has_column || selected) panels.push_back(layout.side);
            for (std::size_t i = 0; i < panels.size(); ++i) {
              ASSERT_GE(panels[i].x, 0);
              ASSERT_LE(panels[i].right(), width + 0.5f);
              ASSERT_LE(panels[i].bottom(), height + 0.5f);
              for (std::size_t j = i + 1; j < panels.size(); ++j) ASSERT_FALSE(overlap(panels[i], panels[j]));
            }
            ASSERT_GT(layout.picture.height, 0) << width << "x" << height << " at " << scale;
          }
}

TEST(WindowLayout, ALessonsTimelineIsAsHighAsItsLanesNeedAsFarAsThePictureCanSpareIt) {
  const auto timeline = [](float lanes) {
    LayoutRequest request{{1024, 768}};
    request.timeline = lanes;
    return lay_out(request).timeline.height;
  };
  EXPECT_EQ(timeline(60), timeline(0));
  EXPECT_FLOAT_EQ(timeline(113), 113);  // of seven lanes
  EXPECT_LT(timeline(300), 120);
}

TEST(WindowLayout, ThatTheServerHasEndedHidesNothingOfThePicture) {
  for (const Size window : {Size{1600, 900}, Size{1024, 768}, Size{640, 480}})
    for (const float scale : {0.6f, 1.0f, 1.5f})
      for (const bool two : {false, true}) {
        const WindowLayout layout = lay_out({window, scale, false, false, true, false, two, true});
        ASSERT_GT(layout.trouble.height, 0);
        ASSERT_GT(layout.picture.height, 0);
        for (const Rect& other : {layout.picture, layout.beside, layout.title, layout.narration, layout.timeline})
          ASSERT_FALSE(overlap(layout.trouble, other)) << window.width << " at " << scale;
        ASSERT_GE(layout.trouble.x, 0);
      }
  EXPECT_EQ(lay_out({{1600, 900}}).trouble.height, 0);
}

TEST(WindowLayout, TwoServersSideBySideHaveHalfOfItEachAndNeverOverlap) {
  for (float width = 480; width < 4000; width += 197)
    for (float height = 360; height < 2200; height += 183)
      for (const float scale : {0.6f, 1.0f, 1.5f})
        for (const bool blackboard : {false, true})
          for (const bool selected : {false, true}) {
            const WindowLayout layout = lay_out({{width, height}, scale, false, selected, true, blackboard, true});
            std::vector<Rect> panels{layout.top_bar,  layout.title,           layout.picture,
                                     layout.beside,   layout.title_of_beside, layout.narration,
                                     layout.timeline, layout.listing,         layout.listing_of_beside};
            if (selected && !blackboard) panels.push_back(layout.side);
            for (std::size_t i = 0; i < panels.size(); ++i) {
              ASSERT_LE(panels[i].right(), width + 0.5f);
              ASSERT_LE(panels[i].bottom(), height + 0.5f);
              for (std::size_t j = i + 1; j < panels.size(); ++j)
                ASSERT_FALSE(overlap(panels[i], panels[j])) << width << "x" << height << ": " << i << ", " << j;
            }
            ASSERT_FLOAT_EQ(layout.picture.width, layout.beside.width);
            ASSERT_FLOAT_EQ(layout.picture.y, layout.beside.y);
            ASSERT_GT(layout.beside.height, 0) << width << "x" << height << " at " << scale;
            ASSERT_FALSE(layout.has_column);
          }
}

TEST(WindowLayout, TwoServersHaveTheirCodeBelowTheirPicturesWhereThereIsRoom) {
  const auto laid_out = [](Size window, bool open, bool selected = false) {
    return lay_out({window, 1, false, selected, open, false, true});
  };
  const WindowLayout layout = laid_out({1600, 900}, true), without = laid_out({1600, 900}, false);
  EXPECT_GE(layout.listing.width, 500);
  EXPECT_GE(layout.listing.height, 150);
  EXPECT_FLOAT_EQ(layout.listing.x, layout.picture.x);
  EXPECT_FLOAT_EQ(layout.listing_of_beside.right(), layout.beside.right());
  EXPECT_FLOAT_EQ(layout.listing.y, layout.picture.bottom());
  EXPECT_GE(layout.picture.height, without.picture.height) << "at no cost for the pictures";
  for (const WindowLayout& none :
       {without, laid_out({1600, 900}, true, true), laid_out({1024, 768}, true), lay_out({{1600, 900}})})
    EXPECT_EQ(none.listing.width, 0);
}

TEST(WindowLayout, ALectureHallsProjectorGetsAColumnAndASmallOneAStrip) {
  EXPECT_TRUE(lay_out({{1600, 900}}).has_column);
  EXPECT_FALSE(lay_out({{1024, 768}}).has_column);
  EXPECT_FLOAT_EQ(lay_out({{1024, 768}}).picture.width, 1024);
}

}  // namespace
}  // namespace forktable::test
