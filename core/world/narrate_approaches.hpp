// A part of narrate(): what only some servers do. Threads, waiting for many descriptors at once, what is shared, and
// other programs, and lists of children.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <string>

#include "core/world/circumstances.hpp"
#include "core/world/describe.hpp"
#include "core/world/narrate.hpp"

namespace forktable {

class NarrateApproaches : Circumstances {
 public:
  NarrateApproaches(const World& world, const Event& event) : Circumstances(world, event) {}

  // ---- threads ----

  Narration operator()(const ThreadCreateCalled&) const {
    return {fmt::format("{} is about to create a thread.", who()),
            "It copies nothing: the thread will use the same descriptors and the same variables."};
  }
  Narration operator()(const ThreadCreated&) const {
    return {fmt::format("pthread_create returns in {}.", mention()),
            "A thread holds no descriptors of its own: no reference count has changed."};
  }
  Narration operator()(const ThreadStarted& what) const {
    return {fmt::format("Thread {} ({}) starts, in the address space of its process.", what.create, event_.pid),
            "Same descriptor table, same globals. Only its stack is its own."};
  }
  Narration operator()(const ArgumentRead& what) const {
    const OpenFile* file = file_at(what.fd);
    const bool another = process_ != nullptr && file != nullptr && process_->connection != file->number;
    return {fmt::format("{} reads which descriptor it is to serve: {}.", who(), what.fd),
            another ? fmt::format("It was made for connection {}. Main has changed the variable since.",
                                  process_->connection)
                    : ""};
  }
  Narration operator()(const ThreadDetached&) const {
    return {fmt::format("{} detaches itself.", who()),
            "When it ends, all that is left of it is freed at once: nobody need join it."};
  }
  Narration operator()(const ThreadEnded&) const {
    const bool detached = process_ != nullptr && process_->detached;
    return {fmt::format("{} ends.", who()), detached ? "It was detached: nothing is left of it."
                                                     : "It was not detached: its stack stays until somebody joins it."};
  }
  Narration operator()(const ThreadJoined& what) const {
    const Process* thread = find_process(world_, what.thread);
    const std::string name = thread != nullptr ? mention_of(*thread) : fmt::format("thread {}", what.thread);
    return {fmt::format("{} joins {}.", who(), name), "Now its stack is freed, too."};
  }

  // ---- waiting for many descriptors at once ----

  Narration operator()(const EpollOpened& what) const {
    return {fmt::format("{} opens an epoll instance: descriptor {}.", who(), what.fd),
            "It is a list, in the kernel, of the descriptors that the server waits for."};
  }
  Narration operator()(const Watched& what) const {
    const OpenFile* file = file_at(what.fd);
    return {fmt::format("{} adds descriptor {} to those it waits for.", who(), what.fd),
            file != nullptr && file->kind == FileKind::kListening
                ? "listenfd is ready when a client has connected."
                : "connfd is ready when its client has sent something, or has ended."};
  }
  Narration operator()(const Unwatched& what) const {
    return {fmt::format("{} no longer waits for descriptor {}.", who(), what.fd), {}};
  }
  Narration operator()(const PollCalled& what) const {
    const std::size_t count = process_ != nullptr ? process_of(world_, *process_).watched.size() : 0;
    return {fmt::format("{} calls {} and waits for {} at once.", who(), name_of(what.call),
                        plural(count, "descriptor", "descriptors")),
            "It returns when at least one of them is ready."};
  }
  Narration operator()(const FoundReady& what) const {
    const OpenFile* file = file_at(what.fd);
    const std::string about =
        file == nullptr                      ? ""
        : file->kind == FileKind::kListening ? "A client waits in the accept queue."
        : file->kind == FileKind::kConnection
            ? fmt::format("{} has sent something, or has ended: read won't block.", capital(client(what.fd)))
            : "";
    return {fmt::format("Descriptor {} is ready.", what.fd), about};
  }
  Narration operator()(const PollReturned& what) const {
    constexpr std::size_t kMostNamed = 20;
    std::string list;
    if (process_ != nullptr)
      for (std::size_t i = 0; i < std::min(process_->ready.size(), kMostNamed); ++i)
        list += fmt::format("{}{}", list.empty() ? "" : ", ", process_->ready[i]);
    if (process_ != nullptr && process_->ready.size() > kMostNamed)
      list += fmt::format(" and {} more", process_->ready.size() - kMostNamed);
    return {fmt::format("{} returns {}: ready {} {}.", name_of(what.call), what.ready, what.ready == 1 ? "is" : "are",
                        list),
            {}};
  }
  Narration operator()(const Worked& what) const {
    std::string meaning = "Only this thread is busy. The others go on.";
    if (world_.shape.has_one_flow())
      meaning = "There is one flow of control. Until it is done, every other client waits.";
    else if (world_.shape.has_children())
      meaning = "Only this child is busy. The others go on.";
    return {fmt::format("{} works on the request for {} ms.", who(), what.milliseconds), meaning};
  }

