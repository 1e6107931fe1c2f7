#include "core/world/diagnose.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <map>

#include "core/world/describe.hpp"
#include "core/world/diagnose_approaches.hpp"
#include "core/world/diagnose_surprises.hpp"
#include "core/world/findings.hpp"

namespace forktable {
namespace {

// How long nothing is said of a zombie. Upper bounds for a healthy server: until the kernel delivers a signal, and
// until the server has reaped, however many children it has.
constexpr Nanoseconds kSignalLatency = 2 * kMillisecond;
constexpr Nanoseconds kReapLatency = 300 * kMillisecond;

constexpr std::size_t kMostListed = 3;
constexpr const char* kCloseConnfd = "Close(connfd);  // in the parent, right after Fork()";
constexpr const char* kReapAll = "while (Waitpid(-1, nullptr, WNOHANG) > 0) {}";
constexpr const char* kHandleSigchld = "Signal(SIGCHLD, reap_children);";

class Examination {
 public:
  Examination(const World& world, Nanoseconds now)
      : world_(world), now_(now), server_(find_process(world, world.server)) {
    if (world.trouble) failed_ = std::get_if<CallFailed>(&world.trouble->what);
  }

  std::vector<Diagnosis> all() {
    count();
    find_leaks();
    find_zombies();
    find_held_listening();
    find_held_over_exec();
    find_children_that_accept();
    find_lack_of_descriptors();
    find_lack_of_processes();
    diagnose_surprises(world_, found_);
    diagnose_approaches(world_, now_, found_);
    std::stable_sort(found_.begin(), found_.end(),
                     [](const Diagnosis& a, const Diagnosis& b) { return a.since < b.since; });
    return std::move(found_);
  }

 private:
  Diagnosis& add(std::string_view kind, std::string title, std::uint64_t since) {
    return add_diagnosis(found_, kind, std::move(title), since);
  }

  // ---- connections that a parent should have closed ----

  struct Leak {
    int fd = -1;
    const OpenFile* file = nullptr;
  };

  // The earliest comes first.
  std::vector<Leak> leaks_of(const Process& holder) const {
    std::vector<Leak> leaks;
    if (holder.life != Life::kAlive || holder.accept_step == 0) return leaks;
    for (const Descriptor& descriptor : holder.descriptors) {
      const OpenFile* file = find_file(world_, descriptor.file);
      const bool disputed = find_difference(world_, Differs::kDescriptor, holder.pid, descriptor.fd) != nullptr;
      if (file != nullptr && file->kept_step != 0 && file->acceptor == holder.id && !disputed)
        leaks.push_back({descriptor.fd, file});
    }
    std::stable_sort(leaks.begin(), leaks.end(),
                     [](const Leak& a, const Leak& b) { return a.file->kept_step < b.file->kept_step; });
    return leaks;
  }

  // The process that was forked to serve this connection, if it still holds it.
  bool is_served(const OpenFile& file) const { return served_[place_of(file)]; }

  std::size_t place_of(const OpenFile& file) const { return static_cast<std::size_t>(&file - world_.files.data()); }

  void count() {
    references_ = count_references(world_);
    served_.assign(world_.files.size(), false);
    for (const Process& process : world_.processes)
      if (const OpenFile* file = find_file(world_, process.accepted);
          file != nullptr && process.id != file->acceptor && holds(process, file->id))
        served_[place_of(*file)] = true;
  }

  std::string seen_by_client(const OpenFile& file) const {
    const std::string client = mention_of(world_, file.client);
    const std::uint32_t references = references_[place_of(file)];
    const std::string count = fmt::format("refcnt({}) = {}", title_of(file), references);
    const Client* known = find_client(world_, file.client);
    if (known != nullptr && has_ended(*known))
      return fmt::format("{}: {} has gone, and the descriptor stays taken.", count, client);
    if (is_served(file))
      return fmt::format("{}: when the child closes it, {} will be left, and {} will wait for ever.", count,
                         references == 2 ? "one reference" : fmt::format("{} references", references - 1), client);
    if (references > 1)
      return fmt::format("{}: younger children have inherited it, and {} waits for ever.", count, client);
    return fmt::format("{}, so the kernel sends no FIN and {} waits for ever.", count, client);
  }

