#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

#include "app/commands.hpp"
#include "core/kernel/outsider.hpp"
#include "core/session/leftovers.hpp"
#include "core/session/session.hpp"
#include "core/system/clock.hpp"
#include "core/system/folders.hpp"
#include "core/system/unique_fd.hpp"
#include "core/world/describe.hpp"
#include "core/world/reduce.hpp"
#include "ui/picture/fonts.hpp"
#include "ui/window/gl_window.hpp"

namespace forktable {
namespace {

constexpr Nanoseconds kPatience = 5 * kSecond;

class Report {
 public:
  void good(const std::string& what, const std::string& detail) { line("ok", what, detail, ""); }
  // Forktable goes on without it.
  void limited(const std::string& what, const std::string& detail, const std::string& fix) {
    line("--", what, detail, fix);
  }
  void bad(const std::string& what, const std::string& detail, const std::string& fix) {
    line("NO", what, detail, fix);
    usable = false;
  }

  std::string text;
  bool usable = true;

 private:
  void line(const char* mark, const std::string& what, const std::string& detail, const std::string& fix) {
    text += fmt::format("{:<4}{:<22}{}\n", mark, what, detail);
    if (!fix.empty()) text += fmt::format("{:<26}to mend it: {}\n", "", fix);
  }
};

void check_kernel(Report& report) {
  utsname system{};
  uname(&system);
  report.good("kernel", fmt::format("{} {}", system.sysname, system.release));
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0));
  if (pidfd >= 0) {
    close(pidfd);
    report.good("deaths", "the kernel tells when a process ends (pidfd_open)");
  } else {
    report.limited(
        "deaths", fmt::format("pidfd_open fails: {}; a killed process is noticed when it is reaped", error_name(errno)),
        "Linux 5.3 or later; in a container, a seccomp profile that allows pidfd_open");
  }
}

void check_limits(Report& report, int server_descriptor_limit) {
  rlimit processes{};
  getrlimit(RLIMIT_NPROC, &processes);
  long most = processes.rlim_cur == RLIM_INFINITY ? 1'000'000 : static_cast<long>(processes.rlim_cur);
  long pid_max = most;
  std::ifstream("/proc/sys/kernel/pid_max") >> pid_max;
  most = std::min(most, pid_max);
  if (most >= 2000)
    report.good("processes", fmt::format("up to {} at once, one for each client", most));
  else
    report.limited("processes", fmt::format("only {} at once; fork fails beyond that", most), "ulimit -u 4096");
  rlimit descriptors{};
  getrlimit(RLIMIT_NOFILE, &descriptors);
  report.good("descriptors",
              fmt::format("{} for the clients, {} for the server", descriptors.rlim_cur, server_descriptor_limit));
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  const int size = fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
  if (size > 0)
    report.good("report pipe", fmt::format("{} KiB", size / 1024));
  else
    report.limited("report pipe", "64 KiB: the server waits for Forktable more often",
                   "sudo sysctl fs.pipe-max-size=1048576");
  close(ends[0]);
  close(ends[1]);
}

constexpr const char* kMoreDescriptors = "raise the limit of open files: ulimit -n 1024";
constexpr const char* kMountProc = "mount this one's: mount -t proc proc /proc (unshare --mount-proc does)";

bool no_descriptor_left(int error) { return error == EMFILE || error == ENFILE; }

// Of another PID namespace it has other processes by the same numbers.
bool proc_is_of_another_namespace() {
  char self[16] = "";
  return readlink("/proc/self", self, sizeof self - 1) <= 0 || std::atoi(self) != getpid();
}

// As many as it takes to look for a client from outside.
bool can_open_more() {
  std::array<UniqueFd, 3> opened;
  for (UniqueFd& one : opened) one = UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC));
  return static_cast<bool>(opened.back());
}

