// A session on a thread of its own, for a program that waits for something else: a window's events.
//
// Threads: the session belongs to its thread. Everything below may be called from the thread that made the
// LiveSession; what passes between the two is commands one way and events the other.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/lesson/runner.hpp"
#include "core/session/session.hpp"

namespace forktable {

class LiveSession {
 public:
  // `on_news` is called, on the session's thread, when take_news() has something after it had nothing.
  static Result<std::unique_ptr<LiveSession>> start(std::function<void()> on_news);
  // Ends the server and all of its processes.
  ~LiveSession();
  LiveSession(const LiveSession&) = delete;
  LiveSession& operator=(const LiveSession&) = delete;

  // Done on the session's thread, soon, in the order of the calls.
  void post(std::function<void(Session&)> command);
  // An error in there becomes news.
  void start_server(ServerSetup setup);

  // A new server, as the lesson wants it. The lesson's stops come as events.
  void start_lesson(Lesson lesson, ServerSetup setup);
  void next_lesson_stop();
  void leave_lesson();

  struct News {
    std::vector<Event> events;  // in their order
    std::vector<Event> beside;  // at the server beside that of a lesson, with the times of this session
    std::vector<Error> errors;
    struct LessonState {
      bool busy = false, done = false;
      std::optional<Error> trouble;
    };
    std::optional<LessonState> lesson;  // if it has changed
  };
  News take_news();

  Nanoseconds began() const { return began_; }  // CLOCK_MONOTONIC; the times of events count from there
  // The time of now, as events have it.
  Nanoseconds now() const;

 private:
  explicit LiveSession(std::function<void()> on_news) : on_news_(std::move(on_news)) {}
  void run();
  void tell_lesson();
  void put_beside(const Lesson& lesson, const ServerSetup& setup);
  template <class Add>
  void add_news(Add add);

  std::function<void()> on_news_;
  std::unique_ptr<Session> session_;
  std::optional<LessonRunner> lesson_;  // belongs to the session's thread
  bool lesson_was_busy_ = false;
  Nanoseconds began_ = 0;
  std::atomic<bool> ending_ = false;
  std::mutex mutex_;  // of what follows
  std::vector<std::function<void(Session&)>> commands_;
  News news_;
  bool told_ = false;   // of the news that are waiting
  std::thread thread_;  // last, so that it ends before what it uses
};

}  // namespace forktable