  // "descriptors 4 and 5", "descriptors 4, 5, 6, ..."
  static std::string list_descriptors(const std::vector<Leak>& leaks) {
    std::string list = fmt::format("descriptors {}", leaks.front().fd);
    if (leaks.size() == 2) return list + fmt::format(" and {}", leaks.back().fd);
    for (std::size_t i = 1; i < std::min(leaks.size(), kMostListed); ++i) list += fmt::format(", {}", leaks[i].fd);
    return leaks.size() > kMostListed ? list + ", ..." : list;
  }

  void find_leaks() {
    for (const Process& holder : world_.processes) {
      const std::vector<Leak> leaks = leaks_of(holder);
      if (leaks.empty()) continue;
      const auto& [fd, file] = leaks.front();
      Diagnosis& diagnosis = add("leaked-connfd", "Leak", file->kept_step);
      const std::string who = capital(mention_of(holder));
      if (leaks.size() > 1)
        diagnosis.text = fmt::format("{} still holds {} connections of its children: {}.", who, leaks.size(),
                                     list_descriptors(leaks));
      else if (is_served(*file))
        diagnosis.text = fmt::format("{} still holds connfd {}, which a child serves.", who, fd);
      else
        diagnosis.text = fmt::format("{} still holds connfd {}, and no child does any more.", who, fd);
      diagnosis.text += " " + seen_by_client(*file);
      diagnosis.cause = "After Fork(), parent and child hold a reference each, and the parent never gives up its own.";
      diagnosis.fix = kCloseConnfd;
      diagnosis.process = holder.id;
      if (leaks.size() == 1) {
        diagnosis.file = file->id;
        diagnosis.client = file->client;
      }
    }
  }

  // ---- children that nobody reaps ----

  // The child is dead, and its parent would have reaped it by now if it ever did.
  bool is_neglected(const Process& child, const Process& parent) const {
    // Of a pool: its parent comes to wait for it, in its turn.
    if (child.place != 0 && child.shape.has(Shape::kPool)) return false;
    if (parent.life != Life::kAlive || parent.in_handler != 0 || parent.pending_signal == SIGSTOP) return false;
    // The handler came by and didn't ask for everybody.
    if (parent.handled_at > child.ended_at && !parent.nobody_left) return true;
    // At a gate SIGCHLD is blocked, and will be delivered when the gate opens.
    if (!parent.gate && now_ - child.ended_at >= kReapLatency) return true;
    if (has_signal(parent.blocked, SIGCHLD)) return false;  // it will be delivered when it is unblocked
    // It went on with its program. Of a server that runs and has a handler, or may have one, that proves nothing:
    // between a child's last report and its death there is time for many a step of the parent. What the kernel told of
    // its handlers before that is no proof: the server may not have come to installing one yet.
    const bool asked_since = world_.check_step > child.ended_step;
    const bool no_handler = parent.handled_at == 0 && asked_since && !has_signal(parent.signals.caught, SIGCHLD);
    if (no_handler && is_asleep(parent)) return true;
    const bool unhurried = no_handler || world_.stepping || parent.held;
    return unhurried && parent.acted_at > std::max(child.ended_at, parent.unblocked_at) + kSignalLatency;
  }