const char* remedy_for(Aspect aspect, int error) {
  if (no_descriptor_left(error)) return kMoreDescriptors;
  switch (aspect) {
    case Aspect::kProcesses: return "sudo mount -o remount,hidepid=0 /proc, and a kernel with CONFIG_PROC_CHILDREN";
    case Aspect::kDescriptors: return "run Forktable as yourself; in a container: docker run --cap-add=SYS_PTRACE";
    case Aspect::kSharing: return "a kernel with CONFIG_KCMP; in a container: docker run --cap-add=SYS_PTRACE";
    case Aspect::kCalls:
      return "sudo sysctl kernel.yama.ptrace_scope=1; in a container: docker run --cap-add=SYS_PTRACE";
    case Aspect::kSockets: return "sudo modprobe tcp_diag";
  }
  return "";
}

// Does the kernel say the same as the server, and about what does it say nothing?
void check_agreement(Report& report, Session& session, const World& world, const std::vector<CheckDenied>& denied) {
  if (proc_is_of_another_namespace())
    return report.limited("the kernel's word", "/proc shows the processes of another PID namespace", kMountProc);
  const Nanoseconds began = monotonic_now();
  while (!is_checked(world) && monotonic_now() < began + kPatience) session.pump(std::chrono::milliseconds(50));
  const bool too_few = !can_open_more() || std::any_of(denied.begin(), denied.end(), [](const CheckDenied& one) {
    return no_descriptor_left(one.error);
  });
  if (!is_checked(world)) {
    report.limited("the kernel's word", "the kernel couldn't be asked about everything within 5 s",
                   too_few ? kMoreDescriptors : "try again while the machine is less busy");
  } else if (!world.differences.empty() || world.check->references_agreeing != world.check->references) {
    report.bad("the kernel's word", "it says something else than the server", "please report this as a bug");
  } else {
    report.good("the kernel's word",
                fmt::format("it agrees: {} of {} references, {} of {} sockets", world.check->references_agreeing,
                            world.check->references, world.check->sockets_agreeing, world.check->sockets));
  }
  for (const CheckDenied& one : denied)
    report.limited("", fmt::format("it can't be asked {} ({})", meaning_of(one.aspect), error_name(one.error)),
                   remedy_for(one.aspect, one.error));
}

// A server, a client, an echo: all of it for real.
void check_run(Report& report, int server_descriptor_limit) {
  World world;
  std::vector<CheckDenied> denied;
  auto session = Session::create([&](const Event& event) {
    reduce(world, event);
    if (const auto* one = std::get_if<CheckDenied>(&event.what)) denied.push_back(*one);
  });
  if (!session) return report.bad("a real run", session.error().message(), "more descriptors: ulimit -n 1024");
  ServerSetup setup;
  setup.program = installed_server(ServerKind::kProcess);
  setup.descriptor_limit = server_descriptor_limit;
  const Nanoseconds began = monotonic_now();
  if (const auto started = (*session)->start_server(setup); !started)
    return report.bad("a real run", started.error().message(), "install or build Forktable whole");
  bool launched = false;
  // One client that stays, and one that is served.
  const auto done = [&] {
    return launched && world.counts.reaped == 1 && world.gone_clients.size() == 1 && world.counts.accepted == 2;
  };
  while (!done() && monotonic_now() < began + kPatience) {
    (*session)->pump(std::chrono::milliseconds(50));
    if (!launched && (*session)->port() != 0) {
      (*session)->launch_client(Behaviour::kQuiet);
      (*session)->launch_client(Behaviour::kHello);
      launched = true;
    }
  }
  if (!done())
    return report.bad("a real run", launched ? "the client was not served within 5 s" : "the server doesn't listen",
                      "allow connections on 127.0.0.1");
  if (world.gone_clients.front().received == 0 || world.anomaly_count > 0)
    return report.bad("a real run", "the server's reports make no sense", "please report this as a bug");
  report.good("a real run", fmt::format("a client was echoed, its child reaped: {} steps in {} ms", world.step,
                                        (monotonic_now() - began) / kMillisecond));
  check_agreement(report, **session, world, denied);
  // The one that stays is looked up as if it were a stranger.
  if (world.clients.size() == 1 && find_outsider(end_of(world, world.clients.front())))
    report.good("outsiders", "clients from outside are shown with the name of their program");
  else
    report.limited("outsiders", "clients from outside stay without a name",
                   !can_open_more()                 ? kMoreDescriptors
                   : proc_is_of_another_namespace() ? kMountProc
                                                    : "sudo modprobe tcp_diag, and mount /proc without hidepid");
}

