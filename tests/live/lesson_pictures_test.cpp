// The pictures of the installed lessons, as they are played by real processes: at every stop, at several sizes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/lesson/captions.hpp"
#include "core/lesson/library.hpp"
#include "core/recording/recording.hpp"
#include "core/world/diagnose.hpp"
#include "core/world/reduce.hpp"
#include "tests/live/installed_lessons.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/ui/picture/sound.hpp"
#include "ui/export/deck.hpp"
#include "ui/picture/picture.hpp"

namespace forktable::test {
namespace {

// The picture beside the listing at 1600x900; at 1024x768; on a blackboard of 1920x1080; on a slide.
struct PictureSize {
  Size size;
  float smallest_type;  // pixels, or, of a slide, half points
};
constexpr PictureSize kSizes[] = {{{1030, 560}, 13}, {{1000, 430}, 12}, {{1880, 780}, 22}, {{1832, 800}, 22}};

// A slide of 1920 units is 13.33 inches wide: a point is two units. So this is 11 points, for all that is on a slide.
constexpr float kSmallestOnSlide = 22;

std::string words_of(const Rect& rect) {
  return fmt::format("{:.1f} {:.1f} {:.1f} {:.1f}", rect.x, rect.y, rect.width, rect.height);
}

bool is_card(const Group& group) {
  return group.subject.kind == Subject::kProcess || group.subject.kind == Subject::kFile ||
         group.subject.kind == Subject::kClient;
}

// How large the names above the columns of cards are: as large as everything else.
float scale_of(const Scene& scene) {
  for (const Item& item : scene.items)
    if (const Text* text = std::get_if<Text>(&item.what); text != nullptr && text->text == "CLIENTS") return text->size;
  return 0;
}

// On a slide: of a size that can be read, whole, and none over another.
void expect_readable(const Scene& slide) {
  std::vector<std::pair<Rect, std::string>> texts;
  std::set<Key> cards;
  for (const Group& group : slide.groups)
    if (is_card(group)) cards.insert(group.key);
  const auto is_on_card = [&](const Item& item) { return cards.contains(item.group); };
  for (const Item& item : slide.items)
    if (const Text* text = std::get_if<Text>(&item.what); text != nullptr && !text->text.empty()) {
      EXPECT_GE(text->size, kSmallestOnSlide - 0.05f) << text->text;
      EXPECT_TRUE(!is_on_card(item) || !text->text.ends_with("…") || text->text.starts_with("kernel")) << text->text;
      texts.emplace_back(bounds_of(*text), text->text);
      EXPECT_LE(texts.back().first.right(), slide.size.width) << text->text;
      EXPECT_LE(texts.back().first.bottom(), slide.size.height) << text->text;
    }
  for (std::size_t i = 0; i < texts.size(); ++i)
    for (std::size_t j = i + 1; j < texts.size(); ++j)
      EXPECT_FALSE(overlap(texts[i].first, texts[j].first)) << texts[i].second << " over " << texts[j].second;
}

// As `forktable record` plays it; nothing if that fails, which is a failure of the test.
std::optional<Recording> recorded(const std::string& lesson) {
  const TemporaryFolder folder;
  const std::string path = folder.file("lesson.forktable");
  const Outcome outcome = run(forktable({"record", "--lesson", lesson, "-o", path}));
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  auto recording = read_recording(path);
  if (recording) return *std::move(recording);
  ADD_FAILURE() << recording.error().message();
  return std::nullopt;
}

class LessonPictures : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, LessonPictures, testing::ValuesIn(installed_lessons()),
                         [](const auto& one) { return test_name(one.param); });

TEST_P(LessonPictures, KeepTheirPlacesAndScaleAndStandStillAtEveryStop) {
  const auto recording = recorded(GetParam());
  ASSERT_TRUE(recording);
  const auto lesson = find_lesson(GetParam(), FORKTABLE_LESSONS);
  ASSERT_TRUE(lesson);
  const Stage stage = stage_of(*lesson, recording->events);
  ASSERT_GT(stage.slots, 0u);
  // The window knows what the lesson is going to do; a recording has its texts, and what it did.
  EXPECT_EQ(stage_of(*lesson, {}), stage);
  ASSERT_TRUE(recording->script.lesson);
  EXPECT_EQ(stage_of(*recording->script.lesson, recording->events), stage);
  for (const PictureSize& one : kSizes) {
    SCOPED_TRACE(one.size.width);
    World world, beside;
    std::size_t taken = 0;  // of what happened beside it
    std::map<Key, Rect> places;
    std::map<Key, float> sizes;  // of what is written large on cards, which scales with all the rest
    for (const Event& event : recording->events) {
      reduce(world, event);
      if (!is_lesson_stop(event.what)) continue;
      SCOPED_TRACE(world.step);
      for (; taken < recording->beside.size() && recording->beside[taken].at <= event.at; ++taken)
        reduce(beside, recording->beside[taken]);
      const std::vector<Diagnosis> diagnoses = diagnose(world, world.now);
      const auto request_of = [&](const World& of, Nanoseconds now) {
        PictureRequest request{of, now, one.size, light_theme(), fonts()};
        request.largest_scale = kLargestOnBlackboard;
        request.elapsed = false;
        request.diagnoses = diagnoses;
        request.stage = stage;
        if (lesson->beside) request.beside = &beside;
        return request;
      };
      const auto picture = [&](Nanoseconds now) { return draw_picture(request_of(world, now)); };
      const Scene scene = picture(world.now);
      expect_sound(scene, one.smallest_type);
      EXPECT_EQ(picture(world.now + 60 * kSecond).items, scene.items) << "it changed while time passed";
      for (const Group& group : scene.groups) {
        // What can't be clicked on is a card of the server beside it. A box that says what is wrong is as high as its
        // text.
        if (!is_card(group) && (group.subject || !lesson->beside)) continue;
        const auto [known, is_new] = places.emplace(group.key, group.rect);
        if (!is_new) {
          EXPECT_EQ(words_of(known->second), words_of(group.rect)) << group.subject.kind << " " << group.subject.id;
        }
      }
      // Larger than its place has room for, it goes on below, and keeps its scale and its width.
      const PictureRequest usual = request_of(world, world.now);
      const float larger = std::min(1.3f, one.size.width / narrowest_area(usual) / lesson_scale(usual));
      if (larger > 1) {
        PictureRequest request = usual;
        request.area = {one.size.width / larger, one.size.height / larger * 0.7f};
        request.scaled_for = one.size;
        const Scene enlarged = draw_picture(request);
        expect_sound(enlarged, 5);
        EXPECT_EQ(scale_of(enlarged), scale_of(scene));
      }
      for (const Item& item : scene.items)
        if (const Text* text = std::get_if<Text>(&item.what); text != nullptr && text->face == Face::kBold)
          if (const auto [known, is_new] = sizes.emplace(item.key, text->size); !is_new) {
            EXPECT_EQ(known->second, text->size) << text->text;
          }
    }
  }
}

TEST_P(LessonPictures, AreReadableOnEverySlideOfTheirDeck) {
  const auto recording = recorded(GetParam());
  ASSERT_TRUE(recording);
  const Script& script = recording->script;
  ASSERT_TRUE(script.lesson);
  DeckRequest deck{recording->events, &*script.lesson, slide_theme(), fonts()};
  deck.last = recording->events.size();
  deck.pages = DeckRequest::kStops;
  deck.stage = stage_of(*script.lesson, recording->events);
  deck.listing = &script.listing;
  if (!recording->beside.empty()) deck.beside = &recording->beside;
  if (script.costs) deck.costs = &*script.costs;
  std::size_t pages = 0;
  std::optional<SlideLayout> first_layout;
  std::set<float> scales;
  const auto made = for_each_page(
      deck, [](std::uint64_t) { return true; },
      [&](const Page& page) {
        SCOPED_TRACE(page.heading);
        ++pages;
        const Scene slide = slide_of(page, slide_theme(), fonts());
        expect_readable(slide);
        if (page.chart) return true;  // it has no cards
        scales.insert(scale_of(slide));
        EXPECT_EQ(page.layout.rule, first_layout.value_or(page.layout).rule) << "the caption has moved";
        if (!first_layout) first_layout = page.layout;
        return true;
      });
  EXPECT_TRUE(made);
  EXPECT_EQ(scales.size(), 1u) << "its cards have another size on another page";
  EXPECT_GE(pages, script.lesson->steps.size());
}

}  // namespace
}  // namespace forktable::test
