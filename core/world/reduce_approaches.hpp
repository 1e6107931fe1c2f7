// A part of reduce(): what only some servers do. Threads, waiting for many descriptors at once, what is shared, and
// other programs, and lists of children.
#pragma once

#include <algorithm>
#include <csignal>

#include "core/world/bookkeeping.hpp"

namespace forktable {

class ReduceApproaches : Bookkeeping {
 public:
  ReduceApproaches(World& world, const Event& event) : Bookkeeping(world, event) {}

  // ---- threads ----

  void operator()(const ThreadCreateCalled& what) {
    Process* creator = enter_call(Call::kPthreadCreate, -1);
    if (creator == nullptr || !has_room_for_process()) return;
    observe(Shape::kThreads);
    const Process& process = process_of(*creator);
    ExpectedChild expected;
    expected.parent_pid = process.pid;
    Process& thread = expected.child;
    thread.id = {++world_.process_count};
    thread.parent = process.id;
    thread.thread_of = process.id;
    thread.shape = process.shape;
    thread.fork = what.create;
    if (const OpenFile* file = find(world_.files, creator->accepted)) {
      thread.accepted = file->id;
      thread.serves = file->client;
      thread.connection = file->number;
    }
    world_.expected.push_back(std::move(expected));
  }

  void operator()(const ThreadCreated&) { finish_call(); }

  void operator()(const ThreadStarted& what) {
    const auto expected = look_for(world_.expected.begin(), world_.expected.end(), [&](const ExpectedChild& one) {
      return one.child.thread_of && one.parent_pid == what.process && one.child.fork == what.create;
    });
    if (expected != world_.expected.end()) appear(expected, event_.pid);
    Process* thread = actor();
    if (thread == nullptr) return;
    if (!thread->thread_of || thread->fork != what.create) {
      anomaly("thread " + std::to_string(event_.pid) + " started, and nobody made it");
      return;
    }
    thread->activity = {Activity::kRunning};
    thread->line = event_.line;
  }

  // What it serves from now on, whatever it was made for.
  void operator()(const ArgumentRead& what) {
    Process* thread = finish_call();
    if (thread == nullptr) return;
    const Descriptor* descriptor = find_descriptor(process_of(*thread), what.fd);
    const OpenFile* file = descriptor != nullptr ? find(world_.files, descriptor->file) : nullptr;
    if (OpenFile* meant = find(world_.files, thread->accepted); meant != nullptr && meant != file)
      meant->missed_step = world_.step;
    thread->accepted = file != nullptr ? file->id : FileId{};
    thread->serves = file != nullptr ? file->client : ClientId{};
    thread->connection = file != nullptr ? file->number : 0;
    thread->argument = what.fd;
  }

  void operator()(const ThreadDetached&) {
    if (Process* thread = finish_call()) thread->detached = true;
  }

  // In the kernel it is gone at once. One that isn't detached leaves its stack and its result for who joins it.
  void operator()(const ThreadEnded&) {
    Process* thread = finish_call();
    if (thread == nullptr) return;
    if (!thread->thread_of) return anomaly("a thread ended that is a process");
    if (thread->detached)
      depart(*thread, std::nullopt);
    else
      die(*thread);
  }

  void operator()(const ThreadJoined& what) {
    const Process* joiner = finish_call();
    if (joiner == nullptr) return;
    Process* thread = find_by_pid(what.thread);
    if (thread == nullptr || thread->life != Life::kDead ||
        thread->thread_of != process_of(*find_by_pid(event_.pid)).id)
      return anomaly("joined thread " + std::to_string(what.thread) + ", which hasn't ended");
    depart(*thread, std::nullopt);
  }

  // ---- waiting for many descriptors at once ----

  void operator()(const EpollOpened& what) { opened(what.fd, FileKind::kEpoll); }

  void operator()(const Watched& what) {
    Process* process = finish_call();
    if (process == nullptr) return;
    Process& owner = process_of(*process);
    if (holds(owner, what.fd)) keep(owner.watched, what.fd);
  }

  void operator()(const Unwatched& what) {
    Process* process = finish_call();
    if (process == nullptr) return;
    Process& owner = process_of(*process);
    looked_at<int>(owner.watched.size() + owner.ready.size());
    std::erase(owner.watched, what.fd);
    std::erase(owner.ready, what.fd);
  }