void check_leftovers(Report& report) {
  const Leftovers removed = remove_leftovers();
  report.good("leftovers", removed.semaphores + removed.folders == 0
                               ? "no run that was killed has left anything"
                               : fmt::format("removed what runs left that were killed: semaphores {}, folders {}",
                                             removed.semaphores, removed.folders));
}

// Does the server die with us? Let go of it as a killed program would.
void check_lifeline(Report& report) {
  ServerSetup setup;
  setup.program = installed_server(ServerKind::kProcess);
  Pid pid = 0;
  {
    const auto server = ServerProcess::launch(setup);
    if (!server) return;  // told already
    pid = server->pid();
    // Its first report comes when it holds the lifeline.
    char first;
    const Nanoseconds deadline = monotonic_now() + kPatience;
    while (read(server->reports(), &first, 1) != 1 && monotonic_now() < deadline) usleep(1000);
  }
  const Nanoseconds deadline = monotonic_now() + kSecond;
  bool gone = false;
  while (!gone && monotonic_now() < deadline) {
    gone = waitpid(pid, nullptr, WNOHANG) == pid;
    if (!gone) usleep(1000);
  }
  if (gone) return report.good("no orphans", "the server ends with Forktable, whatever ends that");
  kill(-pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  report.limited("no orphans", "if Forktable is killed, its server goes on",
                 "a kernel that has F_SETSIG for pipes; then: pkill process-server");
}

void check_folder(Report& report, const char* what, const std::optional<std::string>& folder) {
  if (!folder) return report.limited(what, "there is no home folder", "set HOME");
  // The nearest folder above it that there is decides.
  std::filesystem::path path = *folder;
  std::error_code ignored;
  while (!std::filesystem::exists(path, ignored) && path.has_relative_path()) path = path.parent_path();
  if (access(path.c_str(), W_OK) == 0)
    report.good(what, *folder);
  else if (errno == EROFS)
    report.limited(what, *folder + " is on a disk that can only be read", "set HOME to a folder that can be written");
  else if (path == "/")
    report.limited(what, *folder + " isn't there", "set HOME to a folder that can be written");
  else
    report.limited(what, *folder + " can't be written", "chmod u+w " + path.string());
}

void check_pictures(Report& report) {
  if (const auto fonts = Fonts::load(); !fonts)
    report.limited("fonts", fonts.error().message(), "sudo apt install fonts-inter fonts-jetbrains-mono");
  else if (!(*fonts)->missing().empty())
    report.limited("fonts", (*fonts)->missing() + " not installed; others are used instead",
                   "sudo apt install fonts-inter fonts-jetbrains-mono");
  else
    report.good("fonts", "Inter, JetBrains Mono");
  if (const auto display = probe_display())
    report.good("window", *display);
  else
    report.limited("window", display.error().message(),
                   "log in at a desktop; without one, use forktable record and forktable export");
}

}  // namespace

int doctor(int server_descriptor_limit) {
  Report report;
  check_kernel(report);
  check_limits(report, server_descriptor_limit);
  check_leftovers(report);
  check_run(report, server_descriptor_limit);
  check_lifeline(report);
  check_pictures(report);
  check_folder(report, "settings", settings_folder());
  check_folder(report, "log", state_folder());
  check_folder(report, "pictures", pictures_folder());
  if (const int status = print(report.text); status != kSuccess) return status;
  return report.usable ? kSuccess : fail("this machine can't run a server: see NO above");
}

}  // namespace forktable
