// The pictures of the installed lessons, as they are played by real processes: at every stop, at several sizes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/lesson/captions.hpp"
#include "core/lesson/library.hpp"
#include "core/recording/recording.hpp"
#include "core/world/diagnose.hpp"
#include "core/world/reduce.hpp"
#include "tests/live/installed_lessons.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/ui/picture/sound.hpp"
#include "ui/picture/picture.hpp"

namespace forktable::test {
namespace {

// The picture beside the listing at 1600x900; at 1024x768; on a blackboard of 1920x1080; on a slide.
constexpr Size kSizes[] = {{1030, 560}, {1000, 430}, {1880, 780}, {1832, 800}};

std::string words_of(const Rect& rect) {
  return fmt::format("{:.1f} {:.1f} {:.1f} {:.1f}", rect.x, rect.y, rect.width, rect.height);
}

bool is_card(const Group& group) {
  return group.subject.kind == Subject::kProcess || group.subject.kind == Subject::kFile ||
         group.subject.kind == Subject::kClient;
}

class LessonPictures : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, LessonPictures, testing::ValuesIn(installed_lessons()),
                         [](const auto& one) { return test_name(one.param); });

TEST_P(LessonPictures, KeepTheirPlacesAndScaleAndStandStillAtEveryStop) {
  const TemporaryFolder folder;
  const std::string path = folder.file("lesson.forktable");
  const Outcome outcome = run(forktable({"record", "--lesson", GetParam(), "-o", path}));
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const auto recording = read_recording(path);
  ASSERT_TRUE(recording) << recording.error().message();
  const auto lesson = find_lesson(GetParam(), FORKTABLE_LESSONS);
  ASSERT_TRUE(lesson);
  const Stage stage = stage_of(*lesson, recording->events);
  ASSERT_GT(stage.slots, 0u);
  // The window knows what the lesson is going to do; a recording has its texts, and what it did.
  EXPECT_EQ(stage_of(*lesson, {}), stage);
  ASSERT_TRUE(recording->script.lesson);
  EXPECT_EQ(stage_of(*recording->script.lesson, recording->events), stage);
  for (const Size& size : kSizes) {
    SCOPED_TRACE(size.width);
    World world;
    std::map<Key, Rect> places;
    std::map<Key, float> sizes;  // of what is written large on cards, which scales with all the rest
    for (const Event& event : recording->events) {
      reduce(world, event);
      if (!is_lesson_stop(event.what)) continue;
      SCOPED_TRACE(world.step);
      const std::vector<Diagnosis> diagnoses = diagnose(world, world.now);
      const auto picture = [&](Nanoseconds now) {
        PictureRequest request{world, now, size, light_theme(), fonts()};
        request.largest_scale = 2.4f;
        request.elapsed = false;
        request.diagnoses = diagnoses;
        request.stage = stage;
        return draw_picture(request);
      };
      const Scene scene = picture(world.now);
      expect_sound(scene, 5);
      EXPECT_EQ(picture(world.now + 60 * kSecond).items, scene.items) << "it changed while time passed";
      for (const Group& group : scene.groups) {
        if (!is_card(group)) continue;
        const auto [known, is_new] = places.emplace(group.key, group.rect);
        if (!is_new) {
          EXPECT_EQ(words_of(known->second), words_of(group.rect)) << group.subject.kind << " " << group.subject.id;
        }
      }
      for (const Item& item : scene.items)
        if (const Text* text = std::get_if<Text>(&item.what); text != nullptr && text->face == Face::kBold)
          if (const auto [known, is_new] = sizes.emplace(item.key, text->size); !is_new) {
            EXPECT_EQ(known->second, text->size) << text->text;
          }
    }
  }
}

}  // namespace
}  // namespace forktable::test
