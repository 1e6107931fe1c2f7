#include "core/world/diagnose_approaches.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/world/describe.hpp"
#include "core/world/findings.hpp"

namespace forktable {
namespace {

// How long nothing is said of one who waits: a client that talks, and a main that joins, need less.
constexpr Nanoseconds kLongestWait = 300 * kMillisecond;

constexpr const char* kRaceCause =
    "All threads got the address of one variable, and main changed it before they had looked.";
constexpr const char* kRaceFix = "int* argument = Copied(connfd);  // one for each thread";

using Clients = std::vector<const Client*>;

// "Client 2 waits", "3 clients wait".
std::string waiting(const Clients& clients) {
  if (clients.size() == 1) return capital(mention_of(*clients.front())) + " waits";
  return fmt::format("{} clients wait", clients.size());
}

class ApproachExamination {
 public:
  ApproachExamination(const World& world, Nanoseconds now, std::vector<Diagnosis>& found)
      : world_(world), now_(now), server_(find_process(world, world.server)), found_(found) {}

  void all() {
    if (server_ != nullptr && server_->life == Life::kAlive) {
      if (world_.shape.has_one_flow()) {
        find_wait_for_one();
        find_work_for_one();
      }
      find_missed_connections();
      find_robbed_threads();
      find_unjoined_threads();
      find_children_not_replaced();
      find_full_pool();
      find_stale_jobs();
    }
    find_lost_update();
  }

 private:
  Diagnosis& add(std::string_view kind, std::string title, std::uint64_t since) {
    return add_diagnosis(found_, kind, std::move(title), since);
  }

  // ---- one flow of control ----

  Clients queued() const {
    Clients clients;
    for (const Client& client : world_.clients)
      if (waits_for_accept(client)) clients.push_back(&client);
    return clients;
  }

  // When the first of them came into its state.
  static Nanoseconds earliest_of(const Clients& clients) {
    return (*std::min_element(clients.begin(), clients.end(), [](auto* a, auto* b) { return a->since < b->since; }))
        ->since;
  }

  // It has its connection and its echo, and says nothing.
  static bool is_quiet(const Client& client) {
    return client.state == Client::kConnected || client.state == Client::kEchoed;
  }

  // It is in read, and there is nothing to be read: it waits for one client, and the others wait for it.
  void find_wait_for_one() {
    if (!is_blocked(*server_) || server_->activity.call != Call::kRead) return;
    const Descriptor* descriptor = find_descriptor(*server_, server_->activity.fd);
    const OpenFile* file = descriptor != nullptr ? find_file(world_, descriptor->file) : nullptr;
    const Client* quiet = file != nullptr ? find_client(world_, file->client) : nullptr;
    if (quiet == nullptr || !is_quiet(*quiet)) return;
    const Clients clients = queued();
    if (clients.empty()) return;
    if (!world_.stepping && now_ - std::max(server_->acted_at, earliest_of(clients)) < kLongestWait) return;
    Diagnosis& diagnosis = add("stalled", "Waiting for one client", server_->acted_step);
    diagnosis.text =
        fmt::format("{} is blocked in {}, and serves {} until it closes. {} in the accept queue.",
                    capital(mention_of(*server_)), call_of(*server_), mention_of(*quiet), waiting(clients));
    diagnosis.cause = "There is one flow of control, and it serves one client to the end.";
    diagnosis.fix = "if (Fork() == 0) { Close(listenfd); echo(connfd); Exit(0); }  // or a thread, or select";
    diagnosis.process = server_->id;
    diagnosis.client = quiet->id;
  }

  // It works for one of those who wait for their echo.
  void find_work_for_one() {
    if (server_->activity.kind != Activity::kWorking) return;
    Clients clients = queued();
    std::size_t served = 0;
    for (const Client& client : world_.clients)
      if (client.state == Client::kAwaitingEcho && !waits_for_accept(client)) {
        clients.push_back(&client);
        served = 1;
      }
    if (clients.size() <= served) return;
    Diagnosis& diagnosis = add("stalled", "Waiting for one request", server_->acted_step);
    const std::string others =
        clients.size() - served == 1 ? "Another one waits" : fmt::format("{} others wait", clients.size() - served);
    diagnosis.text = fmt::format("{} {}. {}.", capital(mention_of(*server_)),
                                 server_->gate ? "has worked for one client, and did nothing else meanwhile"
                                               : "works for one client, and does nothing else until that is done",
                                 others);
    diagnosis.cause = "There is one flow of control, and a handler that takes long keeps it.";
    diagnosis.fix = "Create(work, request);  // what takes long goes to a thread";
    diagnosis.process = server_->id;
  }