  void operator()(const PollCalled& what) {
    Process* process = enter_call(what.call, what.fd);
    if (process == nullptr) return;
    process->ready.clear();
    observe(what.call == Call::kSelect ? Shape::kSelects : Shape::kEpolls);
  }

  void operator()(const FoundReady& what) {
    Process* process = actor();
    if (process != nullptr && holds(process_of(*process), what.fd)) keep(process->ready, what.fd);
  }

  void operator()(const PollReturned& what) {
    const Process* caller = find_by_pid(event_.pid);
    const int fd = caller != nullptr ? caller->activity.fd : -1;  // of the epoll instance; nobody tells of it again
    if (Process* process = finish_call()) note_return(*process, what.call, fd, what.ready);
  }

  void operator()(const Worked&) {
    if (Process* process = actor()) {
      process->activity = {Activity::kWorking, Call::kRead, process->activity.fd};
      process->line = event_.line;
    }
  }

  // ---- what is shared ----

  void operator()(const Counted& what) {
    Process* process = actor();
    if (process == nullptr) return;
    process->line = event_.line;
    Process& owner = process_of(*process);
    owner.counter = static_cast<std::uint32_t>(std::max(0, what.value));
    owner.counted_step = world_.step;
  }

  void operator()(const FifoOpened& what) { opened(what.fd, FileKind::kFifo); }

  void operator()(const SegmentAttached& what) {
    if (finish_call() == nullptr) return;
    world_.segment.emplace();
    world_.segment->id = what.segment;
    world_.segment->bytes = what.bytes;
  }

  void operator()(const SemaphoreMade& what) {
    if (finish_call() == nullptr) return;
    world_.semaphore.emplace();
    world_.semaphore->id = what.semaphore;
    world_.semaphore->value = what.value;
  }

  void operator()(const SemaphoreCalled&) { enter_call(Call::kSemop, -1); }

  void operator()(const SemaphoreTaken&) { change_semaphore(-1); }

  void operator()(const SemaphoreGiven&) { change_semaphore(1); }

  void operator()(const Loaded& what) {
    if (Process* process = finish_call()) process->loaded = what.value;
  }

  void operator()(const Stored& what) {
    Process* process = finish_call();
    if (process == nullptr) return;
    process->loaded.reset();
    if (!world_.segment) return anomaly("wrote to a shared segment, and there is none");
    Segment& segment = *world_.segment;
    ++segment.stores;
    segment.value = what.value;
    if (segment.lost_step == 0 && what.value < static_cast<int>(segment.stores)) segment.lost_step = world_.step;
  }

  // ---- other programs ----

  // It may have been told in the middle of anything, as a switched line is heeded at once.
  void operator()(const CloexecSet& what) {
    Process* process = present();
    if (process == nullptr) return;
    process->acted_step = world_.step;
    if (!process->gate && process->activity.kind != Activity::kInCall) process->line = event_.line;
    for (Descriptor& one : process_of(*process).descriptors)
      if (one.fd == what.fd) return void(one.cloexec = what.on != 0);
    anomaly("close-on-exec for descriptor " + std::to_string(what.fd) + ", which process " +
            std::to_string(process->pid) + " doesn't hold");
  }

  void operator()(const Duplicated& what) {
    Process* process = finish_call();
    if (process == nullptr) return;
    Process& table = process_of(*process);
    const Descriptor* old = find_descriptor(table, what.oldfd);
    if (old == nullptr)
      return anomaly("dup2 of descriptor " + std::to_string(what.oldfd) + ", which process " +
                     std::to_string(process->pid) + " doesn't hold");
    if (what.oldfd == what.newfd || !has_room_for_descriptors(1)) return;
    const FileId file = old->file;
    FileId before;
    if (const Descriptor* replaced = find_descriptor(table, what.newfd)) {
      before = replaced->file;
      erase(table.descriptors, table.descriptors.begin() + (replaced - table.descriptors.data()));
    }
    install(table, what.newfd, file);
    mark(file, Change::kDuplicated);
    if (before && before != file) release(before, Change::kClosed);
  }

