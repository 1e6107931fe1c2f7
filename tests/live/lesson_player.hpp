// Plays a lesson on a session, for tests of what it does with real processes.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/lesson/parse.hpp"
#include "core/lesson/runner.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/deadline.hpp"

namespace forktable::test {

// A lesson, a session and a runner that plays the one on the other.
struct Player {
  explicit Player(const Lesson& lesson, Port port = 0) {
    auto created = Session::create([this](const Event& event) {
      events.push_back(event);
      if (runner) runner->take(event);
    });
    EXPECT_TRUE(created);
    session = std::move(*created);
    runner.emplace(lesson, *session);
    const ServerSetup setup{.program = FORKTABLE_SERVER};
    if (lesson.beside) {
      auto server = BesideServer::start(lesson, *session, setup, [this](const Event& event) {
        beside_events.push_back(event);
        reduce(beside, event);
      });
      EXPECT_TRUE(server);
      if (server) runner->put_beside(std::move(*server));
    }
    const auto started = session->start_server(setup_for(lesson, {.program = FORKTABLE_SERVER, .port = port}));
    EXPECT_TRUE(started) << started.error().message();
  }
  ~Player() {
    session.reset();
    runner.reset();
  }

  // On to the next stop. False if that can't be reached.
  bool next() {
    runner->next();
    const Deadline deadline;
    while (runner->busy() && !deadline.passed()) {
      session->pump(runner->longest_pump());
      runner->work();
    }
    return !runner->busy() && !runner->trouble();
  }
  void play() {
    while (!runner->done() && next()) continue;
    EXPECT_TRUE(runner->done()) << trouble();
  }
  std::string trouble() const { return runner->trouble() ? runner->trouble()->message() : "none"; }
  const World& world() const { return runner->world(); }

  std::vector<Event> events, beside_events;
  World beside;  // the server beside the lesson's
  std::unique_ptr<Session> session;
  std::optional<LessonRunner> runner;
};

inline Lesson lesson_from(const std::string& text) {
  auto lesson = parse_lesson("title: A\nabout: B\n" + text, "test.yaml");
  EXPECT_TRUE(lesson) << lesson.error().message();
  return lesson ? std::move(*lesson) : Lesson{};
}

}  // namespace forktable::test