  // ---- threads ----

  // Those that have looked which connection is theirs, and found this one.
  std::vector<const Process*> threads_that_serve(FileId file) const {
    std::vector<const Process*> threads;
    for (const Process& one : world_.processes)
      if (one.thread_of && one.life == Life::kAlive && one.argument >= 0 && one.accepted == file)
        threads.push_back(&one);
    return threads;
  }

  void find_missed_connections() {
    std::vector<const OpenFile*> missed;
    for (const OpenFile& file : world_.files)
      if (file.missed_step != 0 && count_references(world_, file.id) > 0 && threads_that_serve(file.id).empty())
        missed.push_back(&file);
    if (missed.empty()) return;
    const OpenFile& first = **std::min_element(missed.begin(), missed.end(),
                                               [](auto* a, auto* b) { return a->missed_step < b->missed_step; });
    Diagnosis& diagnosis = add("connfd-race", "Nobody's connection", first.missed_step);
    if (missed.size() > 1) {
      diagnosis.text =
          fmt::format("No thread serves {} connections, the first of them {}.", missed.size(), title_of(first));
    } else {
      const Client* client = find_client(world_, first.client);
      const std::string who = mention_of(world_, first.client);
      diagnosis.text =
          client != nullptr && has_ended(*client)
              ? fmt::format("No thread serves {}: {} has gone, and the descriptor stays taken.", title_of(first), who)
              : fmt::format("No thread serves {}: {} waits for ever.", title_of(first), who);
      diagnosis.file = first.id;
      diagnosis.client = first.client;
    }
    const auto robbed = std::find_if(world_.processes.begin(), world_.processes.end(),
                                     [&](const Process& one) { return is_robbed(one) && shares_connection(one); });
    if (robbed != world_.processes.end()) {
      diagnosis.text += fmt::format(" {} has closed connection {}, which {} serves as well.",
                                    capital(closer_for(*robbed)), robbed->connection, mention_of(*robbed));
    } else {
      for (const OpenFile& file : world_.files)
        if (const auto threads = threads_that_serve(file.id); threads.size() > 1) {
          diagnosis.text += fmt::format(" {} is served by {} threads.", capital(title_of(file)), threads.size());
          break;
        }
    }
    diagnosis.cause = kRaceCause;
    diagnosis.fix = kRaceFix;
    is_race_found_ = true;
  }

  // Another thread has closed the descriptor of the connection that it serves.
  static bool is_robbed(const Process& thread) {
    return thread.descriptor_closed_by.value != 0 && thread.life == Life::kAlive;
  }
  std::string closer_for(const Process& robbed) const {
    const Process* closer = find_process(world_, robbed.descriptor_closed_by);
    return closer == nullptr ? "another thread" : closer->thread_of ? mention_of(*closer) : "main";
  }
  // Both had found it in the one variable, and who closed it was right to do so.
  bool shares_connection(const Process& robbed) const {
    const Process* closer = find_process(world_, robbed.descriptor_closed_by);
    return closer != nullptr && closer->thread_of && closer->accepted == robbed.accepted;
  }

  void find_robbed_threads() {
    for (const Process& thread : world_.processes) {
      if (!is_robbed(thread)) continue;
      const bool shared = shares_connection(thread);
      if (shared && is_race_found_) continue;  // that is told there, with why it is so
      const Descriptor* now = find_descriptor(*server_, thread.argument);
      const OpenFile* file = now != nullptr ? find_file(world_, now->file) : nullptr;
      Diagnosis& diagnosis = add("closed-by-another", "Closed by another thread", thread.descriptor_closed_step);
      diagnosis.text =
          fmt::format("{} serves {} over descriptor {}, and {} has closed that. {}", capital(mention_of(thread)),
                      mention_of(world_, thread.serves), thread.argument, closer_for(thread),
                      file != nullptr ? fmt::format("The number is {} by now.", title_of(*file))
                                      : "Its next call fails with EBADF.");
      diagnosis.cause =
          shared ? kRaceCause : "All threads use one descriptor table: what one of them closes is closed for all.";
      diagnosis.fix = shared ? kRaceFix : "Close(connfd);  // once, by the thread that serves it";
      diagnosis.process = thread.id;
      diagnosis.client = thread.serves;
    }
  }

