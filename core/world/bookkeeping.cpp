#include "core/world/bookkeeping.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "core/world/limits.hpp"

namespace forktable {
void Bookkeeping::anomaly(std::string text) {
  ++world_.anomaly_count;
  if (world_.anomalies.size() < kMostAnomalies) world_.anomalies.push_back({world_.step, event_.at, std::move(text)});
}

bool Bookkeeping::has_room_for_process() {
  if (world_.processes.size() + world_.expected.size() < kMostProcesses) return true;
  anomaly("there are " + std::to_string(kMostProcesses) + " processes already, the most that can be shown");
  return false;
}

bool Bookkeeping::has_room_for_descriptors(std::size_t more) {
  std::size_t all = more;
  looked_at<Process>(world_.processes.size() + world_.expected.size());
  for (const Process& process : world_.processes) all += process.descriptors.size();
  for (const ExpectedChild& expected : world_.expected) all += expected.child.descriptors.size();
  if (all <= kMostDescriptors) return true;
  anomaly("there would be " + std::to_string(all) + " descriptors, and the most that can be shown is " +
          std::to_string(kMostDescriptors));
  return false;
}

bool Bookkeeping::has_room_for_file(FileKind kind) {
  if (world_.files.size() >= kMostFiles) {
    anomaly("there are " + std::to_string(kMostFiles) + " open files already, the most that can be shown");
    return false;
  }
  const auto listens = [](const OpenFile& file) { return file.kind == FileKind::kListening; };
  if (kind == FileKind::kListening &&
      std::count_if(world_.files.begin(), world_.files.end(), listens) >= static_cast<std::ptrdiff_t>(kMostListening)) {
    anomaly("there are " + std::to_string(kMostListening) + " listening sockets already, the most that can be shown");
    return false;
  }
  return has_room_for_descriptors(1);
}

Process* Bookkeeping::find_by_pid(Pid pid) {
  const auto at = std::lower_bound(world_.by_pid.begin(), world_.by_pid.end(), std::pair{pid, ProcessId{}});
  return at != world_.by_pid.end() && at->first == pid ? find(world_.processes, at->second) : nullptr;
}

Process& Bookkeeping::process_of(Process& thread) {
  Process* process = thread.thread_of ? find(world_.processes, thread.thread_of) : nullptr;
  return process != nullptr ? *process : thread;
}

Process* Bookkeeping::present() {
  Process* process = find_by_pid(event_.pid);
  if (process == nullptr) {
    anomaly("a report of process " + std::to_string(event_.pid) + ", which nobody forked");
    return nullptr;
  }
  if (process->life != Life::kAlive) {
    anomaly("a report of process " + std::to_string(event_.pid) + ", which has ended");
    return nullptr;
  }
  return process;
}

Process* Bookkeeping::actor() {
  Process* process = present();
  if (process == nullptr) return nullptr;
  process->gate.reset();
  process->stopped = process->traced = false;
  process->acted_step = world_.step;
  return process;
}

Process* Bookkeeping::step(Activity activity) {
  Process* process = actor();
  if (process == nullptr) return nullptr;
  if (process->first_acted_step == 0) process->first_acted_step = world_.step;
  process->acted_at = event_.at;
  if (activity.kind == Activity::kInCall) let_go(*process);  // it has left the call before, and nobody told of that
  process->activity = activity;
  process->line = event_.line;
  return process;
}

Process* Bookkeeping::enter_call(Call call, int fd) { return step({Activity::kInCall, call, fd}); }

Process* Bookkeeping::finish_call() { return step({Activity::kRunning}); }

void Bookkeeping::note_return(Process& process, Call call, int fd, std::int64_t result, int error) const {
  if (process.life == Life::kAlive) process.returned = {call, fd, result, error, event_.at, world_.step, event_.line};
}

void Bookkeeping::add(Process process) {
  const std::pair entry{process.pid, process.id};
  const auto at = std::lower_bound(world_.by_pid.begin(), world_.by_pid.end(), std::pair{process.pid, ProcessId{}});
  if (at != world_.by_pid.end() && at->first == process.pid)
    *at = entry;  // the earlier one has been reaped, and the report of it is still on its way
  else
    insert(world_.by_pid, at, entry);
  const auto where = std::upper_bound(world_.processes.begin(), world_.processes.end(), process.id,
                                      [](ProcessId id, const Process& one) { return id < one.id; });
  insert(world_.processes, where, std::move(process));
}

Bookkeeping::Expected Bookkeeping::fork_of(ProcessId parent) {
  return look_for(world_.expected.begin(), world_.expected.end(),
                  [&](const ExpectedChild& one) { return one.child.parent == parent && !one.child.thread_of; });
}

Bookkeeping::Expected Bookkeeping::find_expected(ProcessId parent, std::uint32_t fork) {
  return look_for(world_.expected.begin(), world_.expected.end(), [&](const ExpectedChild& one) {
    return one.child.parent == parent && one.child.fork == fork && !one.child.thread_of;
  });
}

Bookkeeping::Expected Bookkeeping::find_expected_thread(ProcessId process, std::uint32_t create) {
  return look_for(world_.expected.begin(), world_.expected.end(),
                  [&](const ExpectedChild& one) { return one.child.thread_of == process && one.child.fork == create; });
}

bool Bookkeeping::knows_child(ProcessId parent, std::uint32_t fork) {
  const auto is_it = [&](const Process& one) { return one.parent == parent && one.fork == fork; };
  return look_for(world_.processes.rbegin(), world_.processes.rend(), is_it) != world_.processes.rend() ||
         look_for(world_.departed.rbegin(), world_.departed.rend(), is_it) != world_.departed.rend();
}

Process* Bookkeeping::appear(Expected expected, Pid pid) {
  Process child = std::move(expected->child);
  erase(world_.expected, expected);
  const ProcessId id = child.id;
  child.pid = pid;
  child.started_at = event_.at;
  child.started_step = world_.step;
  ++(child.thread_of ? world_.counts.threads : world_.counts.forked);
  for (const Descriptor& descriptor : child.descriptors) mark(descriptor.file, Change::kForked);
  add(std::move(child));
  return find(world_.processes, id);
}

void Bookkeeping::abandon(Expected expected) {
  const std::vector<Descriptor> held = std::move(expected->child.descriptors);
  if (expected->child.child == world_.child_count) --world_.child_count;
  erase(world_.expected, expected);
  drop_if_unreferenced(held);  // it never counted
}

void Bookkeeping::abandon_all() {
  std::vector<Descriptor> held;
  for (const ExpectedChild& expected : world_.expected)
    held.insert(held.end(), expected.child.descriptors.begin(), expected.child.descriptors.end());
  world_.expected.clear();
  drop_if_unreferenced(held);
}

void Bookkeeping::die(Process& process) {
  if (process.life != Life::kAlive) return;
  process.life = Life::kDead;
  process.ended_at = event_.at;
  process.ended_step = world_.step;
  process.in_handler = 0;
  process.gate.reset();
  process.stopped = process.traced = false;
  process.signals = {};
  process.blocked = 0;
  process.jobs.clear();
  process.watched.clear();
  process.ready.clear();
  if (world_.semaphore && process.id >= world_.server) world_.semaphore->value += process.undo;
  if (process.thread_of)
    ++world_.counts.ended_threads;
  else if (process.id != world_.server)
    ++world_.counts.exited;
  const ProcessId id = process.id;
  const std::vector<Descriptor> held = std::move(process.descriptors);
  process.descriptors.clear();
  process.closed.clear();
  // What is killed calls no exit.
  const Change change = std::holds_alternative<ExitCalled>(event_.what) ? Change::kExited : Change::kEnded;
  for (const Descriptor& descriptor : held) mark(descriptor.file, change);
  drop_if_unreferenced(held);
  let_go(process, change);
  if (process.thread_of) return;
  looked_at<ExpectedChild>(world_.expected.size());
  std::erase_if(world_.expected, [&](const ExpectedChild& one) { return one.child.thread_of == id; });
  // From behind, where threads are: departing moves only what comes after. `process` stays where it is, being older.
  for (std::size_t i = world_.processes.size(); i-- > 0 && world_.processes[i].id > id;) {
    looked_at<Process>(1);
    if (world_.processes[i].thread_of == id) depart(world_.processes[i], std::nullopt);
  }
}

void Bookkeeping::depart(Process& process, std::optional<int> wait_status) {
  die(process);
  process.life = Life::kReaped;
  process.wait_status = wait_status;
  process.reaped_at = event_.at;
  if (process.id != world_.server && !process.thread_of) ++world_.counts.reaped;
  std::erase_if(world_.differences, [&](const Difference& one) { return one.pid == process.pid; });
  const auto at = std::lower_bound(world_.by_pid.begin(), world_.by_pid.end(), std::pair{process.pid, ProcessId{}});
  if (at != world_.by_pid.end() && at->second == process.id) erase(world_.by_pid, at);
  const auto where = position(world_.processes, process.id);
  Process past = std::move(*where);
  erase(world_.processes, where);
  remember(world_.departed, std::move(past));
}

void Bookkeeping::observe(Shape::Trait trait) {
  if (!world_.shape_observed || world_.shape.has(trait)) return;
  world_.shape.traits |= trait;
  looked_at<Process>(world_.processes.size());
  for (Process& process : world_.processes)
    if (process.id >= world_.server) process.shape = world_.shape;
}

OpenFile& Bookkeeping::open_file(FileKind kind) {
  OpenFile file;
  file.id = {++world_.file_count};
  file.kind = kind;
  file.changed_at = event_.at;
  world_.files.push_back(file);
  return world_.files.back();
}

void Bookkeeping::install(Process& process, int fd, FileId file) {
  const auto at = std::lower_bound(process.descriptors.begin(), process.descriptors.end(), fd,
                                   [](const Descriptor& one, int wanted) { return one.fd < wanted; });
  std::erase_if(process.closed, [&](const ClosedDescriptor& one) { return one.fd == fd; });
  if (at == process.descriptors.end() || at->fd != fd) {
    insert(process.descriptors, at, {fd, file, false});
    return;
  }
  anomaly("descriptor " + std::to_string(fd) + " of process " + std::to_string(process.pid) +
          " was opened, and it was open already");
  const FileId before = at->file;
  *at = {fd, file, false};
  release(before, Change::kClosed);
}

void Bookkeeping::note_closed(Process& process, const Descriptor& descriptor, bool by_exec) {
  const OpenFile* file = find(world_.files, descriptor.file);
  if (file == nullptr || file->kind == FileKind::kPlumbing) return;
  if (process.closed.size() == kMostClosed) process.closed.erase(process.closed.begin());
  process.closed.push_back({descriptor.fd, file->kind, file->id, file->number, event_.at, by_exec});
}

void Bookkeeping::mark(FileId id, Change change) {
  if (OpenFile* file = find(world_.files, id)) {
    const bool once_more = file->changed_step == world_.step && file->change == change;
    file->changed_by = once_more ? file->changed_by + 1 : 1;
    file->change = change;
    file->changed_at = event_.at;
    file->changed_step = world_.step;
  }
}

void Bookkeeping::release(FileId id, Change change) {
  mark(id, change);
  drop_if_unreferenced(id);
}

void Bookkeeping::drop_if_unreferenced(FileId id) {
  const auto holds = [&](const Process& process) {
    return process.keeps == id ||
           look_for(process.descriptors.begin(), process.descriptors.end(),
                    [&](const Descriptor& one) { return one.file == id; }) != process.descriptors.end();
  };
  if (look_for(world_.processes.rbegin(), world_.processes.rend(), holds) != world_.processes.rend()) return;
  if (look_for(world_.expected.begin(), world_.expected.end(),
               [&](const ExpectedChild& one) { return holds(one.child); }) != world_.expected.end())
    return;
  const auto file = position(world_.files, id);
  if (file == world_.files.end()) return;
  const OpenFile gone = *file;
  erase(world_.files, file);
  close(gone);
}

void Bookkeeping::drop_if_unreferenced(const std::vector<Descriptor>& held) {
  if (held.empty()) return;
  const auto [first, last] = std::minmax_element(
      held.begin(), held.end(), [](const Descriptor& a, const Descriptor& b) { return a.file < b.file; });
  const std::uint32_t lowest = first->file.value, highest = last->file.value;
  std::vector<bool> unheld(highest - lowest + 1);  // by id
  for (const Descriptor& descriptor : held) unheld[descriptor.file.value - lowest] = true;
  const auto look = [&](const Process& process) {
    looked_at<Process>(1);
    looked_at<Descriptor>(process.descriptors.size());
    const auto hold = [&](FileId id) {
      if (id.value >= lowest && id.value <= highest) unheld[id.value - lowest] = false;
    };
    for (const Descriptor& descriptor : process.descriptors) hold(descriptor.file);
    hold(process.keeps);
  };
  for (const Process& process : world_.processes) look(process);
  for (const ExpectedChild& expected : world_.expected) look(expected.child);
  std::vector<OpenFile> gone;
  moved<OpenFile>(world_.files.size());
  moved<Descriptor>(held.size());
  std::erase_if(world_.files, [&](const OpenFile& file) {
    const bool goes = file.id.value >= lowest && file.id.value <= highest && unheld[file.id.value - lowest];
    if (goes) gone.push_back(file);
    return goes;
  });
  for (const OpenFile& file : gone) close(file);
}

void Bookkeeping::let_go(Process& process, Change change) {
  if (const FileId kept = std::exchange(process.keeps, FileId{})) release(kept, change);
}

// Nobody refers to it any more, and it is out of the table.
void Bookkeeping::close(const OpenFile& file) {
  if (file.kind == FileKind::kConnection) ++world_.counts.closed;
  if (file.kind != FileKind::kPlumbing) {
    if (world_.gone_files.size() == kMostGoneFiles) world_.gone_files.erase(world_.gone_files.begin());
    world_.gone_files.push_back(file);
  }
  if (file.kind == FileKind::kListening) end_outsiders_in_queue();
  if (Client* client = find(world_.clients, file.client)) {
    client->connection = {};
    if (client->outsider) end(*client, Client::kClosed);
  } else if (Client* gone = file.client ? find_gone(file.client) : nullptr) {
    gone->connection = {};
  }
}

OpenFile* Bookkeeping::file_at(const Process& process, int fd) {
  if (process.keeps) return find(world_.files, process.keeps);  // whatever the number refers to by now
  const Descriptor* descriptor = find_descriptor(forktable::process_of(world_, process), fd);
  return descriptor != nullptr ? find(world_.files, descriptor->file) : nullptr;
}

OpenFile* Bookkeeping::fifo_at(const Process& process, int fd) {
  OpenFile* file = file_at(process, fd);
  return file != nullptr && file->kind == FileKind::kFifo ? file : nullptr;
}

Socket* Bookkeeping::find_socket(SocketEnd end) {
  const auto file = look_for(world_.files.rbegin(), world_.files.rend(),
                             [&](const OpenFile& one) { return is_socket(one.kind) && end_of(one) == end; });
  if (file != world_.files.rend()) return &file->socket;
  Client* client = end.peer.port != 0 ? find_followed_at(end.local) : nullptr;
  return client != nullptr ? &client->socket : nullptr;
}

void Bookkeeping::settle_difference(Differs in, Pid pid, int number) {
  std::erase_if(world_.differences,
                [&](const Difference& one) { return one.in == in && one.pid == pid && one.number == number; });
}

}  // namespace forktable
