#include "core/world/diagnose_surprises.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "core/world/describe.hpp"
#include "core/world/findings.hpp"

namespace forktable {
namespace {

class Surprises {
 public:
  Surprises(const World& world, std::vector<Diagnosis>& found)
      : world_(world), server_(find_process(world, world.server)), found_(found) {
    if (world.trouble) failed_ = std::get_if<CallFailed>(&world.trouble->what);
  }

  void all() {
    find_interrupted_accept();
    find_clobbered_errno();
    find_killed_by_sigpipe();
  }

 private:
  Diagnosis& add(std::string_view kind, std::string title, std::uint64_t since) {
    return add_diagnosis(found_, kind, std::move(title), since);
  }

  // ---- errno ----

  bool saw_another_errno() const { return world_.errno_seen && *world_.errno_seen != failed_->error; }

  // By its own decision, not by a signal.
  bool gave_up() const {
    if (server_ == nullptr) return false;
    if (server_->life == Life::kAlive) return server_->gate && server_->gate->call == Call::kExit;
    return server_->wait_status && WIFEXITED(*server_->wait_status);
  }

  void find_interrupted_accept() {
    if (failed_ == nullptr || failed_->call != Call::kAccept || failed_->error != EINTR || saw_another_errno() ||
        !gave_up())
      return;
    const bool dead = server_->life != Life::kAlive;
    Diagnosis& diagnosis = add("accept-interrupted", "accept was interrupted", world_.trouble_step);
    diagnosis.text = fmt::format("{} {} because a signal interrupted accept: nobody accepts any more.",
                                 capital(mention_of(*server_)), dead ? "has ended" : "ends");
    diagnosis.cause = "EINTR is no failure: nobody had connected yet, and the call only has to be made again.";
    diagnosis.fix = "if (errno == EINTR) continue;";
    diagnosis.process = server_->id;
  }

  void find_clobbered_errno() {
    if (failed_ == nullptr || server_ == nullptr || !saw_another_errno()) return;
    const std::string seen = *world_.errno_seen == 0 ? "0, no error" : error_name(*world_.errno_seen);
    Diagnosis& diagnosis = add("errno-clobbered", "errno was clobbered", world_.trouble_step);
    diagnosis.text =
        fmt::format("{} failed with {}, but {} found {} in errno{}.", name_of(failed_->call),
                    error_name(failed_->error), mention_of(*server_), seen, gave_up() ? ", and gave up" : "");
    diagnosis.cause = "A signal handler ran between the call and the look at errno, and left its own there.";
    diagnosis.fix = "errno = saved_errno;  // at the end of the handler";
    diagnosis.process = server_->id;
  }

  // ---- SIGPIPE ----

  // In write: whoever sent it to a process that did something else had his reasons.
  bool is_killed_by_sigpipe(const Process& process) const {
    return process.id >= world_.server && !process.thread_of && process.wait_status &&
           WIFSIGNALED(*process.wait_status) && WTERMSIG(*process.wait_status) == SIGPIPE &&
           process.activity.kind == Activity::kInCall && process.activity.call == Call::kWrite;
  }

  void find_killed_by_sigpipe() {
    Processes killed;
    for (const auto* all : {&world_.departed, &world_.processes})
      for (const Process& process : *all)
        if (is_killed_by_sigpipe(process)) killed.push_back(&process);
    if (killed.empty()) return;
    const bool one = killed.size() == 1;
    Diagnosis& diagnosis = add("killed-by-sigpipe", "Killed by SIGPIPE", earliest(killed, &Process::ended_step));
    diagnosis.text =
        fmt::format("{} {} killed in write: {} had gone, and SIGPIPE wasn't ignored.", name_all(killed),
                    one ? "was" : "were", one ? mention_of(world_, killed.front()->serves) : "their clients");
    diagnosis.cause =
        "A write to a connection that was reset sends SIGPIPE, and its default action is to end the process.";
    diagnosis.fix = "Signal(SIGPIPE, SIG_IGN);  // write then returns -1, with EPIPE";
    diagnosis.process = only_one(killed);
    if (one) diagnosis.client = killed.front()->serves;
  }

  const World& world_;
  const Process* server_;
  const CallFailed* failed_ = nullptr;  // the server's last failed call, while nothing has succeeded after it
  std::vector<Diagnosis>& found_;
};

}  // namespace

void diagnose_surprises(const World& world, std::vector<Diagnosis>& found) { Surprises(world, found).all(); }

}  // namespace forktable