  // Whether main has been back in its loop since, where it could have joined the thread. It is sure to have been there
  // if it has created another one.
  bool is_passed_over(const Process& ended) const {
    const bool accepts = (server_->gate && server_->gate->call == Call::kAccept) ||
                         (is_blocked(*server_) && server_->activity.call == Call::kAccept);
    if (!accepts) return false;
    const auto is_later = [&](const Process& one) { return one.thread_of && one.started_step > ended.ended_step; };
    const auto is_joined = [](const Process& one) { return one.thread_of && !one.detached; };
    if (std::any_of(world_.processes.begin(), world_.processes.end(), is_later) ||
        std::any_of(world_.departed.begin(), world_.departed.end(), is_later))
      return true;
    // One that has joined threads will come to this one too, when a client makes it go on.
    if (std::any_of(world_.departed.begin(), world_.departed.end(), is_joined)) return false;
    return !server_->gate && (world_.stepping || now_ - ended.ended_at >= kLongestWait);
  }

  void find_unjoined_threads() {
    std::vector<const Process*> ended;
    for (const Process& one : world_.processes)
      if (one.thread_of && one.life == Life::kDead && is_passed_over(one)) ended.push_back(&one);
    if (ended.empty()) return;
    const Process& first =
        **std::min_element(ended.begin(), ended.end(), [](auto* a, auto* b) { return a->ended_step < b->ended_step; });
    const bool one = ended.size() == 1;
    Diagnosis& diagnosis = add("unjoined-thread", one ? "Thread not joined" : "Threads not joined", first.ended_step);
    diagnosis.text =
        fmt::format("{} ended, and nobody has joined {}: {} stay{} in memory.",
                    one ? capital(mention_of(first)) + " has" : fmt::format("{} threads have", ended.size()),
                    one ? "it" : "them", one ? "its stack" : "their stacks", one ? "s" : "");
    diagnosis.cause = "A thread that isn't detached keeps its stack and its result for who joins it.";
    diagnosis.fix = "Detach();  // at the beginning of the thread";
    if (one) diagnosis.process = first.id;
  }

  // ---- children that accept for themselves ----

  // It has come to wait for the next end: whom it was to fork before, it would have forked.
  bool waits_again() const {
    if (server_->gate) return server_->gate->call == Call::kWaitpid || server_->gate->call == Call::kNanosleep;
    return server_->activity.kind == Activity::kBackingOff ||
           (is_blocked(*server_) && server_->activity.call == Call::kWaitpid);
  }
  bool fork_has_failed() const {
    const auto* failed = world_.trouble ? std::get_if<CallFailed>(&world_.trouble->what) : nullptr;
    return failed != nullptr && failed->call == Call::kFork;
  }

  void find_children_not_replaced() {
    if (!waits_again() || fork_has_failed()) return;
    std::vector<std::uint32_t> taken;
    std::size_t left = 0;
    for (const Process& one : world_.processes) {
      if (one.place == 0 || one.parent != server_->id) continue;
      taken.push_back(one.place);
      left += one.life == Life::kAlive ? 1 : 0;
    }
    // The latest of each place that nobody has taken.
    std::map<std::uint32_t, const Process*> missing;
    for (const Process& past : world_.departed)
      if (past.place != 0 && past.parent == server_->id &&
          std::find(taken.begin(), taken.end(), past.place) == taken.end())
        missing[past.place] = &past;
    if (missing.empty()) return;
    std::vector<const Process*> gone;
    gone.reserve(missing.size());
    for (const auto& [place, past] : missing) gone.push_back(past);
    std::sort(gone.begin(), gone.end(), [](auto* a, auto* b) { return a->ended_step < b->ended_step; });
    const bool one = gone.size() == 1;
    Diagnosis& diagnosis =
        add("not-replaced", one ? "Child not replaced" : "Children not replaced", gone.front()->ended_step);
    const std::size_t all = missing.size() + taken.size();
    diagnosis.text = fmt::format("{} {} ended, and {} has gone on to waitpid without forking another. ",
                                 one ? capital(mention_of(*gone.front())) : fmt::format("{} children", gone.size()),
                                 one ? "has" : "have", mention_of(*server_));
    diagnosis.text +=
        left == 0
            ? fmt::format("None is left: port {} still listens, clients connect, and nobody accepts.", world_.port)
            : fmt::format("{} of {} {} left, so at most {} can be served at the same time.", left, all,
                          left == 1 ? "is" : "are", plural(left, "client", "clients"));
    diagnosis.cause = fmt::format("What waitpid returned wasn't counted: {} believes that there are {} children.",
                                  mention_of(*server_), all);
    diagnosis.fix = "--children;  // after Waitpid(), so that Fork() comes next";
    if (one) diagnosis.process = gone.front()->id;
  }

