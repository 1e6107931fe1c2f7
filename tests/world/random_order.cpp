#include <algorithm>

#include "tests/world/generated_run.hpp"

namespace forktable::test {
namespace {

// Chooses among the happenings that can be told next. Fair choice alone would hardly ever let one process get
// far ahead of another, which is where mistakes are found.
class Chooser {
 public:
  Chooser(const GeneratedRun& run, Random& random)
      : run_(run), random_(random), manner_(static_cast<Manner>(number_between(random, 0, 3))) {}

  std::size_t choose(const std::vector<int>& ready) {
    const auto last = static_cast<std::int64_t>(ready.size()) - 1;
    switch (manner_) {
      case kFair: return static_cast<std::size_t>(number_between(random_, 0, last));
      case kNewestFirst: return static_cast<std::size_t>(one_in(random_, 8) ? number_between(random_, 0, last) : last);
      case kOldestFirst: return static_cast<std::size_t>(one_in(random_, 8) ? number_between(random_, 0, last) : 0);
      case kFavourites: break;
    }
    if (one_in(random_, 12)) ranks_.clear();
    return static_cast<std::size_t>(
        std::max_element(ready.begin(), ready.end(), [this](int a, int b) { return rank(a) < rank(b); }) -
        ready.begin());
  }

 private:
  enum Manner { kFair, kNewestFirst, kOldestFirst, kFavourites };

  std::uint64_t rank(int happening) {
    const Pid whose = run_.happenings[static_cast<std::size_t>(happening)].events.front().pid;
    const auto [rank, is_new] = ranks_.try_emplace(whose);
    if (is_new) rank->second = random_();
    return rank->second;
  }

  const GeneratedRun& run_;
  Random& random_;
  Manner manner_;
  std::map<Pid, std::uint64_t> ranks_;
};

}  // namespace

std::vector<Event> random_order(const GeneratedRun& run, Random& random) {
  const std::size_t size = run.happenings.size();
  std::vector<int> missing(size), ready;
  std::vector<std::vector<int>> followers(size);
  for (std::size_t i = 0; i < size; ++i) {
    missing[i] = static_cast<int>(run.happenings[i].after.size());
    for (const int before : run.happenings[i].after)
      followers[static_cast<std::size_t>(before)].push_back(static_cast<int>(i));
    if (missing[i] == 0) ready.push_back(static_cast<int>(i));
  }
  Chooser chooser(run, random);
  std::vector<Event> events;
  while (!ready.empty()) {
    const auto chosen = ready.begin() + static_cast<std::ptrdiff_t>(chooser.choose(ready));
    const auto next = static_cast<std::size_t>(*chosen);
    ready.erase(chosen);
    for (const Event& event : run.happenings[next].events) events.push_back(event);
    for (const int follower : followers[next])
      if (--missing[static_cast<std::size_t>(follower)] == 0) ready.push_back(follower);
  }
  return events;
}

}  // namespace forktable::test
