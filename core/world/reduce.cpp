#include "core/world/reduce.hpp"

#include <algorithm>

namespace forktable {
namespace {

constexpr std::size_t kRemembered = 1024;
constexpr std::size_t kMostAnomalies = 100;
constexpr std::size_t kMostClosed = 4;  // closed descriptors that a process remembers

// Keeps the latest; forgets in batches, so that forgetting costs next to nothing for each.
template <class T>
void remember(std::vector<T>& past, T one) {
  if (past.size() >= 2 * kRemembered) past.erase(past.begin(), past.begin() + kRemembered);
  past.push_back(std::move(one));
}

template <class T, class I>
typename std::vector<T>::iterator position(std::vector<T>& all, I id) {
  const auto at = std::lower_bound(all.begin(), all.end(), id, [](const T& one, I wanted) { return one.id < wanted; });
  return at != all.end() && at->id == id ? at : all.end();
}

template <class T, class I>
T* find(std::vector<T>& all, I id) {
  const auto at = position(all, id);
  return at != all.end() ? &*at : nullptr;
}

class Reducer {
 public:
  Reducer(World& world, const Event& event) : world_(world), event_(event) {}

  // ---- the server's processes ----

  void operator()(const PlumbingOpened& what) {
    if (Process* process = actor()) {
      const FileId file = open_file(FileKind::kPlumbing).id;
      install(*process, what.fd, file);
    }
  }

  void operator()(const Listened& what) {
    Process* process = finish_call();
    if (process == nullptr) return;
    OpenFile& file = open_file(FileKind::kListening);
    file.port = what.port;
    file.backlog = what.backlog;
    install(*process, what.fd, file.id);
    world_.port = what.port;
    world_.trouble.reset();
  }

  void operator()(const AcceptCalled& what) { enter_call(Call::kAccept, what.fd); }

  void operator()(const Accepted& what) {
    Process* process = finish_call();
    if (process == nullptr) return;
    ++world_.counts.accepted;
    const Descriptor* listening = find_descriptor(*process, what.listenfd);
    const OpenFile* listener = listening != nullptr ? find(world_.files, listening->file) : nullptr;
    if (listener == nullptr)
      anomaly("accept on descriptor " + std::to_string(what.listenfd) + ", which it doesn't hold");
    const Port port = listener != nullptr ? listener->port : world_.port;
    OpenFile& file = open_file(FileKind::kConnection);
    file.port = port;
    file.peer_port = what.peer_port;
    file.number = ++world_.connection_count;
    process->accepted = file.id;
    process->connection = file.number;
    process->serves = {};
    if (Client* client = caller_at(what.peer_port)) join(*client, file);
    install(*process, what.connfd, process->accepted);  // last: it may take another file away
    world_.trouble.reset();
  }