  void find_zombies() {
    std::map<const Process*, Processes> neglected;  // by parent; those are in a table, by id
    for (const Process& child : world_.processes) {
      if (child.life != Life::kDead || !child.parent || child.thread_of) continue;
      const Process* parent = find_present(world_, child.parent);
      if (parent != nullptr && is_neglected(child, *parent)) neglected[parent].push_back(&child);
    }
    for (const auto& [who, children] : neglected) {
      const Process& parent = *who;
      const auto first = *std::min_element(children.begin(), children.end(), [](const Process* a, const Process* b) {
        return a->ended_step < b->ended_step;
      });
      Diagnosis& diagnosis = add("zombies", children.size() == 1 ? "Zombie" : "Zombies", first->ended_step);
      diagnosis.text = fmt::format(
          "{} {} ended, and {} hasn't reaped {}: a zombie keeps its pid and its place in the process table.",
          name_all(children), children.size() == 1 ? "has" : "have", mention_of(parent),
          children.size() == 1 ? "it" : "them");
      if (parent.handled_at > first->ended_at && !parent.nobody_left) {
        diagnosis.cause = "Signals do not queue: the handler ran once for several children, and reaped one.";
        diagnosis.fix = kReapAll;
      } else {
        diagnosis.cause = "No SIGCHLD handler has run since.";
        diagnosis.fix = kHandleSigchld;
      }
      diagnosis.process = only_one(children);
      for (const Process* child : children) diagnosis.zombies.push_back(child->id);
    }
  }

  // ---- children that hold what isn't theirs ----

  bool is_accepted_from(FileId listening) const {
    return std::any_of(world_.processes.begin(), world_.processes.end(), [&](const Process& process) {
      return process.life == Life::kAlive && process.accept_step != 0 && holds(process, listening);
    });
  }

  void find_held_listening() {
    for (const OpenFile& file : world_.files) {
      if (file.kind != FileKind::kListening) continue;
      Processes holders;
      for (const Process& process : world_.processes)
        // A child that works closes it before it does anything else, or execve does.
        if (process.parent && process.place == 0 && !process.shape.has(Shape::kExecs) &&
            process.first_acted_step != 0 && process.accept_step == 0 && holds(process, file.id))
          holders.push_back(&process);
      if (holders.empty()) continue;
      const bool one = holders.size() == 1;
      Diagnosis& diagnosis =
          add("held-listening", "Listening socket held by a child", earliest(holders, &Process::first_acted_step));
      diagnosis.text =
          fmt::format("{} still {} listenfd, and never {} accept. refcnt({}) = {}", name_all(holders),
                      one ? "holds" : "hold", one ? "calls" : "call", title_of(file), references_[place_of(file)]);
      if (is_accepted_from(file.id))
        diagnosis.text += fmt::format(": port {} would stay taken if the server ended.", file.port);
      else
        diagnosis.text += fmt::format(
            ", though the server is gone: port {} is still taken, clients still connect and nobody accepts.",
            file.port);
      diagnosis.cause = "A child inherits every descriptor of its parent, and this one wasn't closed.";
      diagnosis.fix = "Close(listenfd);  // in the child, right after Fork()";
      diagnosis.process = only_one(holders);
      diagnosis.file = file.id;
    }
  }

  // By a program that can't know of it.
  void find_held_over_exec() {
    for (const OpenFile& file : world_.files) {
      if (file.kind != FileKind::kListening) continue;
      Processes holders;
      for (const Process& process : world_.processes)
        if (process.executed_step != 0 && process.accept_step == 0 && holds(process, file.id))
          holders.push_back(&process);
      if (holders.empty()) continue;
      const bool one = holders.size() == 1;
      const std::string end = one ? mention_of(*holders.front()) + " ends" : "all of them have ended";
      Diagnosis& diagnosis =
          add("held-over-exec", "Listening socket held over execve", earliest(holders, &Process::executed_step));
      diagnosis.text = fmt::format("{} {} {}, and {} the listening socket. refcnt({}) = {}", name_all(holders),
                                   one ? "runs" : "run", printable(holders.front()->program.view()),
                                   one ? "holds" : "hold", title_of(file), references_[place_of(file)]);
      if (is_accepted_from(file.id))
        diagnosis.text += fmt::format(": if the server ended, port {} would stay taken until {}.", file.port, end);
      else
        diagnosis.text += fmt::format(", though the server is gone: until {}, bind fails with EADDRINUSE on port {}.",
                                      end, file.port);
      diagnosis.cause = "execve leaves every descriptor open that isn't close-on-exec.";
      diagnosis.fix = "Fcntl(listenfd, F_SETFD, FD_CLOEXEC);";
      diagnosis.process = only_one(holders);
      diagnosis.file = file.id;
    }
  }

