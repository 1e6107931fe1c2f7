#include "ui/window/order.hpp"

#include <algorithm>
#include <cstddef>

#include "core/event/traits.hpp"
#include "core/lesson/captions.hpp"
#include "core/world/narrate.hpp"

namespace forktable {
namespace {

constexpr std::ptrdiff_t kMostInOrder = 40;  // pictures of a step: of more, nobody could follow the order
constexpr double kEach = 0.4, kAll = 2.4;    // seconds

}  // namespace

InOrder next_in_order(const Model& model, std::uint64_t shown) {
  const auto& events = model.history.events();
  const std::uint64_t latest = settled_step(events, shown_step(model));
  if (!looks_at_lesson(model) || model.settings.reduced_motion || shown == 0 || latest <= shown)
    return {latest, 0, true};
  const auto is_shown = [&](const Event& event) { return is_narrated(event) && !is_lesson_stop(event.what); };
  const auto event_at = [&](std::uint64_t step) { return events.begin() + static_cast<std::ptrdiff_t>(step); };
  // Where the lesson stopped before what is on its way began: nobody waits for what happened until there.
  std::uint64_t first = shown;
  const std::uint64_t stop = latest_lesson_stop(events, latest - 1);
  const bool goes_on =
      latest_lesson_stop(events, latest) > stop || std::any_of(event_at(stop), event_at(latest), is_shown);
  if (stop > shown && goes_on) first = stop;
  const auto pictures = std::count_if(event_at(stop), event_at(latest), is_shown);
  if (pictures > kMostInOrder) return {latest, 0, true};
  const auto next = std::find_if(event_at(first), event_at(latest), is_shown);
  const std::uint64_t step = next == event_at(latest) ? latest : static_cast<std::uint64_t>(next - events.begin()) + 1;
  return {std::min(settled_step(events, step), latest),
          std::min(kEach, kAll / static_cast<double>(std::max<std::ptrdiff_t>(pictures, 1))), first != shown};
}

}  // namespace forktable
