// The World: what there is, after some number of events. Plain values: copy it, compare it, look inside.
//
// Nothing in here knows what the server's program does. A process has a descriptor table; a descriptor refers
// to an open file; how often an open file is referred to is counted when somebody asks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/event/event.hpp"

namespace forktable {

struct Descriptor {
  int fd = -1;
  FileId file;
  bool inherited = false;  // it was there when the process was born
  bool cloexec = false;    // close-on-exec: execve closes it
};

// A descriptor that the process has closed, and whose number it hasn't used again: "the child closes listenfd".
struct ClosedDescriptor {
  int fd = -1;
  FileKind kind = FileKind::kConnection;
  FileId file;               // that it referred to
  std::uint32_t number = 0;  // kConnection: its number
  Nanoseconds at = 0;        // when
  bool by_exec = false;      // execve closed it, as it was close-on-exec
};

enum class Life : std::uint8_t {
  kAlive,
  kDead,    // has ended, by exit or by a signal, and is still in the process table: a zombie
  kReaped,  // out of the process table; its number may be used again
};

// What a process does, as far as it has told. A call is entered when it is reported as called and left when
// its result is.
struct Activity {
  enum Kind : std::uint8_t { kStarting, kRunning, kInCall, kBackingOff, kWorking } kind = kStarting;
  Call call = Call::kAccept;  // kInCall
  int fd = -1;                // kInCall: -1 if the call takes none; kWorking: that it has read from
};

// The latest call of a process that has returned, as strace(1) would write it: "accept(3) = 4".
struct Returned {
  Call call = Call::kAccept;
  int fd = -1;              // -1 if the call takes none; kDeleteJob: 1 if the job was in the list, else 0
  std::int64_t result = 0;  // -1: it failed; kAddJob, kDeleteJob: the pid
  int error = 0;            // its errno, if it failed
  Nanoseconds at = 0;
  std::uint64_t step = 0;  // 0: none has returned yet
  std::uint32_t line = 0;  // in the source
};

// What a process will do when its gate opens.
struct Gate {
  Call call = Call::kAccept;
  int fd = -1;  // -1 if that takes none
};

// An entry in the list of children that a server's program keeps.
struct Job {
  Pid pid = 0;
  ProcessId child;         // whose pid it was; none: of no child that is remembered
  bool late = false;       // that child had been reaped when it was added: nobody will delete it
  std::uint64_t step = 0;  // when it was added
};

// A process, or one of the other threads of one. A thread has neither descriptors nor a counter of its own: they are
// its process's. See process_of().
struct Process {
  ProcessId id;
  Pid pid = 0;                      // of a thread, its number: gettid(2)
  ProcessId parent;                 // who forked it, or made the thread; none for the server that Forktable launched
  ProcessId thread_of;              // the process that this is a thread of; none if it is a process
  Shape shape;                      // of the server that it belongs to
  int argument = -1;                // a thread: the descriptor that it was told to serve, once it has looked
  bool detached = false;            // a thread that nobody need join
  std::uint32_t fork = 0;           // which fork(2) of its parent, from 1
  ShortText program;                // that it has gone on with by execve; empty: it never did
  std::uint64_t executed_step = 0;  // when it last did that, 0 if it never did
  std::uint32_t child = 0;          // a child: which one of this server's, whoever forked it, from 1
  // A child that was forked for no client, and accepts for itself: its place among those that are there, from 1. One
  // that comes for another has the other's. 0: it was forked for a client, or isn't a child.
  std::uint32_t place = 0;
  Life life = Life::kAlive;
  Activity activity;
  Returned returned;
  Returned reaped;                 // its latest waitpid(2) that has returned a child; one that finds none may follow
  FileId keeps;                    // its call's open file, when another thread has closed the descriptor: see uses()
  std::optional<Gate> gate;        // it waits there, before its next step
  bool held = false;               // it waits at its gates even when the others don't
  bool stopped = false;            // by a signal, says the kernel: it doesn't run until SIGCONT
  bool traced = false;             // stopped, by a debugger
  SignalsSeen signals;             // as the kernel told last
  std::uint32_t blocked = 0;       // signals that it has told to block, as in SignalsSeen
  Nanoseconds unblocked_at = 0;    // when it unblocked SIGCHLD last, 0 if it never did
  std::vector<Job> jobs;           // its own list of its children, the earliest first; a child's copy isn't followed
  int in_handler = 0;              // the signal whose handler it runs, 0 if none
  std::uint32_t line = 0;          // in the source, 0 until it reports
  std::uint32_t line_outside = 0;  // while it is in a handler: where the signal interrupted it,
  Activity activity_outside;       // and in what
  std::optional<int> wait_status;  // once known: from its own exit, or from who reaped it
  int pending_signal = 0;          // last signal that Forktable sent it
  std::uint64_t signal_step = 0;   // when it did
  Nanoseconds started_at = 0;
  std::uint64_t started_step = 0;
  std::uint64_t acted_step = 0;        // of the latest thing that it did itself, 0 if it has done nothing yet
  std::uint64_t first_acted_step = 0;  // of the first thing that it did in its program, 0 if nothing yet
  Nanoseconds acted_at = 0;            // when it did the latest; what its signal handlers do doesn't count
  Nanoseconds handled_at = 0;          // when its SIGCHLD handler returned last, 0 if it never did
  Nanoseconds delivered_at = 0;        // when SIGCHLD was delivered to it last, 0 if it never was
  bool nobody_left = false;            // waitpid's last answer: no child, or no other one, had ended
  std::uint64_t accept_step = 0;       // when it called accept first, 0 if it never did
  Nanoseconds ended_at = 0;            // death, life != kAlive
  std::uint64_t ended_step = 0;
  Nanoseconds reaped_at = 0;             // life == kReaped
  std::vector<Descriptor> descriptors;   // by fd, ascending
  std::vector<ClosedDescriptor> closed;  // the latest few, by the time of closing
  std::vector<int> watched;              // descriptors that it waits for all at once, ascending
  std::vector<int> ready;                // those of them that the latest select or epoll_wait has found ready
  std::uint32_t counter = 0;             // the global variable of this address space
  std::uint64_t counted_step = 0;        // when it was changed last, 0 if never
  int undo = 0;                          // what its end adds to the semaphore: it has taken that, and not given it back
  std::optional<int> loaded;             // what it has read of the shared counter and not written back yet
  ProcessId descriptor_closed_by;        // the thread that closed the connection that this one serves; none: nobody
  std::uint64_t descriptor_closed_step = 0;  // when
  FileId accepted;                           // the connection that it, or who forked it, accepted last
  ClientId serves;                           // client of that connection, once known
  std::uint32_t connection = 0;              // number of that connection, 0 if none
};

// What last changed the number of references to an open file.
enum class Change : std::uint8_t {
  kOpened,
  kForked,
  kDuplicated,
  kPassed,
  kClosed,
  kExecuted,
  kExited,
  kEnded,
  kReturned
};
constexpr bool adds(Change change) { return change <= Change::kPassed; }

// What the kernel told last of one end of a TCP connection, or of a listening socket.
struct Socket {
  TcpState state = TcpState::kUnknown;
  std::uint32_t receive = 0, send = 0;  // see QueuesSeen
  friend bool operator==(const Socket&, const Socket&) = default;
};

struct OpenFile {
  FileId id;
  FileKind kind = FileKind::kConnection;
  std::uint32_t number = 0;  // kConnection: "connection 1", in the order of accept
  Port port = 0;             // local, of 127.0.0.1: servers listen nowhere else
  Address peer;              // kConnection
  int backlog = 0;           // kListening
  ShortText name;            // its path, or what it is called; empty: it has none
  FileId other_end;          // kPipe
  bool writes = false;       // kPipe: it is the end for writing
  int unread = 0;            // kFifo: bytes written and not read; below 0 while the report of a write is on its way
  Socket socket;
  std::uint64_t written = 0;      // kConnection: bytes, into it
  ClientId client;                // kConnection: who is at the other end, once known
  ProcessId acceptor;             // kConnection: the process that accept returned it to
  bool handed_on = false;         // its acceptor has called fork, for a child to serve it
  std::uint64_t kept_step = 0;    // when its acceptor, having forked, went on to the next accept and still held it
  std::uint64_t missed_step = 0;  // when the thread that was made for it took another connection for its own, 0: never
  Change change = Change::kOpened;
  Nanoseconds changed_at = 0;
  std::uint64_t changed_step = 0;
  std::uint32_t changed_by = 1;  // so many references came or went then
};

// System V shared memory with the counter in it. Attached by the server's processes that are alive, all of them.
struct Segment {
  int id = 0;  // shmid
  int bytes = 0;
  int value = 0;                          // of the counter, as it was stored last
  std::uint32_t stores = 0;               // there have been so many: without a lost update, that is the value
  std::uint64_t lost_step = 0;            // when an update was lost first: one had loaded before another stored
  std::optional<std::uint32_t> attached;  // as the kernel told last
};
struct Semaphore {
  int id = 0;                         // semid
  int value = 0;                      // as it was made, taken and given, also by the kernel: semop(2), SEM_UNDO
  std::optional<SemaphoreSeen> seen;  // as the kernel told last
};

struct Client {
  enum State : std::uint8_t {
    kConnecting,    // connect(2) called, handshake not complete
    kConnected,     // nothing sent yet
    kAwaitingEcho,  // sent, and not all of it came back
    kEchoed,        // all came back
    kHalfClosed,    // shut down for writing, waits for end of file
    kSawEndOfFile,
    kClosed,
    kReset,
    kFailed,
  };
  ClientId id;
  Socket socket;                       // its end
  TcpState left = TcpState::kUnknown;  // of the server's end, which no descriptor refers to any more
  bool outsider = false;               // not ours: nc, telnet, ...
  Behaviour behaviour = Behaviour::kHello;
  State state = kConnecting;
  Address address;
  FileId connection;                     // the server's end; none until accepted, none again when it is gone
  std::uint32_t connection_number = 0;   // stays when the connection has gone
  std::uint64_t sent = 0, received = 0;  // bytes
  bool saw_end_of_file = false;
  ShortText last_sent, last_received;
  Pid pid = 0;                        // outsider: its process, once known
  ShortText program;                  // outsider: its name, once known
  std::optional<Unnamed> unnamed;     // outsider: why it will have none
  Call failed_call = Call::kConnect;  // kFailed
  int error = 0;                      // kFailed: errno
  Nanoseconds since = 0;              // when it came into this state
  // By lesson_clock(): when it sent the first of what it wanted back, and when all of that had come. 0: it hasn't; of
  // an outsider, nobody knows.
  Nanoseconds asked_at = 0, answered_at = 0;
};
constexpr bool has_ended(const Client& client) { return client.state >= Client::kClosed; }
// Connected, says the kernel, and no accept has returned it yet.
constexpr bool waits_for_accept(const Client& client) {
  return client.state >= Client::kConnected && !has_ended(client) && client.connection_number == 0;
}

// Something that can't be: a report lost, a record made up, or a mistake in Forktable. Shown to the user.
struct Anomaly {
  std::uint64_t step = 0;  // the event at fault, from 1
  Nanoseconds at = 0;
  std::string text;
};

// The kernel says something else than the reports. What was reported stays as it is: nobody knows what made them
// differ.
struct Difference {
  Differs in = Differs::kProcess;
  Pid pid = 0;     // whose; 0: it is about a socket
  int number = 0;  // see DifferenceSeen
  ShortText ours, kernel;
  std::uint64_t step = 0;  // when it was seen
};

struct Counts {
  std::uint64_t accepted = 0;       // connections that accept(2) returned
  std::uint64_t forked = 0;         // children
  std::uint64_t closed = 0;         // connections whose last reference is gone
  std::uint64_t exited = 0;         // children that have ended, in whatever way
  std::uint64_t reaped = 0;         // children that have been reaped
  std::uint64_t threads = 0;        // that were created
  std::uint64_t ended_threads = 0;  // of those
  friend bool operator==(const Counts&, const Counts&) = default;
};

// A fork that was called and whose child hasn't shown yet, in the child's own words or in its parent's. What
// the child will hold is fixed here, at the call.
struct ExpectedChild {
  Pid parent_pid = 0;
  Process child;  // without a pid
};

struct World {
  std::uint64_t step = 0;  // events so far
  Nanoseconds now = 0;     // of the latest event

