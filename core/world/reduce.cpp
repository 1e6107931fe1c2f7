#include "core/world/reduce.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

#include "core/event/traits.hpp"
#include "core/world/bookkeeping.hpp"
#include "core/world/limits.hpp"
#include "core/world/reduce_approaches.hpp"
#include "core/world/reduce_clients.hpp"
#include "core/world/reduce_files.hpp"
#include "core/world/reduce_kernels_word.hpp"
#include "core/world/reduce_outside.hpp"
#include "core/world/reduce_returned.hpp"

namespace forktable {
namespace {

// What the server's processes do, as they tell it.
class ReduceServer : Bookkeeping {
 public:
  ReduceServer(World& world, const Event& event) : Bookkeeping(world, event) {}

  void operator()(const PlumbingOpened& what) {
    if (Process* process = actor(); process != nullptr && has_room_for_file(FileKind::kPlumbing)) {
      const FileId file = open_file(FileKind::kPlumbing).id;
      install(process_of(*process), what.fd, file);
    }
  }

  void operator()(const Listened& what) {
    Process* process = finish_call();
    if (process == nullptr || !has_room_for_file(FileKind::kListening)) return;
    // A socket that was there before listens now.
    OpenFile* known = file_at(*process, what.fd);
    const bool new_one = known == nullptr || known->kind != FileKind::kSocket;
    OpenFile& file = new_one ? open_file(FileKind::kListening) : *known;
    file.kind = FileKind::kListening;
    file.port = what.port;
    file.backlog = what.backlog;
    if (new_one) install(process_of(*process), what.fd, file.id);
    world_.port = what.port;
    world_.trouble.reset();
  }

  void operator()(const AcceptCalled& what) {
    Process* process = enter_call(Call::kAccept, what.fd);
    if (process == nullptr) return;
    if (process->accept_step == 0) process->accept_step = world_.step;
    if (process->place != 0) observe(Shape::kPool);
    looked_at<OpenFile>(process_of(*process).descriptors.size());
    for (const Descriptor& descriptor : process_of(*process).descriptors) {
      OpenFile* file = find(world_.files, descriptor.file);
      if (file != nullptr && file->handed_on && file->acceptor == process->id && file->kept_step == 0)
        file->kept_step = world_.step;
    }
  }

  void operator()(const Accepted& what) {
    Process* process = finish_call();
    if (process == nullptr || !has_room_for_file(FileKind::kConnection)) return;
    ++world_.counts.accepted;
    std::erase(process->ready, what.listenfd);
    const OpenFile* listener = file_at(*process, what.listenfd);
    if (listener == nullptr)
      anomaly("accept on descriptor " + std::to_string(what.listenfd) + ", which it doesn't hold");
    const Port port = listener != nullptr ? listener->port : world_.port;
    OpenFile& file = open_file(FileKind::kConnection);
    file.port = port;
    file.peer = what.peer;
    file.number = ++world_.connection_count;
    file.acceptor = process->id;
    process->accepted = file.id;
    // A child that accepts stays the child of the client that it was forked for, if it was.
    const bool for_itself = !process->parent || process->place != 0;
    if (for_itself) {
      process->connection = file.number;
      process->serves = {};
    }
    if (Client* client = caller_at(what.peer)) {
      join(*client, file);
      if (for_itself) process->serves = client->id;
    }
    install(process_of(*process), what.connfd, file.id);  // last: it may take another file away
    if (!is_trouble([](const CallFailed& failed) { return failed.call == Call::kFork; })) world_.trouble.reset();
  }

