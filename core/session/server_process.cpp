#include "core/session/server_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <string>

#include "core/server/gate.hpp"
#include "core/server/reporter.hpp"
#include "core/system/folders.hpp"
#include "core/system/spawn.hpp"

namespace forktable {
namespace {

struct Pipe {
  UniqueFd read, write;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return system_error("can't start the server: pipe");
  return Pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
}

std::string beside(const std::string& program, const std::string& name) {
  return program.substr(0, program.rfind('/') + 1) + name;
}

// The first of the pair for the report pipe and the lifeline. It is the highest of the first 64 that the limit
// allows: far from where the lesson takes place, and no higher, because the kernel would then have to allocate and
// copy a larger descriptor table at each fork. That would cost the server 2 % of its connections per second.
int plumbing_descriptor() {
  rlimit descriptors{64, 64};
  getrlimit(RLIMIT_NOFILE, &descriptors);
  return static_cast<int>(std::min<rlim_t>(descriptors.rlim_cur, 64)) - 2;
}

// The process that has a thread of that number; of a process, itself. 0: it is gone. proc_pid_status(5)
Pid process_with(Pid pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  std::string key;
  Pid number = 0;
  while (status >> key)
    if (key == "Tgid:" && status >> number) return number;
  return 0;
}

}  // namespace

Result<ServerProcess> ServerProcess::launch(const ServerSetup& setup) {
  if (setup.program.empty())
    return failure("can't find the server: /proc isn't mounted, and nothing else tells where Forktable is installed");
  auto reports = make_pipe();
  auto lifeline = make_pipe();
  if (!reports || !lifeline) return tl::make_unexpected((reports ? lifeline : reports).error());
  auto gates = Gates::create(setup.bugs, setup.stepping);
  if (!gates) return tl::make_unexpected(gates.error());
  // Room for 14,000 reports; where this isn't allowed, the usual 900 do too.
  fcntl(reports->write.get(), F_SETPIPE_SZ, 1 << 20);
  fcntl(reports->read.get(), F_SETFL, O_NONBLOCK);
  prctl(PR_SET_CHILD_SUBREAPER, 1);

  const int report_fd = plumbing_descriptor(), lifeline_fd = report_fd + 1, board_fd = report_fd - 1;
  Program program;
  program.path = setup.program;
  program.arguments = {std::to_string(setup.port)};
  program.environment = {fmt::format("{}={}", server::kReportVariable, report_fd),
                         fmt::format("{}={}", server::kLifelineVariable, lifeline_fd),
                         fmt::format("{}={}", server::kBoardVariable, board_fd),
                         fmt::format("{}={}", server::kDescriptorLimitVariable, setup.descriptor_limit),
                         fmt::format("{}={}", server::kChildrenLimitVariable, setup.children_limit)};
  program.descriptors = {
      {reports->write.get(), report_fd}, {lifeline->read.get(), lifeline_fd}, {gates->memory(), board_fd}};
  if (setup.kind == ServerKind::kInetd) program.environment.push_back(fmt::format("{}=1", server::kKeepsBoardVariable));
  std::optional<SemaphoreKeeper> keeper;
  if (setup.kind == ServerKind::kProcessShm) {
    auto started = SemaphoreKeeper::start(beside(setup.program, "semaphore-keeper"), reports->read.get());
    if (!started) return tl::make_unexpected(started.error());
    keeper.emplace(std::move(*started));
    program.environment.push_back(fmt::format("{}={}", server::kSemaphoreKeyVariable, keeper->key()));
  }
  const auto pid = spawn(program);
  if (!pid) return tl::make_unexpected(pid.error());

  gates->close_memory();
  ServerProcess server(std::move(*gates));
  server.pid_ = *pid;
  server.reports_ = std::move(reports->read);
  server.lifeline_ = std::move(lifeline->write);
  server.keeper_ = std::move(keeper);
  return server;
}

bool ServerProcess::signal_all(int signal) const { return !gone_ && (kill(-pid_, signal) == 0 || errno == EPERM); }

bool ServerProcess::owns(Pid pid) const { return !gone_ && pid > 0 && getpgid(pid) == pid_; }

Pid ServerProcess::signal(Pid pid, int signal) const {
  pid = process_with(pid);
  // Whoever has the number now, is asked after and gets the signal; if it ends in between, nobody does.
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  const bool sent = process && owns(pid) && syscall(SYS_pidfd_send_signal, process.get(), signal, nullptr, 0) == 0;
  return sent ? pid : 0;
}

void ServerProcess::replace_killed_keeper() {
  if (keeper_) (void)keeper_->replace_if_killed(reports_.get());
}

std::vector<ServerProcess::Dead> ServerProcess::reap() {
  std::vector<Dead> dead;
  if (gone_) return dead;
  int status = 0;
  while (true) {
    const pid_t pid = waitpid(-pid_, &status, WNOHANG);
    if (pid > 0) {
      dead.push_back({pid, status});
    } else if (pid == 0 || errno != EINTR) {
      // Whoever is left of the group is our child, or has a parent in the group that is.
      gone_ = pid < 0 && errno == ECHILD;
      if (gone_) keeper_.reset();
      return dead;
    }
  }
}

}  // namespace forktable