  std::vector<Process> processes;     // in the kernel's process table: alive and zombies, by id
  std::vector<Process> departed;      // reaped; the last kRemembered (limits.hpp) at least
  std::vector<OpenFile> files;        // referred to by a descriptor, by id
  std::vector<OpenFile> gone_files;   // to which nothing refers any more: the latest few, as they were when that came
  std::vector<Client> clients;        // by id
  std::vector<Client> gone_clients;   // the last kRemembered at least
  std::uint32_t left_unaccepted = 0;  // how many of them left before accept returned their connection
  std::vector<ExpectedChild> expected;
  std::vector<Anomaly> anomalies;  // the first kMostAnomalies
  std::uint64_t anomaly_count = 0;
  std::uint64_t late = 0;  // events that were told after later ones: those before and after them may be out of order
  Counts counts;

  std::vector<Difference> differences;  // there are now; the first kMostDifferences
  std::uint64_t difference_count = 0;   // there have ever been
  std::optional<KernelChecked> check;   // the latest comparison of all
  std::uint64_t check_step = 0;         // when it was told
  std::uint64_t moved_step = 0;         // of the latest event that changed what the kernel is asked about
  Nanoseconds moved_at = 0;             // when the first of them came after the latest check
  std::uint32_t denied = 0;             // what can't be asked here: a bit for each Aspect, the lowest for its first