  void operator()(const ExecCalled&) { enter_call(Call::kExec, -1); }

  // Its variables are gone with its program. What the kernel keeps of a process is as it was.
  void operator()(const Executed& what) {
    Process* process = finish_call();
    if (process == nullptr) return;
    process->program = what.program;
    process->executed_step = world_.step;
    if (process->parent && process->accepted) observe(Shape::kExecs);
    process->counter = 0;
    process->counted_step = 0;
    process->loaded.reset();
    process->in_handler = 0;
    std::vector<Descriptor> closed;
    looked_at<Descriptor>(process->descriptors.size());
    for (const Descriptor& descriptor : process->descriptors)
      if (descriptor.cloexec) closed.push_back(descriptor);
    for (const Descriptor& descriptor : closed) note_closed(*process, descriptor, true);
    std::erase_if(process->descriptors, [](const Descriptor& one) { return one.cloexec; });
    for (const Descriptor& descriptor : closed) mark(descriptor.file, Change::kExecuted);
    drop_if_unreferenced(closed);
  }

  // ---- a list of children ----

  // It is told before the call returns, as what it unblocks is delivered inside it.
  void operator()(const MaskChanged& what) {
    Process* process = enter_call(Call::kSigprocmask, -1);
    if (process == nullptr) return;
    // A child does that to undo what its parent did: what it does first is what comes after.
    if (process->parent && process->first_acted_step == world_.step) process->first_acted_step = 0;
    process->blocked = what.blocked;
    if (has_signal(what.before, SIGCHLD) && !has_signal(what.blocked, SIGCHLD)) process->unblocked_at = event_.at;
  }

  void operator()(const JobAdded& what) {
    Process* process = finish_call();
    if (process == nullptr) return;
    if (process->jobs.size() >= kMostJobs)
      return anomaly("the list of children of process " + std::to_string(process->pid) + " has " +
                     std::to_string(kMostJobs) + " entries already, the most that can be shown");
    const auto is_it = [&](const Process& one) { return one.pid == what.job && one.parent == process->id; };
    Job job{what.job, {}, false, world_.step};
    // By pid it is found at once where it is there; a process that has gone is looked for from the latest.
    const Process* child = find_by_pid(what.job);
    if (child != nullptr && is_it(*child)) {
      job.child = child->id;
    } else {
      const auto gone = look_for(world_.departed.rbegin(), world_.departed.rend(), is_it);
      if (gone != world_.departed.rend()) job.child = gone->id;
      job.late = job.child.value != 0;
    }
    process->jobs.push_back(job);
  }

  // By the handler, as a rule, in the middle of whatever the process is in.
  void operator()(const JobDeleted& what) {
    Process* process = actor();
    if (process == nullptr) return;
    process->line = event_.line;
    if (what.found == 0) return;
    // Of two with the same pid, the program doesn't care which.
    const auto latest =
        look_for(process->jobs.rbegin(), process->jobs.rend(), [&](const Job& one) { return one.pid == what.job; });
    if (latest == process->jobs.rend())
      return anomaly("took " + std::to_string(what.job) + " out of a list of children, where it wasn't");
    erase(process->jobs, std::prev(latest.base()));
  }

 private:
  // Nobody can wait for a descriptor that isn't open; else there is an anomaly.
  bool holds(const Process& process, int fd) {
    if (find_descriptor(process, fd) != nullptr) return true;
    anomaly("process " + std::to_string(process.pid) + " waits for descriptor " + std::to_string(fd) +
            ", which it doesn't hold");
    return false;
  }
  void keep(std::vector<int>& fds, int fd) {
    const auto at = std::lower_bound(fds.begin(), fds.end(), fd);
    if (at == fds.end() || *at != fd) insert(fds, at, fd);
  }

  void change_semaphore(int by) {
    Process* process = finish_call();
    if (process == nullptr || !world_.semaphore) return;
    world_.semaphore->value += by;
    process->undo -= by;
  }

  void opened(int fd, FileKind kind) {
    Process* process = finish_call();
    if (process != nullptr && has_room_for_file(kind)) {
      const FileId file = open_file(kind).id;
      install(process_of(*process), fd, file);
    }
  }
};

}  // namespace forktable
