#include "core/lesson/rest.hpp"

#include <algorithm>
#include <utility>

#include "core/event/traits.hpp"
#include "core/kernel/process_state.hpp"
#include "core/system/clock.hpp"

namespace forktable {
namespace {

constexpr Nanoseconds kQuiet = 15 * kMillisecond;
constexpr int kQuietLooks = 3;

}  // namespace

void Rest::take(const Event& event) {
  news_ = true;
  if (teller_of(event.what) == Teller::kServer) granted_.erase(event.pid);  // its own word
}

bool Rest::is_at_rest(const Process& process) const {
  const char state = process_state(process.pid);
  if (process.life != Life::kAlive) {
    const Process* parent = find_process(world_, process.parent);
    const bool ours = parent == nullptr || parent->life != Life::kAlive;  // that it is reaped is yet to be told
    return !ours && (state == 'Z' || state == '-');
  }
  return (process.gate || is_blocked(process)) && !granted_.contains(process.pid) && (state == 'S' || state == 'T');
}

void Rest::look() {
  const bool rest = !std::exchange(news_, false) && world_.server && world_.expected.empty() &&
                    std::none_of(world_.clients.begin(), world_.clients.end(),
                                 [](const Client& client) { return client.state == Client::kConnecting; }) &&
                    std::all_of(world_.processes.begin(), world_.processes.end(),
                                [this](const Process& process) { return is_at_rest(process); });
  if (rest)
    ++looks_;
  else
    disturb();
}

void Rest::disturb() {
  looks_ = 0;
  since_ = monotonic_now();
}

bool Rest::has_come() const { return looks_ >= kQuietLooks && monotonic_now() >= since_ + kQuiet; }

}  // namespace forktable