  // ---- what is shared ----

  Narration operator()(const Counted& what) const {
    std::string meaning = "There is one address space, and one counter in it.";
    if (process_ != nullptr && process_->parent && !process_->thread_of)
      meaning = "That is its own copy. Nobody else sees it, and it is gone when the child exits.";
    else if (process_ != nullptr && (process_->thread_of || world_.shape.has(Shape::kThreads)))
      meaning = "All threads see it: there is one counter for all of them.";
    else if (world_.shape.has(Shape::kTellsParent))
      meaning = "The children told the parent through the FIFO: it counts for them all.";
    return {fmt::format("{} counts: served = {}.", who(), what.value), meaning};
  }
  Narration operator()(const FifoOpened& what) const {
    return {fmt::format("{} opens a FIFO: descriptor {}.", who(), what.fd),
            "Its children will inherit it: what they write there, the parent reads."};
  }
  Narration operator()(const SegmentAttached& what) const {
    return {fmt::format("{} attaches shared memory segment {}, {} bytes.", who(), what.segment, what.bytes),
            "Its children inherit it, and it isn't copied: they all see the same bytes."};
  }
  Narration operator()(const SemaphoreMade& what) const {
    return {fmt::format("{} makes semaphore {}, with value {}.", who(), what.semaphore, what.value),
            "P waits until it is above 0 and takes 1 away; V adds 1."};
  }
  Narration operator()(const SemaphoreCalled&) const {
    const bool taken = world_.semaphore && world_.semaphore->value <= 0;
    return {fmt::format("{} calls P, semop with −1.", who()),
            taken ? "The semaphore is 0: it waits until somebody calls V."
                  : "The semaphore is positive: it need not wait."};
  }
  Narration operator()(const SemaphoreTaken&) const {
    return {fmt::format("P returns in {}: the semaphore is its own now.", mention()),
            "Between P and V, no other process touches the counter."};
  }
  Narration operator()(const SemaphoreGiven&) const {
    return {fmt::format("{} calls V: whoever waits for the semaphore may go on.", who()), {}};
  }
  Narration operator()(const Loaded& what) const {
    return {fmt::format("{} reads the shared counter: {}.", who(), what.value),
            "It now has a copy, in a register. The counter itself can go on changing."};
  }
  Narration operator()(const Stored& what) const {
    const bool lost = world_.segment && what.value <= world_.segment->value;
    return {fmt::format("{} writes the shared counter: {}.", who(), what.value),
            lost ? fmt::format("It was {} already: an update is lost.", world_.segment->value)
                 : "The others see the new value at once."};
  }

  // ---- other programs ----