  void operator()(const ForkCalled& what) {
    Process* process = enter_call(Call::kFork, -1);
    if (process == nullptr) return;
    if (const auto before = fork_of(process->id); before != world_.expected.end()) {
      anomaly("process " + std::to_string(process->pid) + " called fork again, and the fork before it hasn't returned");
      abandon(before);
    }
    const Process& copied = process_of(*process);
    if (!has_room_for_process() || !has_room_for_descriptors(copied.descriptors.size())) return;
    ExpectedChild expected;
    expected.parent_pid = process->pid;
    Process& child = expected.child;
    child.id = {++world_.process_count};
    child.parent = process->id;
    child.fork = what.fork;
    child.child = ++world_.child_count;
    child.program = copied.program;
    child.counter = copied.counter;
    child.blocked = process->blocked;
    child.watched = copied.watched;
    child.descriptors = copied.descriptors;
    moved<Descriptor>(child.descriptors.size());
    moved<int>(child.watched.size());
    for (Descriptor& descriptor : child.descriptors) descriptor.inherited = true;
    child.accepted = process->accepted;
    child.serves = process->serves;
    child.connection = process->connection;
    if (OpenFile* file = find(world_.files, process->accepted)) {
      child.serves = file->client;
      child.connection = file->number;
      file->handed_on = true;
    }
    const bool for_client = holds(copied, process->accepted);
    if (for_client) observe(Shape::kForks);
    if (world_.shape_observed ? !for_client : copied.shape.has(Shape::kPool) && !process->accepted)
      child.place = free_place(process->id);
    child.shape = copied.shape;
    world_.expected.push_back(std::move(expected));
  }

  void operator()(const Forked& what) {
    Process* process = finish_call();
    if (process == nullptr) return;
    const ProcessId parent = process->id;
    const auto expected = find_expected(parent, what.fork);
    if (expected != world_.expected.end()) {
      appear(expected, what.child);
    } else if (!knows_child(parent, what.fork)) {
      anomaly("fork returned child " + std::to_string(what.child) + ", but no fork was called");
    }
    world_.trouble.reset();
  }

  void operator()(const ChildStarted& what) {
    const auto expected = look_for(world_.expected.begin(), world_.expected.end(), [&](const ExpectedChild& one) {
      return one.parent_pid == what.parent && one.child.fork == what.fork;
    });
    if (expected != world_.expected.end()) appear(expected, event_.pid);
    Process* process = actor();
    if (process == nullptr) return;
    if (process->fork != what.fork) {
      anomaly("child " + std::to_string(event_.pid) + " came from a fork that nobody called");
      return;
    }
    process->activity = {Activity::kRunning};
    process->line = event_.line;
  }

  void operator()(const ReadCalled& what) { enter_call(Call::kRead, what.fd); }

  void operator()(const Read& what) {
    if (Process* process = finish_call()) {
      process->activity.fd = what.fd;  // what it works on, if it does
      std::erase(process->ready, what.fd);
      take_out(*process, what.fd, what.bytes);
      if (OpenFile* fifo = fifo_at(*process, what.fd)) fifo->unread -= static_cast<int>(what.bytes);
      if (Client* client = outsider_at(*process, what.fd)) {
        client->sent += what.bytes;
        client->last_sent = what.text;
        move_on(*client, Client::kAwaitingEcho);
      }
    }
  }

  void operator()(const EndOfFile& what) {
    if (Process* process = finish_call()) {
      std::erase(process->ready, what.fd);
      take_out(*process, what.fd, 1);
      if (Client* client = outsider_at(*process, what.fd)) move_on(*client, Client::kHalfClosed);
    }
  }

  void operator()(const WriteCalled& what) { enter_call(Call::kWrite, what.fd); }

  void operator()(const Wrote& what) {
    if (Process* process = finish_call()) {
      if (OpenFile* file = file_at(*process, what.fd); file != nullptr && file->kind == FileKind::kConnection)
        file->written += what.bytes;
      if (OpenFile* fifo = fifo_at(*process, what.fd)) fifo->unread += static_cast<int>(what.bytes);
      if (Client* client = outsider_at(*process, what.fd)) {
        client->received += what.bytes;
        client->last_received = client->last_sent;
        if (client->received >= client->sent) move_on(*client, Client::kEchoed);
      }
    }
  }

