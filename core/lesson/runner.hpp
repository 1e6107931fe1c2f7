// Plays a lesson on a session: lets the real server's processes take just the steps that the lesson wants.
//
// It belongs to the session's thread. Whoever pumps the session calls work() after each pump(), which does what can be
// done next, and pumps no longer than longest_pump() at a time. take() gets every event that the session tells.
//
// A lesson has stops: each question and each step. next() asks for the following one. When it is reached, the session's
// stream has a LessonAsked or a LessonStepped, after all that belongs to it: nothing moves then, every process waits at
// a gate, is blocked in a call or has ended.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "core/lesson/beside.hpp"
#include "core/lesson/lesson.hpp"
#include "core/lesson/rest.hpp"
#include "core/session/session.hpp"
#include "core/world/world.hpp"

namespace forktable {

class LessonRunner {
 public:
  // The session must outlive it. Its server is yet to be started: session.start_server(setup_for(lesson, ...)).
  LessonRunner(Lesson lesson, Session& session) : lesson_(std::move(lesson)), session_(session) {}
  LessonRunner(const LessonRunner&) = delete;
  LessonRunner& operator=(const LessonRunner&) = delete;

  // Clients come to this server too from now on, and no stop is reached before it has come to rest. work() pumps it.
  void put_beside(std::unique_ptr<BesideServer> server) { beside_ = std::move(server); }

  // From inside the session; keeps the runner's own World, and does nothing else.
  void take(const Event& event);
  void work();
  // Does nothing while busy(), when it is done() and in trouble().
  void next();

  bool busy() const { return moving_to_ != Stop::kNone; }         // on the way to the next stop
  bool done() const { return stepped_ == lesson_.steps.size(); }  // the last step has happened
  // What the lesson wants and doesn't happen: within 10 s, or because the process is dead or has been blocked for 2 s.
  const std::optional<Error>& trouble() const { return trouble_; }
  std::chrono::milliseconds longest_pump() const {
    return std::chrono::milliseconds(busy() ? 2 : beside_ ? 100 : 60'000);
  }

  const Lesson& lesson() const { return lesson_; }
  const World& world() const { return world_; }

 private:
  enum class Stop { kNone, kQuestion, kStep };
  enum class Progress { kDone, kMoved, kWaits, kFails };

  Progress carry_out(const ProcessDoes& deed);
  Progress carry_out(const ClientDoes& deed);
  Progress carry_out(const SwitchBug& deed);
  Progress carry_out(const SendSignal& deed);
  Progress carry_out(const Run& deed);
  bool begin(const ClientDoes& deed);
  void begin_action();
  const LessonAction* present_action() const;

  template <class Matches>
  bool has_told(std::size_t& claimed, Matches matches);
  bool has_done(const ProcessDoes& deed, const Process& process);
  void forget_told();
  const Process* find(ProcessName who) const;

  void look();
  bool quiet() const;

  std::string undone() const;
  void fail(const std::string& why);

  Lesson lesson_;
  Session& session_;
  World world_;
  std::optional<Error> trouble_;
  std::size_t stepped_ = 0;  // steps that have happened
  bool asked_ = false;       // the question of the next one has been asked
  std::vector<ClientId> clients_;

  // On the way to the next stop.
  Stop moving_to_ = Stop::kNone;
  bool arrived_ = false;  // and has said so; that word is still on its way
  std::size_t next_action_ = 0;
  Nanoseconds began_ = 0;                                // that action
  int stage_ = 0;                                        // of it; each kind of action has its own
  std::vector<Event> told_;                              // since it began to move
  std::map<Pid, std::size_t> claimed_;                   // how far into told_ each process's deeds have come
  std::map<std::uint32_t, std::size_t> client_claimed_;  // and each client's

  Rest rest_{world_};
  std::unique_ptr<BesideServer> beside_;  // null: none
};

}  // namespace forktable
