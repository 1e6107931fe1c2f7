#include "core/kernel/probe.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "core/system/unique_fd.hpp"

namespace forktable {
namespace {

// /proc/PID, kept open while its process is looked at: the kernel doesn't have to find it for each file again.
class ProcFolder {
 public:
  explicit ProcFolder(Pid pid)
      : folder_(open(("/proc/" + std::to_string(pid)).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

  explicit operator bool() const { return static_cast<bool>(folder_); }

  // At most 4 KiB of it, which one read(2) gives of such files; empty if it can't be read, with errno set.
  std::string_view read(const char* name) {
    if (!folder_) return {};
    const UniqueFd file(openat(folder_.get(), name, O_RDONLY | O_CLOEXEC));
    if (!file) return {};
    ssize_t got;
    do got = ::read(file.get(), buffer_, sizeof buffer_);
    while (got < 0 && errno == EINTR);
    return {buffer_, static_cast<std::size_t>(std::max<ssize_t>(got, 0))};
  }

  // All of it, however long.
  std::string read_all(const std::string& name) {
    const UniqueFd file(openat(folder_.get(), name.c_str(), O_RDONLY | O_CLOEXEC));
    std::string text;
    for (ssize_t got = 1; got > 0; text.append(buffer_, static_cast<std::size_t>(std::max<ssize_t>(got, 0))))
      got = ::read(file.get(), buffer_, sizeof buffer_);
    return text;
  }

  UniqueFd open_folder(const char* name) const {
    return UniqueFd(openat(folder_.get(), name, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }

 private:
  UniqueFd folder_;
  char buffer_[4096];
};

template <class Number>
Number number_in(std::string_view text, int base = 10) {
  Number number{};
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  if (base == 16 && text.starts_with("0x")) text.remove_prefix(2);
  std::from_chars(text.data(), text.data() + text.size(), number, base);
  return number;
}

// The rest of the line in /proc/PID/status that begins with `key`.
std::string_view line_of(std::string_view status, std::string_view key) {
  const std::size_t at = status.find(key);
  if (at == status.npos) return {};
  const std::string_view rest = status.substr(at + key.size());
  return rest.substr(0, rest.find('\n'));
}

std::uint32_t signals_in(std::string_view status, std::string_view key) {
  return static_cast<std::uint32_t>(number_in<std::uint64_t>(line_of(status, key), 16));
}

void read_status(std::string_view status, ProcessFacts& process) {
  const std::string_view state = line_of(status, "\nState:\t");
  if (!state.empty()) process.state = state.front() == 'X' ? '-' : state.front();
  const Pid group = number_in<Pid>(line_of(status, "\nTgid:\t"));
  process.thread_of = group != process.pid ? group : 0;
  process.parent = number_in<Pid>(line_of(status, "\nPPid:\t"));
  process.signals.pending = signals_in(status, "\nSigPnd:\t") | signals_in(status, "\nShdPnd:\t");
  process.signals.caught = signals_in(status, "\nSigCgt:\t");
  process.blocked = signals_in(status, "\nSigBlk:\t");
}

// The last field of /proc/PID/stat, exit_code in proc(5): 0 also where it may not be seen.
std::optional<int> read_wait_status(std::string_view stat) {
  const std::size_t last = stat.rfind(' ');
  const int status = last != stat.npos ? number_in<int>(stat.substr(last + 1)) : 0;
  return status != 0 ? std::optional(status) : std::nullopt;
}

// "43 0x3 0x7ffc... ", or "-1 ..." when it waits, but in no system call.
std::optional<CallFacts> read_call(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::size_t space = text.find(' ');
  CallFacts call{number_in<long>(text), -1};
  if (call.number >= 0 && space != text.npos)
    call.fd = static_cast<int>(number_in<std::uint64_t>(text.substr(space + 1), 16));
  return call;
}

DescriptorFacts read_descriptor(int folder, int fd) {
  DescriptorFacts descriptor;
  descriptor.fd = fd;
  const std::string name = std::to_string(fd);
  char target[64];
  const ssize_t length = readlinkat(folder, name.c_str(), target, sizeof target);
  const std::string_view text(target, static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
  for (const auto& [prefix, kind] : {std::pair{std::string_view("socket:["), DescriptorFacts::kSocket},
                                     std::pair{std::string_view("pipe:["), DescriptorFacts::kPipe}})
    if (text.starts_with(prefix)) {
      descriptor.kind = kind;
      descriptor.inode = number_in<std::uint64_t>(text.substr(prefix.size()));
    }
  if (text == "anon_inode:[eventpoll]") descriptor.kind = DescriptorFacts::kEpoll;
  struct stat status;
  if (text.starts_with('/') && descriptor.fd > STDERR_FILENO && fstatat(folder, name.c_str(), &status, 0) == 0 &&
      S_ISFIFO(status.st_mode)) {
    descriptor.kind = DescriptorFacts::kPipe;
    descriptor.inode = status.st_ino;
  }
  return descriptor;
}

// The names of what is in such a folder that are numbers. Nothing if they may not be seen, with errno set.
std::optional<std::vector<int>> read_numbers(const ProcFolder& proc, const char* name) {
  UniqueFd fd = proc.open_folder(name);
  if (!fd) return std::nullopt;
  using Folder = std::unique_ptr<DIR, decltype([](DIR* folder) { closedir(folder); })>;
  const Folder folder(fdopendir(fd.get()));
  if (!folder) return std::nullopt;
  (void)fd.release();
  std::vector<int> all;
  while (const dirent* entry = readdir(folder.get()))
    if (entry->d_name[0] != '.') all.push_back(std::atoi(entry->d_name));
  std::sort(all.begin(), all.end());
  return all;
}

// The lines "tfd: NUMBER ..." of /proc/PID/fdinfo/FD, see proc(5).
std::vector<int> read_watched(ProcFolder& proc, const std::vector<DescriptorFacts>& descriptors) {
  std::vector<int> all;
  for (const DescriptorFacts& descriptor : descriptors) {
    if (descriptor.kind != DescriptorFacts::kEpoll) continue;
    const std::string text = proc.read_all("fdinfo/" + std::to_string(descriptor.fd));
    constexpr std::string_view kKey = "\ntfd:";
    for (std::size_t at = text.find(kKey); at != text.npos; at = text.find(kKey, at + 1))
      all.push_back(number_in<int>(std::string_view(text).substr(at + kKey.size())));
  }
  std::sort(all.begin(), all.end());
  return all;
}

std::optional<std::vector<DescriptorFacts>> read_descriptors(const ProcFolder& proc) {
  const auto numbers = read_numbers(proc, "fd");
  if (!numbers) return std::nullopt;
  std::vector<DescriptorFacts> all;
  const UniqueFd folder = proc.open_folder("fd");
  for (const int number : *numbers) all.push_back(read_descriptor(folder.get(), number));
  return all;
}

std::vector<Pid> read_children(std::string_view text) {
  std::vector<Pid> all;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (const Pid pid = number_in<Pid>(text.substr(0, space)); pid > 0) all.push_back(pid);
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return all;
}

// Which descriptors refer to the same open file, where an inode doesn't tell: both ends of a pipe have the same one.
// kcmp(2) puts open files in an order, so that each costs the logarithm of how many there are.
class Sharing {
 public:
  explicit Sharing(int& denied) : denied_(denied) {}

  // One that was numbered earlier. Its process may have gone since: then another that has it is needed.
  void know(Pid pid, const DescriptorFacts& descriptor) {
    if (descriptor.file == 0 || known_.contains(descriptor.file)) return;
    next_ = std::max(next_, descriptor.file + 1);
    DescriptorFacts again = descriptor;
    again.file = 0;
    number(pid, again, descriptor.file);
    if (again.file == descriptor.file) known_.insert(descriptor.file);
  }
  void number(Pid pid, DescriptorFacts& descriptor) {
    number(pid, descriptor, next_);
    next_ += descriptor.file == next_ ? 1 : 0;
  }

 private:
  // The number that it has, or else `fresh`.
  void number(Pid pid, DescriptorFacts& descriptor, std::uint32_t fresh) {
    if (descriptor.kind == DescriptorFacts::kSocket) {
      // A socket has one open file: it can't be opened a second time.
      descriptor.file = sockets_.try_emplace(descriptor.inode, fresh).first->second;
      return;
    }
    if (denied_ != 0) return;
    int failed = 0;
    constexpr long kSame = 0, kLess = 1;
    const auto order_of = [&](const Known& known) {
      const long order = failed != 0 ? kSame : syscall(SYS_kcmp, known.pid, pid, KCMP_FILE, known.fd, descriptor.fd);
      if (order < 0) failed = errno;
      return order;
    };
    const auto at = std::partition_point(others_.begin(), others_.end(),
                                         [&](const Known& known) { return order_of(known) == kLess; });
    const bool same = at != others_.end() && order_of(*at) == kSame;
    if (failed == 0 && same)
      descriptor.file = at->file;
    else if (failed == 0)
      descriptor.file = others_.insert(at, {pid, descriptor.fd, fresh})->file;
    else if (failed != ESRCH && failed != EBADF)  // not one that went while it was looked at
      denied_ = failed;
  }

  struct Known {
    Pid pid;
    int fd;
    std::uint32_t file;
  };
  int& denied_;
  std::map<std::uint64_t, std::uint32_t> sockets_;  // by inode
  std::vector<Known> others_;                       // in the kernel's order
  std::unordered_set<std::uint32_t> known_;         // numbers that were given earlier
  std::uint32_t next_ = 1;
};

// "TIME-RUN TIME-WAITED TURNS", see Documentation/scheduler/sched-stats.rst of the kernel. It counts a turn when it
// begins and the time when it ends, so that both are needed: a process that goes to sleep is in a turn still.
RunFacts run_in(std::string_view schedstat) {
  const std::size_t last = schedstat.rfind(' ');
  if (last == schedstat.npos) return {};
  return {number_in<std::uint64_t>(schedstat), number_in<std::uint64_t>(schedstat.substr(last + 1))};
}

bool may_be_gone(int error) { return error == ENOENT || error == ESRCH; }

// What belongs to a process and not to each of its threads.
void read_process_wide(ProcessFacts& process, ProcFolder& proc, bool has_threads, Sharing& sharing,
                       std::array<int, 5>& denied) {
  process.descriptors = read_descriptors(proc);
  if (!process.descriptors && !may_be_gone(errno)) denied[static_cast<std::size_t>(Aspect::kDescriptors)] = errno;
  if (process.descriptors) {
    for (DescriptorFacts& descriptor : *process.descriptors) sharing.number(process.pid, descriptor);
    process.watched = read_watched(proc, *process.descriptors);
  }
  process.children = read_children(proc.read(("task/" + std::to_string(process.pid) + "/children").c_str()));
  if (!has_threads) return;
  if (auto threads = read_numbers(proc, "task")) process.threads = std::move(*threads);
  std::erase(process.threads, process.pid);
}

// Its memory is gone, and with it who may look: from then until it is a zombie, its files in /proc are root's.
bool is_ending(ProcFolder& proc) { return line_of(proc.read("status"), "\nVmSize:\t").empty(); }

ProcessFacts look_at(Pid pid, Sharing& sharing, std::array<int, 5>& denied) {
  std::array<int, 5> refused{};
  const auto refuse = [&](Aspect aspect) { refused[static_cast<std::size_t>(aspect)] = errno; };
  ProcessFacts process;
  process.pid = pid;
  ProcFolder proc(pid);
  process.run = run_in(proc.read("schedstat"));
  const std::string_view status = proc.read("status");
  if (status.empty()) {
    // Gone, or hidden (proc(5), hidepid).
    const int error = errno;
    const bool there = kill(pid, 0) == 0 || errno == EPERM;
    errno = may_be_gone(error) ? EACCES : error;
    if (there) denied[static_cast<std::size_t>(Aspect::kProcesses)] = errno;
    return process;
  }
  read_status(status, process);
  const bool has_threads = line_of(status, "\nThreads:\t") != "1";
  if (process.state == 'Z' && process.thread_of == 0) process.wait_status = read_wait_status(proc.read("stat"));
  if (process.state == 'Z' || process.state == '-') return process;
  const std::string_view call = proc.read("syscall");
  process.ran = call.starts_with("running");  // whatever its state: it may be about to sleep
  if (!process.ran) process.call = read_call(call);
  if (!process.ran && !process.call && !may_be_gone(errno)) refuse(Aspect::kCalls);
  if (process.thread_of == 0) read_process_wide(process, proc, has_threads, sharing, refused);
  process.ran = process.ran || run_in(proc.read("schedstat")) != process.run;
  if (refused == std::array<int, 5>{}) return process;
  if (is_ending(proc))
    process.ran = true;
  else
    for (std::size_t i = 0; i < refused.size(); ++i)
      if (refused[i] != 0) denied[i] = refused[i];
  return process;
}

void sort_by_pid(std::vector<ProcessFacts>& processes) {
  std::sort(processes.begin(), processes.end(),
            [](const ProcessFacts& a, const ProcessFacts& b) { return a.pid < b.pid; });
}

// Adds those processes, and their children and threads that are in none of the two.
void look_at_all(std::span<const Pid> processes, KernelFacts& facts) {
  Sharing sharing(facts.denied[static_cast<std::size_t>(Aspect::kSharing)]);
  if (!processes.empty())
    for (const ProcessFacts& known : facts.processes)
      if (known.descriptors)
        for (const DescriptorFacts& descriptor : *known.descriptors) sharing.know(known.pid, descriptor);
  for (const Pid pid : processes) facts.processes.push_back(look_at(pid, sharing, facts.denied));
  sort_by_pid(facts.processes);
  std::vector<ProcessFacts> others;
  for (const ProcessFacts& process : facts.processes)
    for (const auto* all : {&process.children, &process.threads})
      for (const Pid pid : *all)
        if (find_process(facts, pid) == nullptr) others.push_back(look_at(pid, sharing, facts.denied));
  facts.processes.insert(facts.processes.end(), others.begin(), others.end());
  sort_by_pid(facts.processes);
}

constexpr std::size_t kMostKept = 16;

}  // namespace

bool rested(const ProcessFacts& process) {
  return !process.ran && std::string_view("STtZ-").find(process.state) != std::string_view::npos;
}

const ProcessFacts* find_process(const KernelFacts& facts, Pid pid) {
  const auto at = std::lower_bound(facts.processes.begin(), facts.processes.end(), pid,
                                   [](const ProcessFacts& one, Pid wanted) { return one.pid < wanted; });
  return at != facts.processes.end() && at->pid == pid ? &*at : nullptr;
}

const SocketFacts* find_socket(const KernelFacts& facts, SocketEnd end) {
  const auto at = std::lower_bound(facts.sockets.begin(), facts.sockets.end(), end,
                                   [](const SocketFacts& one, SocketEnd wanted) { return one.end < wanted; });
  return at != facts.sockets.end() && at->end == end ? &*at : nullptr;
}

// /proc/PID/schedstat, kept open for the first few processes: they are asked many times a second.
bool Probe::has_rested_since(const ProcessFacts& before) {
  if (before.run.turns == 0 || !rested(before)) return false;
  auto kept = schedules_.find(before.pid);
  if (kept == schedules_.end()) {
    if (schedules_.size() == kMostKept) return run_in(ProcFolder(before.pid).read("schedstat")) == before.run;
    const std::string path = "/proc/" + std::to_string(before.pid) + "/schedstat";
    kept = schedules_.emplace(before.pid, UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC))).first;
  }
  char text[128];
  const ssize_t got = pread(kept->second.get(), text, sizeof text, 0);  // ESRCH when it is gone, whoever has its pid
  if (got > 0 && run_in({text, static_cast<std::size_t>(got)}) == before.run) return true;
  schedules_.erase(kept);
  return false;
}

bool Probe::have_all_rested(const KernelFacts& earlier) {
  return std::all_of(earlier.processes.begin(), earlier.processes.end(),
                     [&](const ProcessFacts& process) { return has_rested_since(process); });
}

void Probe::ask_about_sockets(std::span<const SocketEnd> ends, KernelFacts& facts) {
  int& denied = facts.denied[static_cast<std::size_t>(Aspect::kSockets)];
  if (denied != 0) return;
  if (!sockets_) {
    auto opened = SockDiag::open();
    if (!opened) {
      denied = opened.error().number;
      return;
    }
    sockets_ = std::move(*opened);
  }
  if (auto answers = sockets_->ask(ends))
    facts.sockets = std::move(*answers);
  else
    denied = answers.error().number;
  std::sort(facts.sockets.begin(), facts.sockets.end(), [](const auto& a, const auto& b) { return a.end < b.end; });
}

std::vector<Address> Probe::list_waiting(Address server) {
  if (!sockets_) return {};
  return sockets_->list_waiting(server).value_or(std::vector<Address>{});
}

// Those that have run since, or may have. The others are as they were.
std::vector<Pid> Probe::find_moved(std::span<const Pid> processes, const KernelFacts* earlier, KernelFacts& facts) {
  std::vector<Pid> moved;
  for (const Pid pid : processes) {
    const ProcessFacts* before = earlier != nullptr ? find_process(*earlier, pid) : nullptr;
    if (before != nullptr && has_rested_since(*before))
      facts.processes.push_back(*before);
    else
      moved.push_back(pid);
  }
  sort_by_pid(facts.processes);
  // What belongs to a process is changed by any of its threads.
  const KernelFacts rested = facts;
  std::erase_if(facts.processes, [&](const ProcessFacts& process) {
    const auto has_moved = [&](Pid thread) { return find_process(rested, thread) == nullptr; };
    const bool any = std::any_of(process.threads.begin(), process.threads.end(), has_moved);
    if (any) moved.push_back(process.pid);
    return any;
  });
  return moved;
}

KernelFacts Probe::look(std::span<const Pid> processes, std::span<const SocketEnd> ends, const KernelFacts* earlier) {
  KernelFacts facts;
  if (earlier != nullptr) {
    facts.denied = earlier->denied;
  } else {
    // Kernels may be built without it (CONFIG_PROC_CHILDREN).
    if (access("/proc/thread-self/children", R_OK) != 0)
      facts.denied[static_cast<std::size_t>(Aspect::kProcesses)] = errno;
    schedules_.clear();
  }
  look_at_all(find_moved(processes, earlier, facts), facts);
  std::erase_if(schedules_, [&](const auto& kept) { return find_process(facts, kept.first) == nullptr; });
  ask_about_sockets(ends, facts);
  return facts;
}

}  // namespace forktable