  void operator()(const ForkCalled& what) {
    Process* process = enter_call(Call::kFork, -1);
    if (process == nullptr) return;
    if (const auto before = fork_of(process->id); before != world_.expected.end()) {
      anomaly("process " + std::to_string(process->pid) + " called fork again, and the fork before it hasn't returned");
      abandon(before);
    }
    ExpectedChild expected;
    expected.parent_pid = process->pid;
    Process& child = expected.child;
    child.id = {++world_.process_count};
    child.parent = process->id;
    child.fork = what.fork;
    child.descriptors = process->descriptors;
    for (Descriptor& descriptor : child.descriptors) descriptor.inherited = true;
    child.accepted = process->accepted;
    child.serves = process->serves;
    child.connection = process->connection;
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
    const auto expected = std::find_if(world_.expected.begin(), world_.expected.end(), [&](const ExpectedChild& one) {
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
    if (Process* process = finish_call())
      if (Client* client = outsider_at(*process, what.fd)) {
        client->sent += what.bytes;
        client->last_sent = what.text;
        move_on(*client, Client::kAwaitingEcho);
      }
  }

  void operator()(const EndOfFile& what) {
    if (Process* process = finish_call())
      if (Client* client = outsider_at(*process, what.fd)) move_on(*client, Client::kHalfClosed);
  }

  void operator()(const WriteCalled& what) { enter_call(Call::kWrite, what.fd); }

  void operator()(const Wrote& what) {
    if (Process* process = finish_call())
      if (Client* client = outsider_at(*process, what.fd)) {
        client->received += what.bytes;
        client->last_received = client->last_sent;
        if (client->received >= client->sent) move_on(*client, Client::kEchoed);
      }
  }

  void operator()(const Closed& what) {
    Process* process = finish_call();
    if (process == nullptr) return;
    const Descriptor* descriptor = find_descriptor(*process, what.fd);
    if (descriptor == nullptr) {
      anomaly("closed descriptor " + std::to_string(what.fd) + ", which it doesn't hold");
      return;
    }
    const FileId id = descriptor->file;
    if (const OpenFile* file = find(world_.files, id);
        file != nullptr && descriptor->inherited && process->closed.size() < kMostClosed)
      process->closed.push_back({what.fd, file->kind});
    process->descriptors.erase(process->descriptors.begin() + (descriptor - process->descriptors.data()));
    release(id, Change::kClosed);
  }

  void operator()(const ExitCalled& what) {
    Process* process = finish_call();
    if (process == nullptr) return;
    process->wait_status = (what.status & 0xFF) << 8;  // as wait(2) will tell it
    die(*process);
  }

  void operator()(const SignalDelivered& what) {
    if (Process* process = actor()) process->in_handler = what.signal;
  }

  void operator()(const HandlerReturned&) {
    if (Process* process = actor()) process->in_handler = 0;
  }

  void operator()(const Reaped& what) {
    Process* reaper = actor();
    if (reaper == nullptr) return;
    const ProcessId parent = reaper->id;
    Process* child = nullptr;
    for (Process& one : world_.processes)  // the earliest: a pid is used again only after it has been reaped
      if (one.pid == what.child && one.parent == parent && child == nullptr) child = &one;
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

  void operator()(const NothingToReap&) { actor(); }

  void operator()(const CallFailed& what) {
    // waitpid(2) is called by the signal handler, in the middle of whatever the process is in, and reports
    // only how it ended; so it leaves the call that was interrupted as it is.
    Process* process = what.call == Call::kWaitpid ? actor() : finish_call();
    if (process == nullptr || what.call == Call::kWaitpid) return;
    if (what.call == Call::kFork)
      if (const auto expected = fork_of(process->id); expected != world_.expected.end()) abandon(expected);
    if (process->id == world_.server) world_.trouble = event_;
  }

  void operator()(const BackedOff&) {
    if (Process* process = actor()) {
      process->activity = {Activity::kBackingOff};
      process->line = event_.line;
    }
  }

  // ---- seen from outside ----

  void operator()(const ServerLaunched& what) {
    // A new run: the clients of the last one stay, to be seen ending, and so does a child that outlived it.
    world_.counts = {};
    while (!world_.expected.empty()) abandon(world_.expected.begin());
    world_.connection_count = 0;
    world_.trouble.reset();
    world_.stop_asked = false;
    world_.port = what.port;
    Process process;
    process.id = {++world_.process_count};
    process.pid = event_.pid;
    process.started_at = event_.at;
    world_.server = process.id;
    add(std::move(process));
  }

  void operator()(const StopAsked&) { world_.stop_asked = true; }

  void operator()(const SignalSent& what) {
    // It is no report: one can send signals to a zombie, and to one that is gone a moment later.
    if (Process* process = find_by_pid(event_.pid)) process->pending_signal = what.signal;
  }

  void operator()(const DeathSeen&) {
    Process* process = find_by_pid(event_.pid);
    if (process == nullptr) return;
    // With its parent gone and Forktable not having collected it, it has been reaped; nobody was left to tell.
    if (process->parent && find(world_.processes, process->parent) == nullptr)
      depart(*process, process->wait_status);
    else
      die(*process);
  }

  void operator()(const Collected& what) {
    Process* process = find_by_pid(event_.pid);
    if (process == nullptr && !world_.expected.empty()) {
      // Its parent died inside fork, and it was killed before it could say a word: nobody has named it yet.
      process = appear(std::prev(world_.expected.end()), event_.pid);
    }
    if (process != nullptr) depart(*process, what.status);
  }

  void operator()(const ReportsLost& what) {
    anomaly(std::to_string(what.count) + " reports of process " + std::to_string(event_.pid) + " were lost");
  }

  void operator()(const GarbageSkipped& what) {
    anomaly(std::to_string(what.bytes) + " bytes on the report pipe are no report");
  }

  // ---- the clients ----

  void operator()(const ClientConnecting& what) {
    Client client;
    client.id = what.client;
    client.behaviour = what.behaviour;
    client.port = what.port;
    add(std::move(client));
  }

  void operator()(const ClientConnected& what) {
    if (Client* client = living(what.client))
      if (client->state == Client::kConnecting) move_on(*client, Client::kConnected);
  }

  void operator()(const ClientSent& what) {
    Client* client = living(what.client);
    if (client == nullptr) return;
    client->sent += what.bytes;
    client->last_sent = what.text;
    move_on(*client, Client::kAwaitingEcho);
  }

  void operator()(const ClientReceived& what) {
    Client* client = living(what.client);
    if (client == nullptr) return;
    client->received += what.bytes;
    client->last_received = what.text;
    if (client->received >= client->sent && client->state == Client::kAwaitingEcho) move_on(*client, Client::kEchoed);
  }

  void operator()(const ClientHalfClosed& what) {
    if (Client* client = living(what.client)) move_on(*client, Client::kHalfClosed);
  }

  void operator()(const ClientSawEndOfFile& what) {
    if (Client* client = living(what.client)) move_on(*client, Client::kSawEndOfFile);
  }

  void operator()(const ClientEnded& what) {
    Client* client = living(what.client);
    if (client == nullptr) return;
    client->failed_call = what.call;
    client->error = what.error;
    end(*client, what.end == ClientEnd::kClosed  ? Client::kClosed
                 : what.end == ClientEnd::kReset ? Client::kReset
                                                 : Client::kFailed);
  }

  void operator()(const OutsiderConnected& what) {
    Client client;
    client.id = what.client;
    client.outsider = true;
    client.port = what.port;
    client.state = Client::kConnected;
    add(std::move(client));
  }

  void operator()(const OutsiderNamed& what) {
    Client* client = find(world_.clients, what.client);
    if (client == nullptr) client = find_gone(what.client);
    if (client == nullptr) return;  // gone so long ago that it is forgotten
    client->pid = event_.pid;
    client->program = what.program;
  }

 private:
  void anomaly(std::string text) {
    ++world_.anomaly_count;
    if (world_.anomalies.size() < kMostAnomalies) world_.anomalies.push_back({world_.step, event_.at, std::move(text)});
  }

  Process* find_by_pid(Pid pid) {
    const auto at = std::lower_bound(world_.by_pid.begin(), world_.by_pid.end(), std::pair{pid, ProcessId{}});
    return at != world_.by_pid.end() && at->first == pid ? find(world_.processes, at->second) : nullptr;
  }

  // The process whose event this is, alive; else there is an anomaly.
  Process* actor() {
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

  Process* step(Activity activity) {
    Process* process = actor();
    if (process == nullptr) return nullptr;
    process->activity = activity;
    process->line = event_.line;
    return process;
  }
  Process* enter_call(Call call, int fd) { return step({Activity::kInCall, call, fd}); }
  Process* finish_call() { return step({Activity::kRunning}); }

  // -- processes --

  void add(Process process) {
    const std::pair entry{process.pid, process.id};
    const auto at = std::lower_bound(world_.by_pid.begin(), world_.by_pid.end(), std::pair{process.pid, ProcessId{}});
    if (at != world_.by_pid.end() && at->first == process.pid)
      *at = entry;  // the earlier one has been reaped, and the report of it is still on its way
    else
      world_.by_pid.insert(at, entry);
    const auto where = std::upper_bound(world_.processes.begin(), world_.processes.end(), process.id,
                                        [](ProcessId id, const Process& one) { return id < one.id; });
    world_.processes.insert(where, std::move(process));
  }

  using Expected = std::vector<ExpectedChild>::iterator;

  // The fork that a process is in. It is never in more than one.
  Expected fork_of(ProcessId parent) {
    return std::find_if(world_.expected.begin(), world_.expected.end(),
                        [&](const ExpectedChild& one) { return one.child.parent == parent; });
  }

  Expected find_expected(ProcessId parent, std::uint32_t fork) {
    return std::find_if(world_.expected.begin(), world_.expected.end(),
                        [&](const ExpectedChild& one) { return one.child.parent == parent && one.child.fork == fork; });
  }

  bool knows_child(ProcessId parent, std::uint32_t fork) const {
    const auto is_it = [&](const Process& one) { return one.parent == parent && one.fork == fork; };
    return std::any_of(world_.processes.rbegin(), world_.processes.rend(), is_it) ||
           std::any_of(world_.departed.rbegin(), world_.departed.rend(), is_it);
  }

  Process* appear(Expected expected, Pid pid) {
    Process child = std::move(expected->child);
    world_.expected.erase(expected);
    const ProcessId id = child.id;
    child.pid = pid;
    child.started_at = event_.at;
    ++world_.counts.forked;
    for (const Descriptor& descriptor : child.descriptors) mark(descriptor.file, Change::kForked);
    add(std::move(child));
    return find(world_.processes, id);
  }

  // fork(2) failed: there will be no child.
  void abandon(Expected expected) {
    const std::vector<Descriptor> held = std::move(expected->child.descriptors);
    world_.expected.erase(expected);
    for (const Descriptor& descriptor : held) release(descriptor.file, Change::kClosed);
  }

  void die(Process& process) {
    if (process.life != Life::kAlive) return;
    process.life = Life::kDead;
    process.ended_at = event_.at;
    process.in_handler = 0;
    if (process.id != world_.server) ++world_.counts.exited;
    const std::vector<Descriptor> held = std::move(process.descriptors);
    process.descriptors.clear();
    process.closed.clear();
    for (const Descriptor& descriptor : held) release(descriptor.file, Change::kExited);
  }

  void depart(Process& process, std::optional<int> wait_status) {
    die(process);
    process.life = Life::kReaped;
    process.wait_status = wait_status;
    process.reaped_at = event_.at;
    if (process.id != world_.server) ++world_.counts.reaped;
    const auto at = std::lower_bound(world_.by_pid.begin(), world_.by_pid.end(), std::pair{process.pid, ProcessId{}});
    if (at != world_.by_pid.end() && at->second == process.id) world_.by_pid.erase(at);
    const auto where = position(world_.processes, process.id);
    Process past = std::move(*where);
    world_.processes.erase(where);
    remember(world_.departed, std::move(past));
  }

  // -- open files --

  OpenFile& open_file(FileKind kind) {
    OpenFile file;
    file.id = {++world_.file_count};
    file.kind = kind;
    file.changed_at = event_.at;
    world_.files.push_back(file);
    return world_.files.back();
  }

  void install(Process& process, int fd, FileId file) {
    const auto at = std::lower_bound(process.descriptors.begin(), process.descriptors.end(), fd,
                                     [](const Descriptor& one, int wanted) { return one.fd < wanted; });
    std::erase_if(process.closed, [&](const ClosedDescriptor& one) { return one.fd == fd; });
    if (at == process.descriptors.end() || at->fd != fd) {
      process.descriptors.insert(at, {fd, file, false});
      return;
    }
    anomaly("descriptor " + std::to_string(fd) + " of process " + std::to_string(process.pid) +
            " was opened, and it was open already");
    const FileId before = at->file;
    *at = {fd, file, false};
    release(before, Change::kClosed);
  }

  void mark(FileId id, Change change) {
    if (OpenFile* file = find(world_.files, id)) {
      file->change = change;
      file->changed_at = event_.at;
    }
  }

  // One reference less. The last one takes the open file with it.
  void release(FileId id, Change change) {
    mark(id, change);
    const auto holds = [&](const Process& process) {
      return std::any_of(process.descriptors.begin(), process.descriptors.end(),
                         [&](const Descriptor& one) { return one.file == id; });
    };
    if (std::any_of(world_.processes.rbegin(), world_.processes.rend(), holds)) return;
    if (std::any_of(world_.expected.begin(), world_.expected.end(),
                    [&](const ExpectedChild& one) { return holds(one.child); }))
      return;
    const auto file = position(world_.files, id);
    if (file == world_.files.end()) return;
    if (file->kind == FileKind::kConnection) ++world_.counts.closed;
    const ClientId client_id = file->client;
    world_.files.erase(file);
    if (Client* client = find(world_.clients, client_id)) {
      client->connection = {};
      if (client->outsider) end(*client, Client::kClosed);
    } else if (Client* gone = client_id ? find_gone(client_id) : nullptr) {
      gone->connection = {};
    }
  }

  // -- clients --

  void add(Client client) {
    if (find(world_.clients, client.id) != nullptr) {
      anomaly("client " + std::to_string(client.id.value) + " connected twice");
      return;
    }
    client.since = event_.at;
    const auto where = std::upper_bound(world_.clients.begin(), world_.clients.end(), client.id,
                                        [](ClientId id, const Client& one) { return id < one.id; });
    Client& added = *world_.clients.insert(where, std::move(client));
    for (auto file = world_.files.rbegin(); file != world_.files.rend(); ++file)
      if (file->kind == FileKind::kConnection && file->peer_port == added.port && !file->client) {
        join(added, *file);
        return;
      }
  }

  // No accept has returned its connection yet, and one may.
  static bool calls_in_vain(const Client& client) {
    const bool refused = client.state == Client::kFailed && client.failed_call == Call::kConnect;
    return client.connection_number == 0 && !client.outsider && !refused;
  }

  // Whose connection accept returned. A client may have gone while it waited in the queue. The latest with that
  // port, as the kernel uses ports again; and none from before this server.
  Client* caller_at(Port port) {
    const auto calls = [&](const Client& client) { return client.port == port && calls_in_vain(client); };
    const auto living = std::find_if(world_.clients.rbegin(), world_.clients.rend(), calls);
    if (living != world_.clients.rend()) return &*living;
    if (world_.gone_in_vain == 0) return nullptr;
    const Process* server = find(world_.processes, world_.server);
    const auto gone = std::find_if(world_.gone_clients.rbegin(), world_.gone_clients.rend(), calls);
    if (server == nullptr || gone == world_.gone_clients.rend() || gone->since < server->started_at) return nullptr;
    --world_.gone_in_vain;
    return &*gone;
  }

  void join(Client& client, OpenFile& file) {
    file.client = client.id;
    client.connection = file.id;
    client.connection_number = file.number;
    const auto serve = [&](Process& process) {
      if (process.accepted == file.id) process.serves = client.id;
    };
    for (Process& process : world_.processes) serve(process);
    for (ExpectedChild& expected : world_.expected) serve(expected.child);
  }

  Client* find_gone(ClientId id) {
    const auto at = std::find_if(world_.gone_clients.rbegin(), world_.gone_clients.rend(),
                                 [&](const Client& one) { return one.id == id; });
    return at != world_.gone_clients.rend() ? &*at : nullptr;
  }

  Client* living(ClientId id) {
    Client* client = find(world_.clients, id);
    if (client == nullptr) anomaly("news of client " + std::to_string(id.value) + ", which never connected");
    return client;
  }

  Client* outsider_at(const Process& process, int fd) {
    const Descriptor* descriptor = find_descriptor(process, fd);
    const OpenFile* file = descriptor != nullptr ? find(world_.files, descriptor->file) : nullptr;
    if (file == nullptr) {
      anomaly("descriptor " + std::to_string(fd) + " was used, and it isn't open");
      return nullptr;
    }
    Client* client = find(world_.clients, file->client);
    return client != nullptr && client->outsider ? client : nullptr;
  }

  void move_on(Client& client, Client::State state) {
    if (client.state == state) return;
    client.state = state;
    client.since = event_.at;
  }

  void end(Client& client, Client::State state) {
    move_on(client, state);
    const auto where = position(world_.clients, client.id);
    Client past = std::move(*where);
    world_.clients.erase(where);
    if (calls_in_vain(past)) ++world_.gone_in_vain;
    remember(world_.gone_clients, std::move(past));
  }

  World& world_;
  const Event& event_;
};

}  // namespace

void reduce(World& world, const Event& event) {
  ++world.step;
  world.now = std::max(world.now, event.at);
  std::visit(Reducer{world, event}, event.what);
}

}  // namespace forktable
