// What recordings of all lessons say and show, word by word: how the World is kept may change, what is told of it
// stays.
//
// tests/golden/lessons has a recording of each lesson, NAME.jsonl, and beside it, as NAME.txt, what is told of each
// event, what is written and drawn at each stop, and the World at the end. Where a change is meant, the failure says
// which file to copy. The recordings are made by `forktable record --lesson N`.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/event/event.hpp"
#include "core/program/foresee_listing.hpp"
#include "core/program/narrate_listing.hpp"
#include "core/recording/recording.hpp"
#include "core/world/diagnose.hpp"
#include "core/world/inspect.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/ui/loaded_fonts.hpp"
#include "ui/export/deck.hpp"

namespace forktable::test {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> recorded_lessons() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(FORKTABLE_GOLDEN_LESSONS))
    if (entry.path().extension() == ".jsonl") names.push_back(entry.path().stem());
  std::sort(names.begin(), names.end());
  return names;
}

std::string told(const std::vector<Event>& events) {
  std::string all;
  World world;
  std::vector<std::string> wrong;
  for (const Event& event : events) {
    const std::string_view name = std::visit([]<class T>(const T&) { return T::name; }, event.what);
    const Narration narration = narrate_listing(world, event);
    reduce(world, event);
    all += fmt::format("{} {}\n", world.step, name);
    if (!narration.said.empty()) all += fmt::format("  said: {}\n", narration.said);
    if (!narration.meaning.empty()) all += fmt::format("  means: {}\n", narration.meaning);
    if (const std::string next = foresee_listing(world, event); !next.empty()) all += fmt::format("  next: {}\n", next);
    std::vector<std::string> now_wrong;
    for (const Diagnosis& one : diagnose(world, world.now))
      now_wrong.push_back(fmt::format("{}: {} {}", one.kind, one.text, one.fix));
    if (now_wrong != wrong) {
      all += "  wrong:\n";
      for (const std::string& one : now_wrong) all += fmt::format("    {}\n", one);
    }
    wrong = std::move(now_wrong);
  }
  return all + fmt::format("\nWorld {}\n", world_as_json(world, events.size()).dump(1));
}

// Its texts, card by card as they are painted, and how much else there is. Without places: those depend on how wide a
// machine's fonts are.
std::string shown(const Scene& scene) {
  std::string all;
  std::size_t boxes = 0, arrows = 0, lines = 0;
  Key group = 0;
  for (const Item& item : scene.items) {
    boxes += std::holds_alternative<Box>(item.what) ? 1 : 0;
    arrows += std::holds_alternative<Arrow>(item.what) ? 1 : 0;
    lines += std::holds_alternative<Line>(item.what) ? 1 : 0;
    const Text* text = std::get_if<Text>(&item.what);
    if (text == nullptr || text->text.empty()) continue;
    if (item.group != group) all += "\n   ";
    group = item.group;
    all += fmt::format(" {}{}{}", text->struck ? "~" : "", text->text, text->struck ? "~" : "");
  }
  return fmt::format("{}\n    {} boxes, {} arrows, {} lines\n", all, boxes, arrows, lines);
}

std::string stops(const Recording& recording) {
  std::string all;
  const Lesson* lesson = recording.script.lesson ? &*recording.script.lesson : nullptr;
  DeckRequest deck{recording.events, lesson, slide_theme(), fonts()};
  deck.last = recording.events.size();
  deck.pages = DeckRequest::kStops;
  deck.listing = &recording.script.listing;
  deck.stage = stage_of(*lesson, recording.events);
  const auto done = for_each_page(
      deck, [](std::uint64_t) { return true; },
      [&](const Page& page) {
        const Narration caption = plain_caption(page);
        all += fmt::format("\n{} (event {})\n  {}\n  {}", page.heading, page.step, caption.said, caption.meaning);
        all += shown(page.picture);
        return true;
      });
  EXPECT_TRUE(done);
  return all;
}

class GoldenLesson : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(All, GoldenLesson, testing::ValuesIn(recorded_lessons()), [](const auto& one) {
  std::string name = one.param;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST_P(GoldenLesson, SaysAndShowsWhatItAlwaysDid) {
  const std::string base = std::string(FORKTABLE_GOLDEN_LESSONS) + "/" + GetParam();
  const auto recording = read_recording(base + ".jsonl");
  ASSERT_TRUE(recording) << recording.error().message();
  ASSERT_TRUE(recording->script.lesson);
  const std::string now = told(recording->events) + stops(*recording);
  if (now == contents(base + ".txt")) return;
  const std::string path = testing::TempDir() + "golden-" + GetParam() + ".txt";
  put(path, now);
  ADD_FAILURE() << "see what has changed:\n  diff " << base << ".txt " << path << "\nand copy it, if that is meant";
}

}  // namespace
}  // namespace forktable::test
