// Which step of a recording a user means.
#include <fmt/format.h>

#include <charconv>
#include <system_error>

#include "app/commands.hpp"
#include "core/world/telling.hpp"

namespace forktable {

Result<std::uint64_t> step_of(const std::string& text, const std::vector<Event>& events) {
  if (text == "last") return events.size();
  if (text == "telling") return most_telling_step(events);
  std::uint64_t step = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step);
  if (error != std::errc{} || end != text.data() + text.size())
    return failure(fmt::format("{} is not a step: give a number, \"last\" or \"telling\"", text));
  if (step > events.size())
    return failure(fmt::format("there is no step {}: the recording has {}", step, events.size()));
  return step;
}

}  // namespace forktable
