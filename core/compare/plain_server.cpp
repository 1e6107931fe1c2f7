#include "core/compare/plain_server.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>

#include "core/kernel/process_state.hpp"
#include "core/server/gate.hpp"
#include "core/server/reporter.hpp"
#include "core/system/clock.hpp"
#include "core/system/spawn.hpp"

namespace forktable {
namespace {

constexpr Nanoseconds kMostStarting = 10 * kSecond;
constexpr int kPoll = 50;  // ms: how often is asked whether to go on
// Where the servers of a session have theirs, far from the descriptors of clients.
constexpr int kLifeline = 63;

Result<std::pair<UniqueFd, UniqueFd>> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return system_error("can't start the server: pipe");
  return std::pair(UniqueFd(ends[0]), UniqueFd(ends[1]));
}

}  // namespace

tl::unexpected<Error> given_up() { return failure("given up"); }

Result<PlainServer> PlainServer::start(ServerKind kind, const std::string& program_path, const GoOn& go_on) {
  if (program_path.empty())
    return failure("can't find the server: /proc isn't mounted, and nothing else tells where Forktable is installed");
  auto errors = make_pipe();
  if (!errors) return tl::make_unexpected(errors.error());
  auto lifeline = make_pipe();
  if (!lifeline) return tl::make_unexpected(lifeline.error());
  prctl(PR_SET_CHILD_SUBREAPER, 1);  // children that it leaves are reaped here

  PlainServer server;
  if (kind == ServerKind::kProcessShm) {
    // All its processes hold the pipe of its errors open: when none does any more, the semaphore goes.
    auto keeper = SemaphoreKeeper::start(program_path.substr(0, program_path.rfind('/') + 1) + "semaphore-keeper",
                                         errors->first.get());
    if (!keeper) return tl::make_unexpected(keeper.error());
    server.keeper_.emplace(std::move(*keeper));
  }
  rlimit descriptors{64, 64};
  getrlimit(RLIMIT_NOFILE, &descriptors);
  const int lifeline_fd = static_cast<int>(std::min<rlim_t>(descriptors.rlim_cur - 1, kLifeline));
  Program program;
  program.path = program_path;
  program.arguments = {"0"};
  program.environment = {
      fmt::format("{}=-1", server::kReportVariable), fmt::format("{}=-1", server::kBoardVariable),
      fmt::format("{}={}", server::kLifelineVariable, lifeline_fd),
      fmt::format("{}={}", server::kSemaphoreKeyVariable, server.keeper_ ? server.keeper_->key() : 0)};
  program.descriptors = {{errors->second.get(), STDERR_FILENO}, {lifeline->first.get(), lifeline_fd}};
  const auto pid = spawn(program);
  if (!pid) return tl::make_unexpected(pid.error());
  server.pid_ = *pid;
  server.errors_ = std::move(errors->first);
  server.lifeline_ = std::move(lifeline->second);
  errors->second.close();  // so that its end can be seen
  if (auto listens = server.wait_until_it_listens(go_on); !listens) return tl::make_unexpected(listens.error());
  return server;
}

PlainServer::PlainServer(PlainServer&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      port_(other.port_),
      errors_(std::move(other.errors_)),
      lifeline_(std::move(other.lifeline_)),
      keeper_(std::move(other.keeper_)) {}

PlainServer::~PlainServer() { end(); }

Result<void> PlainServer::wait_until_it_listens(const GoOn& go_on) {
  constexpr std::string_view kListens = "listening on 127.0.0.1:";
  const Nanoseconds deadline = monotonic_now() + kMostStarting;
  std::string said;
  while (said.find('\n') == said.npos) {
    if (!go_on()) return given_up();
    if (monotonic_now() > deadline) return failure("the server doesn't listen");
    pollfd ready{errors_.get(), POLLIN, 0};
    if (poll(&ready, 1, kPoll) <= 0) continue;
    char text[256];
    const ssize_t got = read(errors_.get(), text, sizeof text);
    if (got <= 0) return failure("the server ended before it listened" + (said.empty() ? said : ": " + said));
    said.append(text, static_cast<std::size_t>(got));
  }
  said.erase(said.find('\n'));
  const std::size_t at = said.find(kListens);
  if (at == said.npos) return failure(said);
  port_ = static_cast<Port>(std::atoi(said.c_str() + at + kListens.size()));
  return {};
}

std::vector<Pid> PlainServer::processes() const {
  std::vector<Pid> all;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc"), closedir);
  while (const dirent* entry = folder ? readdir(folder.get()) : nullptr) {
    const Pid pid = std::atoi(entry->d_name);
    if (pid > 0 && getpgid(pid) == pid_ && process_state(pid) != 'Z') all.push_back(pid);
  }
  std::sort(all.begin(), all.end(), [this](Pid a, Pid b) { return std::pair(a != pid_, a) < std::pair(b != pid_, b); });
  return all;
}

long PlainServer::end() {
  if (pid_ == 0) return 0;
  kill(-pid_, SIGKILL);
  // What the server leaves comes to us, with what its own children have used.
  long switches = 0;
  int status = 0;
  rusage used{};
  while (true) {
    if (wait4(-pid_, &status, 0, &used) > 0)
      switches += used.ru_nvcsw + used.ru_nivcsw;
    else if (errno != EINTR)
      break;
  }
  pid_ = 0;
  keeper_.reset();
  return switches;
}

}  // namespace forktable