  void find_children_that_accept() {
    Processes children;
    for (const Process& process : world_.processes)
      if (process.parent && process.place == 0 && process.life == Life::kAlive && process.accept_step != 0)
        children.push_back(&process);
    if (children.empty()) return;
    const bool one = children.size() == 1;
    Diagnosis& diagnosis = add("child-accepts", "Child in the accept loop", earliest(children, &Process::accept_step));
    diagnosis.text =
        fmt::format("{} {} accept, like the server: {} with {} client, and now {} clients that the server should have.",
                    name_all(children), one ? "calls" : "call", one ? "it should have ended" : "they should have ended",
                    one ? "its" : "their", one ? "gets" : "get");
    diagnosis.cause = "Nothing ends the child after echo(): it goes on with the lines of the parent.";
    diagnosis.fix = "Exit(0);  // at the end of the child's branch";
    diagnosis.process = only_one(children);
  }

  // ---- limits ----

  bool server_lives() const { return server_ != nullptr && server_->life == Life::kAlive; }
  bool has_failed(Call call, int error) const {
    return failed_ != nullptr && failed_->call == call && failed_->error == error;
  }

  // Numbers below the limit. 0, 1 and 2 were open before the server's program began.
  int descriptors_in_use(const Process& process) const {
    const auto counts = [&](const Descriptor& one) { return one.fd > 2 && one.fd < world_.descriptor_limit; };
    return 3 + static_cast<int>(std::count_if(process.descriptors.begin(), process.descriptors.end(), counts));
  }
  int connections_of(const Process& process) const {
    return static_cast<int>(std::count_if(process.descriptors.begin(), process.descriptors.end(), [&](const auto& one) {
      const OpenFile* file = find_file(world_, one.file);
      return file != nullptr && file->kind == FileKind::kConnection;
    }));
  }
  bool is_nearly_out(const Process& process) const {
    const int limit = world_.descriptor_limit;
    return limit > 0 && process.life == Life::kAlive &&
           limit - descriptors_in_use(process) <= std::max(2, limit / 10) && connections_of(process) > 1;
  }

  void find_lack_of_descriptors() {
    const bool out = server_lives() && (has_failed(Call::kAccept, EMFILE) || has_failed(Call::kAccept, ENFILE));
    const Process* process = server_;
    if (!out) {
      const auto nearly_out = std::find_if(world_.processes.begin(), world_.processes.end(),
                                           [&](const Process& one) { return is_nearly_out(one); });
      if (nearly_out == world_.processes.end()) return;
      process = &*nearly_out;
    }
    const std::vector<Leak> leaks = leaks_of(*process);
    const std::string who = mention_of(*process);
    const std::uint64_t latest = leaks.empty() ? process->started_step : leaks.back().file->kept_step;
    Diagnosis& diagnosis = add("out-of-descriptors", out ? "Out of descriptors" : "Nearly out of descriptors",
                               out ? world_.trouble_step : latest);
    if (out) {
      const std::string full = failed_->error == ENFILE ? "the whole system is out of open files"
                               : world_.descriptor_limit > 0
                                   ? fmt::format("{} uses {} of its {} descriptors", who, descriptors_in_use(*process),
                                                 world_.descriptor_limit)
                                   : fmt::format("the descriptor table of {} is full", who);
      diagnosis.text = fmt::format("accept fails with {}: {}. Clients still connect, and wait in the queue.",
                                   error_name(failed_->error), full);
    } else {
      diagnosis.text = fmt::format("{} uses {} of its {} descriptors, {} of them for connections. At {}, accept fails.",
                                   capital(who), descriptors_in_use(*process), world_.descriptor_limit,
                                   connections_of(*process), world_.descriptor_limit);
    }
    diagnosis.cause = leaks.empty() ? "Each open connection takes a descriptor."
                                    : fmt::format("It never closes what it hands to its children: {} leaked.",
                                                  plural(leaks.size(), "connection", "connections"));
    diagnosis.fix = leaks.empty() ? "setrlimit(RLIMIT_NOFILE, &more);" : kCloseConnfd;
    diagnosis.process = process->id;
  }