  // Its client is known, and says nothing.
  bool is_quiet(const Process& child) const {
    const OpenFile* file = holds(child, child.accepted) ? find_file(world_, child.accepted) : nullptr;
    const Client* client = file != nullptr ? find_client(world_, file->client) : nullptr;
    return client != nullptr && is_quiet(*client);
  }

  // Each of its children waits for the client that it has, and another client waits for one of them.
  void find_full_pool() {
    Nanoseconds since = 0;
    std::uint64_t step = 0;
    std::size_t children = 0;
    for (const Process& one : world_.processes) {
      if (one.place == 0 || one.parent != server_->id || one.life != Life::kAlive) continue;
      if (!is_blocked(one) || one.activity.call != Call::kRead || !is_quiet(one)) return;
      ++children;
      since = std::max(since, one.acted_at);
      step = std::max(step, one.acted_step);
    }
    const Clients clients = queued();
    if (children < std::size_t{kPoolSize} || clients.empty()) return;
    if (!world_.stepping && now_ - std::max(since, earliest_of(clients)) < kLongestWait) return;
    Diagnosis& diagnosis = add("pool-full", "All children are busy", step);
    diagnosis.text = fmt::format("Each of the {} children serves one client until it closes. {} in the accept queue.",
                                 children, waiting(clients));
    diagnosis.cause = "A pool serves as many clients at the same time as it has children.";
    diagnosis.fix = fmt::format("constexpr int CHILDREN = {};", children + clients.size());
    diagnosis.process = server_->id;
  }

  // ---- a list of children ----

  void find_stale_jobs() {
    std::vector<const Job*> stale;
    for (const Job& job : server_->jobs)
      if (job.late) stale.push_back(&job);
    if (stale.empty()) return;
    const Job& first = *stale.front();
    Diagnosis& diagnosis = add("stale-job", stale.size() == 1 ? "Stale job" : "Stale jobs", first.step);
    const Process* child = find_process(world_, first.child);
    const std::string name =
        child != nullptr ? fmt::format("{} ({})", mention_of(*child), first.pid) : fmt::format("process {}", first.pid);
    const Process* heir = find_process(world_, first.pid);
    diagnosis.text =
        fmt::format("The list of {} has {} in it, {}reaped before {} added. {}", mention_of(*server_),
                    stale.size() == 1 ? name : fmt::format("{} children", stale.size()),
                    stale.size() == 1 ? "which was " : "which were ", stale.size() == 1 ? "it was" : "they were",
                    heir != nullptr     ? fmt::format("{} is the pid of {} now.", first.pid, mention_of(*heir))
                    : stale.size() == 1 ? "Nothing will delete it, and its pid may become another's."
                                        : "Nothing will delete them, and their pids may become others'.");
    diagnosis.cause = "SIGCHLD came between Fork() and Add_job(): the handler deleted what wasn't in the list yet.";
    diagnosis.fix = "Sigprocmask(SIG_BLOCK, &sigchld, nullptr);  // before Fork()";
    diagnosis.process = server_->id;
  }

  // ---- shared memory ----

  void find_lost_update() {
    if (!world_.segment || world_.segment->lost_step == 0) return;
    const Segment& segment = *world_.segment;
    Diagnosis& diagnosis = add("lost-update", "Lost update", segment.lost_step);
    diagnosis.text =
        fmt::format("The shared counter has been counted up {} times, and is {}.", segment.stores, segment.value);
    diagnosis.cause = "One process had loaded it before another stored: the later store undid the earlier one.";
    diagnosis.fix = "P(semaphore); before Load, V(semaphore); after Store";
  }

  const World& world_;
  Nanoseconds now_;
  const Process* server_;
  std::vector<Diagnosis>& found_;
  bool is_race_found_ = false;  // connfd-race
};

}  // namespace

void diagnose_approaches(const World& world, Nanoseconds now, std::vector<Diagnosis>& found) {
  ApproachExamination(world, now, found).all();
}

}  // namespace forktable