  void operator()(const Closed& what) {
    Process* process = finish_call();
    if (process == nullptr) return;
    Process& table = process_of(*process);
    const Descriptor* descriptor = find_descriptor(table, what.fd);
    if (descriptor == nullptr) {
      anomaly("closed descriptor " + std::to_string(what.fd) + ", which it doesn't hold");
      return;
    }
    const FileId id = descriptor->file;
    note_closed(table, *descriptor, false);
    looked_at<Process>(world_.processes.size());
    for (Process& thread : world_.processes) {
      if ((thread.thread_of ? thread.thread_of : thread.id) != table.id || thread.id == process->id) continue;
      if (uses(thread, what.fd)) thread.keeps = id;
      if (thread.thread_of && thread.life == Life::kAlive && thread.argument == what.fd && thread.accepted == id &&
          !thread.descriptor_closed_by) {
        thread.descriptor_closed_by = process->id;
        thread.descriptor_closed_step = world_.step;
      }
    }
    erase(table.descriptors, table.descriptors.begin() + (descriptor - table.descriptors.data()));
    looked_at<int>(table.watched.size() + table.ready.size());
    std::erase(table.watched, what.fd);  // an epoll instance forgets what has no reference any more
    std::erase(table.ready, what.fd);
    release(id, Change::kClosed);
  }

  void operator()(const ExitCalled& what) {
    Process* process = finish_call();
    if (process == nullptr) return;
    process->wait_status = (what.status & 0xFF) << 8;  // as wait(2) will tell it
    die(*process);
  }

  void operator()(const SignalDelivered& what) {
    Process* process = actor();
    if (process == nullptr) return;
    if (process->in_handler == 0) {
      process->line_outside = process->line;
      process->activity_outside = process->activity;
    }
    if (is_changing_mask(*process)) process->returned = {};  // it hasn't, after all
    process->in_handler = what.signal;
    if (what.signal != SIGCHLD) return;
    process->nobody_left = false;
    process->delivered_at = event_.at;
  }

  void operator()(const HandlerReturned& what) {
    Process* process = actor();
    if (process == nullptr) return;
    process->in_handler = 0;
    process->line = process->line_outside;
    process->activity = process->activity_outside;
    if (what.signal == SIGCHLD) process->handled_at = event_.at;
  }

  void operator()(const Reaped& what) {
    Process* reaper = finish_waitpid();
    if (reaper == nullptr) return;
    reaper->nobody_left = false;
    reaper->line = event_.line;
    const ProcessId parent = reaper->id;
    // The earliest: a pid is used again only after it has been reaped.
    const auto earliest = look_for(world_.processes.begin(), world_.processes.end(),
                                   [&](const Process& one) { return one.pid == what.child && one.parent == parent; });
    Process* child = earliest != world_.processes.end() ? &*earliest : nullptr;
    if (child == nullptr) {
      // Killed before it could say a word, while its parent was still inside fork.
      if (const auto expected = fork_of(parent); expected != world_.expected.end())
        child = appear(expected, what.child);
    }
    if (child == nullptr) {
      anomaly("reaped " + std::to_string(what.child) + ", which is no child of it");
      return;
    }
    depart(*child, what.status);
  }

  void operator()(const WaitpidCalled&) { enter_call(Call::kWaitpid, -1); }

  void operator()(const NothingToReap&) {
    if (Process* process = actor()) {
      process->nobody_left = true;
      process->line = event_.line;
    }
  }

  void operator()(const CallFailed& what) {
    Process* process = what.call == Call::kWaitpid ? finish_waitpid() : finish_call();
    if (process == nullptr) return;
    if (what.call == Call::kWaitpid) {
      process->nobody_left = what.error == ECHILD;
      process->line = event_.line;
      return;
    }
    if (what.call == Call::kFork)
      if (const auto expected = fork_of(process->id); expected != world_.expected.end()) abandon(expected);
    if (what.call == Call::kPthreadCreate) {
      // The latest: those before it are there, and haven't said so yet.
      const ProcessId owner = process_of(*process).id;
      const auto failed = std::find_if(world_.expected.rbegin(), world_.expected.rend(),
                                       [&](const ExpectedChild& one) { return one.child.thread_of == owner; });
      if (failed != world_.expected.rend()) world_.expected.erase(std::next(failed).base());
    }
    if (process->id != world_.server) return;
    if (!is_trouble([&](const CallFailed& failed) { return failed.call == what.call && failed.error == what.error; }))
      world_.trouble_step = world_.step;
    world_.trouble = event_;
    world_.errno_seen.reset();
  }

