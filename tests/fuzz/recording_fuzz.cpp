// A recording from a stranger.
#include <string_view>

#include "core/recording/recording.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/fuzz/retold.hpp"

namespace forktable::fuzz {
namespace {

std::string text_of(const Recording& recording) {
  std::string text = line_of(recording.header) + lines_of(recording.script);
  for (const Event& event : recording.events) text += line_of(event);
  return text + lines_beside(recording.beside);
}

void try_one(std::string_view text) {
  const auto recording = parse_recording(text, "stranger.jsonl");
  if (!recording) {
    for (const char c : recording.error().message())
      require(c >= ' ' && c < 0x7F, "an error is a line of text: " + recording.error().message());
    return;
  }
  const std::string again = text_of(*recording);
  const auto same = parse_recording(again, "again.jsonl");
  require(same && same->events.size() == recording->events.size() && same->beside.size() == recording->beside.size(),
          "what was read can be written and read: " + again);
  require(text_of(*same) == again, "and is the same then: " + again);
  retell(recording->events);
  retell(recording->beside);
}

}  // namespace
}  // namespace forktable::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  forktable::fuzz::try_one({reinterpret_cast<const char*>(data), size});
  return 0;
}