  void find_lack_of_processes() {
    if (!server_lives() || !has_failed(Call::kFork, EAGAIN)) return;
    std::size_t children = 0, zombies = 0;
    for (const Process& process : world_.processes) {
      if (process.parent != server_->id) continue;
      ++children;
      zombies += process.life == Life::kDead && is_neglected(process, *server_) ? 1 : 0;
    }
    // With fewer than its own limit allows, it is over once one has gone; or it is another limit, set from outside.
    const bool fewer = world_.children_limit > 0 && children < static_cast<std::size_t>(world_.children_limit);
    const auto went_since = [&](const Process& past) {
      return past.parent == server_->id && past.reaped_at > world_.trouble->at;
    };
    if (fewer && std::any_of(world_.departed.begin(), world_.departed.end(), went_since)) return;
    const std::string client = mention_of(world_, server_->serves);
    const bool held = holds(*server_, server_->accepted);
    const bool went_on =
        server_->activity.kind == Activity::kInCall || (server_->gate && server_->gate->call == Call::kAccept);
    Diagnosis& diagnosis = add("out-of-processes", "Out of processes", world_.trouble_step);
    diagnosis.text = fmt::format(
        "fork fails with EAGAIN: {} has {}{}.", mention_of(*server_), plural(children, "child", "children"),
        world_.children_limit > 0 ? fmt::format(" and may have no more than {}", world_.children_limit) : "");
    if (!server_->accepted)
      diagnosis.text += " It goes on with those that it has.";
    else
      diagnosis.text += !held ? fmt::format(" {} was sent away.", capital(client))
                        : went_on
                            ? fmt::format(" {} was not closed: it leaks, and {} waits for ever.",
                                          capital(connection_of(*server_)), client)
                            : fmt::format(" Close(connfd) sends {} away; without it, the connection leaks.", client);
    diagnosis.cause = zombies > 0 ? fmt::format("{} not reaped: zombies take a place in the process table too.",
                                                plural(zombies, "of them is", "of them are"))
                      : fewer     ? "It may have more, but its user may not: RLIMIT_NPROC, as prlimit(1) shows it."
                                  : "There are as many processes as there may be.";
    diagnosis.fix = held && went_on ? "Close(connfd);  // also when Fork() fails"
                    : zombies > 0   ? kReapAll
                                    : "setrlimit(RLIMIT_NPROC, &more);";
    diagnosis.process = server_->id;
    if (held) diagnosis.file = server_->accepted;
    diagnosis.client = server_->serves;
  }

  std::string connection_of(const Process& process) const { return fmt::format("connection {}", process.connection); }

  const World& world_;
  Nanoseconds now_;
  const Process* server_;
  std::vector<std::uint32_t> references_;  // of each open file
  std::vector<bool> served_;               // whether it is, of each
  const CallFailed* failed_ = nullptr;     // the server's last failed call, while nothing has succeeded after it
  std::vector<Diagnosis> found_;
};

}  // namespace

bool is_diagnosis_kind(std::string_view kind) {
  return std::find(std::begin(kDiagnosisKinds), std::end(kDiagnosisKinds), kind) != std::end(kDiagnosisKinds);
}

std::vector<Diagnosis> diagnose(const World& world, Nanoseconds now) { return Examination(world, now).all(); }

}  // namespace forktable