  ProcessId server;             // the process that was launched last
  ShortText program;            // what it is called: of Forktable's own, one of kServerNames
  Shape shape;                  // what is known of it beforehand;
  bool shape_observed = false;  // or has been seen so far
  std::optional<Segment> segment;
  std::optional<Semaphore> semaphore;
  Port port = 0;                  // where it listens, or was asked to
  bool stop_asked = false;        // it ends because the user wanted it
  Bugs bugs;                      // the lines that are switched off
  bool stepping = false;          // every process waits at its gates
  int descriptor_limit = 0;       // RLIMIT_NOFILE of the server, 0: not known
  int children_limit = 0;         // how many children there may be, 0: no limit of its own
  std::optional<int> errno_seen;  // after the failed call in `trouble`: what the program took for its errno
  std::uint32_t lesson_step = 0;  // the lesson's step that has happened, from 1; 0: none
  // When the lesson stopped last, and when before that: what happened between them is its latest step.
  Nanoseconds lesson_stopped = 0, lesson_stopped_before = 0;
  bool lesson_asks = false;       // what comes next is asked
  Nanoseconds lesson_rests = 0;   // since when it has stood at a stop, 0: something happens
  Nanoseconds lesson_rested = 0;  // how long it did so before
  // Its last failed call, until something succeeds after it; that fork fails, until fork succeeds.
  std::optional<Event> trouble;
  std::uint64_t trouble_step = 0;  // when that began: it may have failed in the same way more than once