  Narration operator()(const CloexecSet& what) const {
    if (what.on == 0)
      return {fmt::format("Descriptor {} of {} is no longer close-on-exec.", what.fd, mention()),
              "execve leaves it open: the next program has it too."};
    return {fmt::format("{} makes descriptor {} close-on-exec: FD_CLOEXEC.", who(), what.fd),
            "fork copies the descriptor with this flag. execve closes it."};
  }
  Narration operator()(const Duplicated& what) const {
    const OpenFile* file = file_at(what.oldfd);
    Narration told{fmt::format("{} calls dup2({}, {}).", who(), what.oldfd, what.newfd), {}};
    if (file == nullptr) return told;
    const std::uint32_t references = count_references(world_, file->id);
    told.said += fmt::format(" Descriptor {} refers to {} now. refcnt({}): {} → {}.", what.newfd, title_of(*file),
                             title_of(*file), references, references + 1);
    if (what.newfd == 0) told.meaning = "0 is standard input. dup2 has closed what it referred to before.";
    if (what.newfd == 1) told.meaning = "1 is standard output. dup2 has closed what it referred to before.";
    return told;
  }
  Narration operator()(const ExecCalled& what) const {
    return {fmt::format("{} calls execve: it is about to run the program {}.", who(), printable(what.program.view())),
            "The process stays, with its pid and its descriptors. Those that are close-on-exec are closed."};
  }
  Narration operator()(const Executed& what) const {
    Narration told{fmt::format("{} runs {} now.", who(), printable(what.program.view())),
                   "It is the same process: same pid, same parent, same descriptors."};
    if (process_ == nullptr) return told;
    for (const Descriptor& descriptor : process_->descriptors) {
      const OpenFile* file = find_file(world_, descriptor.file);
      if (file == nullptr || !is_socket(file->kind)) continue;
      const std::uint32_t references = count_references(world_, file->id);
      if (descriptor.cloexec)
        told.said += fmt::format(" execve has closed {} {}. refcnt({}): {} → {}.", variable_for(file->kind),
                                 descriptor.fd, title_of(*file), references, references - 1);
      else if (file->kind == FileKind::kListening)
        told.meaning =
            fmt::format("It holds the listening socket, as descriptor {}, and knows nothing of it.", descriptor.fd);
    }
    return told;
  }

  // ---- a list of children ----

  Narration operator()(const MaskChanged& what) const {
    const std::uint32_t newly = what.blocked & ~what.before, freed = what.before & ~what.blocked;
    if (newly != 0)
      return {fmt::format("{} blocks {}.", who(), names_of_signals(newly)),
              "From now on it waits in the kernel, pending, until it is unblocked."};
    const bool child = process_ != nullptr && process_->parent;
    if (freed == 0)
      return {fmt::format("{} {} {}, which changes nothing.", who(),
                          what.how == Masking::kUnblock ? "unblocks" : "blocks", names_of_signals(what.signals)),
              what.how == Masking::kUnblock ? "It wasn't blocked." : ""};
    const bool pending =
        process_ != nullptr && (has_signal(process_->signals.pending, SIGCHLD) || zombies_of_process() > 0);
    return {fmt::format("{} unblocks {}.", who(), names_of_signals(freed)),
            child     ? "A child inherits over fork what its parent blocks."
            : pending ? "It is pending: it is delivered before sigprocmask returns."
                      : "If it was sent meanwhile, it is delivered now."};
  }
  Narration operator()(const JobAdded& what) const {
    const Process* child = find_process(world_, what.job);
    const bool there = child != nullptr && process_ != nullptr && child->parent == process_->id;
    return {fmt::format("{} adds {} to its list of children.", who(), job_name(what.job)),
            there ? "The handler will delete it when it has reaped it."
                  : "But it has been reaped already: nobody will delete it, and its pid may become another's."};
  }
  Narration operator()(const JobDeleted& what) const {
    if (what.found != 0)
      return {fmt::format("The handler deletes {} from the list of children.", job_name(what.job)), {}};
    return {fmt::format("The handler looks for {} in the list of children, and doesn't find it.", job_name(what.job)),
            "There is nothing to delete."};
  }

  // ---- the kernel ----

  Narration operator()(const SegmentSeen& what) const {
    return {fmt::format("Segment {} is attached by {}, says the kernel.", what.segment,
                        plural(what.attached, "process", "processes")),
            {}};
  }
  Narration operator()(const SemaphoreSeen& what) const {
    return {fmt::format("Semaphore {} has value {}, and {} for it, says the kernel.", what.semaphore, what.value,
                        plural(what.waiting, "process waits", "processes wait")),
            {}};
  }

 private:
  // "child 1 (4243)"; of one that isn't known, its pid. It may be reaped by now.
  std::string job_name(Pid pid) const {
    const Process* child = find_process(world_, pid);
    if (child == nullptr) {
      const auto past = std::find_if(world_.departed.rbegin(), world_.departed.rend(),
                                     [&](const Process& one) { return one.pid == pid; });
      if (past != world_.departed.rend()) child = &*past;
    }
    return child != nullptr ? introduce(*child) : fmt::format("process {}", pid);
  }
};

}  // namespace forktable
