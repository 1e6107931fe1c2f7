// A lesson from a stranger.
#include <string_view>

#include "core/lesson/parse.hpp"
#include "core/world/describe.hpp"
#include "tests/fuzz/require.hpp"

namespace forktable::fuzz {
namespace {

void try_one(std::string_view text) {
  const auto lesson = parse_lesson(text, "stranger.yaml");
  if (!lesson) {
    const std::string message = lesson.error().message();
    require(message.starts_with("stranger.yaml:"), "an error says where: " + message);
    require(printable(message) == message && message.size() < 1000, "an error is a line of text: " + message);
    return;
  }
  require(!lesson->title.empty() && !lesson->steps.empty() && lesson->steps.size() <= kMostLessonSteps, "its steps");
  for (const LessonStep& step : lesson->steps)
    require(!step.say.empty() && printable(step.say) == step.say, "what it says is text");
}

}  // namespace
}  // namespace forktable::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  forktable::fuzz::try_one({reinterpret_cast<const char*>(data), size});
  return 0;
}