  // How many of each there have been, which is where the next number comes from.
  std::uint32_t process_count = 0, file_count = 0, connection_count = 0, child_count = 0;
  // Who has which pid now, by pid.
  std::vector<std::pair<Pid, ProcessId>> by_pid;
  // What it took to come here: bytes of its tables that reduce() has gone through, about.
  std::uint64_t work = 0;
};

const Process* find_process(const World& world, ProcessId id);  // also among the departed
const Process* find_process(const World& world, Pid pid);       // in the process table
const Process* find_present(const World& world, ProcessId id);  // the same
// Itself, or the process that it is a thread of: whose descriptors and variables it uses.
const Process& process_of(const World& world, const Process& thread);
// Its threads that are there, without the first, which is the process's own entry.
std::vector<const Process*> threads_of(const World& world, const Process& process);
// Whether it has the segment attached; how many processes have.
bool is_attached(const World& world, const Process& process);
std::uint32_t count_attached(const World& world);
const OpenFile* find_file(const World& world, FileId id);
const OpenFile* find_gone_file(const World& world, FileId id);  // among those that are remembered
const Client* find_client(const World& world, ClientId id);     // also among the gone

// How many references there are to each open file of world.files, in their order: descriptors, and calls that keep what
// no descriptor of theirs refers to any more.
std::vector<std::uint32_t> count_references(const World& world);
std::uint32_t count_references(const World& world, FileId file);

const Descriptor* find_descriptor(const Process& process, int fd);
// Whether a descriptor of its own refers to it.
bool holds(const Process& process, FileId file);
// Whether it is in a call on that descriptor, and has been since before it was closed last. In a process with threads
// the kernel takes a reference for the time of the call: whoever closes the descriptor meanwhile, the open file is kept
// until the call returns.
bool uses(const Process& process, int fd);
// Whose calls are all that keeps it for them.
std::vector<const Process*> keepers_of(const World& world, FileId file);
// A child that accepts for itself, and has no connection at the moment.
bool is_idle(const Process& process);

// Bytes were written into it after its client, one of ours, had closed: the kernel there has answered with RST.
bool is_reset(const World& world, const OpenFile& connection);
// Its end of a connection, or the socket that listens; and a client's end.
constexpr SocketEnd end_of(const OpenFile& file) { return {file.port, file.peer}; }
constexpr SocketEnd end_of(const World& world, const Client& client) { return {client.address, world.port}; }
// What was told last of that end of a connection, or of the listening socket; for what is left of the server's end, its
// state only. Nothing if it belongs to nobody here.
std::optional<Socket> find_socket(const World& world, SocketEnd end);

// What a copy of it takes, but for a few texts: bytes.
std::size_t bytes_of(const World& world);
// How many there are of what a picture may show: processes, descriptors, open files and clients, without those that are
// only remembered.
std::size_t present_in(const World& world);

// Following it has taken longer than any server that works takes: see limits.hpp.
bool takes_too_long(const World& world);

// The time that has passed, without that during which a lesson stood at its stops.
Nanoseconds lesson_clock(const World& world);
// By that clock, how long a client has waited for its echo, or had to, if that has come. Nothing: it has asked for
// none, or nobody knows when.
std::optional<Nanoseconds> waited(const World& world, const Client& client);

// Nothing has happened since the kernel was asked about everything.
bool is_checked(const World& world);
const Difference* find_difference(const World& world, Differs in, Pid pid, int number);

// A set of signals has it: as in SignalsSeen, the lowest bit is signal 1.
constexpr bool has_signal(std::uint32_t set, int signal) { return (set >> (signal - 1) & 1u) != 0; }

// Its parent has ended and it goes on.
bool is_orphan(const World& world, const Process& process);
// In a call that returns when somebody else does something.
bool is_blocked(const Process& process);
// The same, in a call that returns when something comes or somebody does something: fork and pthread_create don't wait.
bool is_asleep(const Process& process);
// In select(2) or epoll_wait(2), and so waiting for all that it watches.
bool is_polling(const Process& process);

}  // namespace forktable