  void operator()(const ErrnoSeen& what) {
    Process* process = actor();
    if (process != nullptr && process->id == world_.server) world_.errno_seen = what.error;
  }

  void operator()(const GateReached& what) {
    if (Process* process = present()) {
      process->gate = Gate{what.call, what.fd};
      if (is_changing_mask(*process)) process->activity = {Activity::kRunning};
      if (event_.line != 0) process->line = event_.line;  // a thread that has returned stays where it was
    }
  }

  void operator()(const LimitsKnown& what) {
    if (present() == nullptr) return;
    world_.descriptor_limit = what.descriptors;
    world_.children_limit = what.children;
  }

  void operator()(const BackedOff&) {
    if (Process* process = actor()) {
      process->activity = {Activity::kBackingOff};
      process->line = event_.line;
    }
  }

 private:
  // In sigprocmask(2), which nobody tells the end of.
  static bool is_changing_mask(const Process& process) {
    return process.in_handler == 0 && process.activity.kind == Activity::kInCall &&
           process.activity.call == Call::kSigprocmask;
  }
  // What the kernel said was waiting there has been read since: so many bytes, or the end of file, which counts as one.
  void take_out(const Process& process, int fd, std::uint32_t bytes) {
    if (OpenFile* file = file_at(process, fd)) file->socket.receive -= std::min(file->socket.receive, bytes);
  }
  // The first that none of its children has, from 1.
  std::uint32_t free_place(ProcessId parent) {
    std::vector<std::uint32_t> taken;
    looked_at<Process>(world_.processes.size());
    for (const Process& one : world_.processes)
      if (one.parent == parent && one.place != 0) taken.push_back(one.place);
    std::sort(taken.begin(), taken.end());
    std::uint32_t place = 1;
    for (const std::uint32_t one : taken) place += one == place ? 1 : 0;
    return place;
  }
  // waitpid(2) without WNOHANG is called by the program itself. With it, the signal handler calls it, in the middle of
  // whatever the process is in, and reports only how it ended; so that leaves the call that was interrupted as it is.
  Process* finish_waitpid() {
    const Process* caller = find_by_pid(event_.pid);
    const bool waited = caller != nullptr && caller->in_handler == 0 && caller->activity.kind == Activity::kInCall &&
                        caller->activity.call == Call::kWaitpid;
    return waited ? finish_call() : actor();
  }
  bool is_trouble(auto&& such) const {
    const auto* failed = world_.trouble ? std::get_if<CallFailed>(&world_.trouble->what) : nullptr;
    return failed != nullptr && such(*failed);
  }
};

}  // namespace

void reduce(World& world, const Event& event) {
  ++world.step;
  world.late += event.at < world.now ? 1 : 0;
  world.now = std::max(world.now, event.at);
  if (moves_of(event.what) != Moves::kNothing) {
    if (const Nanoseconds rests = std::exchange(world.lesson_rests, 0); rests != 0)
      world.lesson_rested += std::max<Nanoseconds>(0, world.now - rests);
    if (world.moved_step <= world.check_step) world.moved_at = world.now;
    world.moved_step = world.step;
  }
  std::visit(Overloaded{ReduceServer{world, event}, ReduceOutside{world, event}, ReduceApproaches{world, event},
                        ReduceClients{world, event}, ReduceFiles{world, event}, ReduceKernelsWord{world, event}},
             event.what);
  ReduceReturned returned{world, event};
  std::visit(returned, event.what);
  returned.let_go_of_kept();
}

}  // namespace forktable
