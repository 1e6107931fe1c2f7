// A second server beside that of a lesson. It runs freely, and clients of its own do at it what the lesson's clients do
// at the lesson's server.
//
// It belongs to the thread of the lesson's session, and is pumped by whoever pumps that.
#pragma once

#include <memory>
#include <vector>

#include "core/lesson/lesson.hpp"
#include "core/lesson/rest.hpp"
#include "core/session/session.hpp"

namespace forktable {

class BesideServer {
 public:
  // The lesson has one. `like`: what the lesson's own server is made from, see setup_for(). What happens at it goes to
  // `sink`, with times that count from when `first` began.
  static Result<std::unique_ptr<BesideServer>> start(const Lesson& lesson, const Session& first,
                                                     const ServerSetup& like, EventSink sink);
  BesideServer(const BesideServer&) = delete;
  BesideServer& operator=(const BesideServer&) = delete;

  // Deals with what has happened, and waits for nothing.
  void pump();
  // Begins it; that it is over, is_at_rest() says.
  void carry_out(const ClientDoes& deed);
  // To be called every few milliseconds: see Rest.
  void look() { rest_.look(); }
  bool is_at_rest() const { return session_->port() != 0 && rest_.has_come(); }
  const World& world() const { return world_; }

 private:
  explicit BesideServer(EventSink sink) : sink_(std::move(sink)) {}
  void take(Event event);

  EventSink sink_;
  World world_;
  Rest rest_{world_};
  Nanoseconds later_ = 0;             // it began so much later than the first
  std::vector<ClientId> clients_;     // in the order of the lesson's
  std::unique_ptr<Session> session_;  // last, so that it ends before what it tells
};

}  // namespace forktable
