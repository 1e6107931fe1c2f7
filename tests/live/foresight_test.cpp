// What is foreseen of a process is what it does next: its next gate, in real servers that take their steps, with each
// of their switches.
#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/traits.hpp"
#include "core/program/foresee_listing.hpp"
#include "core/program/listing.hpp"
#include "core/world/describe.hpp"
#include "core/world/narrate.hpp"
#include "tests/live/approach.hpp"
#include "tests/live/installed_lessons.hpp"

namespace forktable::test {
namespace {

// How the words go on after who does it, and the gate before which that process is then found. None: what is foreseen
// has no gate.
struct Foreseen {
  std::string_view words;
  std::optional<Call> gate;
};
constexpr Foreseen kForeseen[] = {
    {"adds descriptor", Call::kEpollCtl},
    {"adds listenfd", Call::kEpollCtl},
    {"adds the child", Call::kAddJob},
    {"attaches shared memory", {}},
    {"blocks SIGCHLD", Call::kSigprocmask},
    {"calls P", Call::kSemop},
    {"calls V", Call::kSemop},
    {"calls accept", Call::kAccept},
    {"calls epoll_wait", Call::kEpollWait},
    {"calls execve", Call::kExec},
    {"calls it again", {}},
    {"calls select", Call::kSelect},
    {"calls waitpid", Call::kWaitpid},
    {"closes it", Call::kClose},
    {"counts", {}},
    {"creates a thread", Call::kPthreadCreate},
    {"detaches itself", Call::kPthreadDetach},
    {"ends", Call::kPthreadExit},
    {"exits", Call::kExit},
    {"forks", Call::kFork},
    {"goes on with the program", {}},
    {"goes on, to the parent's lines", {}},
    {"joins the threads", {}},
    {"looks at errno", Call::kErrno},
    {"makes a semaphore", {}},
    {"makes connfd its standard input", Call::kDup2},
    {"makes it its standard output", Call::kDup2},
    {"makes listenfd close-on-exec", {}},
    {"opens", {}},
    {"reads again", Call::kRead},
    {"reads from", Call::kRead},
    {"reads its standard input", Call::kRead},
    {"reads the shared counter", Call::kLoad},
    {"reads what its client sends", Call::kRead},
    {"reads which descriptor is its own", Call::kLoad},
    {"takes its descriptor out of the set", {}},
    {"tells the parent through the FIFO", Call::kWrite},
    {"unblocks SIGCHLD", Call::kSigprocmask},
    {"waits a moment", Call::kNanosleep},
    {"works on it", Call::kNanosleep},
    {"writes it back", Call::kWrite},
    {"writes", Call::kStore},
};

struct Run {
  ServerKind kind = ServerKind::kProcess;
  std::optional<Bug> bug;
};
std::vector<Run> all_runs() {
  std::vector<Run> runs;
  for (int i = 0; i < kServerCount; ++i) {
    const auto kind = static_cast<ServerKind>(i);
    runs.push_back({kind, {}});
    for (const Bug bug : switches_of(listing_of(kind))) runs.push_back({kind, bug});
  }
  return runs;
}

class EveryServerWithEverySwitch : public testing::TestWithParam<Run> {};
INSTANTIATE_TEST_SUITE_P(All, EveryServerWithEverySwitch, testing::ValuesIn(all_runs()), [](const auto& one) {
  const Run run = one.param;
  return test_name(std::string(name_of(run.kind)) + (run.bug ? "_" + std::string(name_of(*run.bug)) : ""));
});

TEST_P(EveryServerWithEverySwitch, DoesNextWhatIsForeseen) {
  const auto [kind, bug] = GetParam();
  const auto running = bug ? std::make_unique<Approach>(kind, std::initializer_list<Bug>{*bug}, true)
                           : std::make_unique<Approach>(kind, std::initializer_list<Bug>{}, true);
  Approach& live = *running;
  World world;
  std::map<Pid, std::string> expected;  // what is foreseen of that process, without who it is
  std::size_t read = 0;
  int compared = 0;
  const auto compare = [&] {
    for (; read < live.events.size(); ++read) {
      const Event& event = live.events[read];
      reduce(world, event);
      const Process* process = find_process(world, event.pid);
      if (const auto* reached = std::get_if<GateReached>(&event.what)) {
        const auto foreseen = expected.find(event.pid);
        if (foreseen == expected.end()) continue;
        const auto* known = std::find_if(std::begin(kForeseen), std::end(kForeseen),
                                         [&](const Foreseen& one) { return foreseen->second.starts_with(one.words); });
        ASSERT_NE(known, std::end(kForeseen)) << foreseen->second;
        if (known->gate) {
          EXPECT_EQ(name_of(reached->call), name_of(*known->gate)) << "step " << world.step << ": " << foreseen->second;
          ++compared;
        }
        expected.erase(foreseen);
        continue;
      }
      if (teller_of(event.what) != Teller::kServer || process == nullptr) continue;
      expected.erase(event.pid);
      const std::string said = foresee_listing(world, event), begin = "Next: " + mention_of(*process) + " ";
      if (process->in_handler == 0 && said.starts_with(begin)) expected[event.pid] = said.substr(begin.size());
    }
  };
  for (int i = 0; i < 3; ++i) {
    live.hello();
    std::size_t told = 0;
    int quiet = 0;
    // Until nobody takes a step any more, or those who never come to an end have taken enough.
    live.step_all_until([&] {
      const bool rest = std::all_of(live.world.processes.begin(), live.world.processes.end(),
                                    [](const Process& one) { return one.life != Life::kAlive || is_blocked(one); });
      quiet = rest && told == live.events.size() ? quiet + 1 : 0;
      told = live.events.size();
      return quiet == 5 || told > 2000;
    });
    compare();
  }
  EXPECT_GT(compared, 5);
}

}  // namespace
}  // namespace forktable::test
