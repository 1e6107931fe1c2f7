#include "ui/picture/stage.hpp"

#include <algorithm>
#include <bit>
#include <variant>

namespace forktable {
namespace {

constexpr int kMostWarnings = 2;

struct Found {
  Shape shape;
  Bugs bugs;
  std::uint32_t clients = 0;
  int descriptors = 0;   // if they are few
  bool limited = false;  // few descriptors or few children
};

void look(const Lesson& lesson, Found& found) {
  found.shape = shape_of(lesson.server);
  found.bugs = lesson.bugs;
  if (lesson.descriptors < kFewDescriptors) found.descriptors = lesson.descriptors;
  found.limited = found.descriptors != 0 || lesson.children != 0;
  for (const LessonStep& step : lesson.steps)
    for (const LessonAction& action : step.actions) {
      if (const auto* client = std::get_if<ClientDoes>(&action.what))
        found.clients = std::max(found.clients, client->client);
      if (const auto* bug = std::get_if<SwitchBug>(&action.what); bug != nullptr && bug->on)
        found.bugs.set(bug->bug, true);
    }
}

void look(const std::vector<Event>& events, Found& found) {
  for (const Event& event : events)
    std::visit(
        Overloaded{[&](const ServerNamed& one) { found.shape = shape_of(one.server); },
                   [&](const BugsSwitched& one) { found.bugs.value |= one.bugs.value; },
                   [&](const ClientConnecting& one) { found.clients = std::max(found.clients, one.client.value); },
                   [&](const OutsiderConnected& one) { found.clients = std::max(found.clients, one.client.value); },
                   [&](const LimitsKnown& one) {
                     if (one.descriptors < kFewDescriptors) found.descriptors = one.descriptors;
                     found.limited = found.limited || found.descriptors != 0 || one.children > 0;
                   },
                   [](const auto&) {}},
        event.what);
}

}  // namespace

Stage stage_of(const Lesson& lesson, const std::vector<Event>& events) {
  Found found;
  look(lesson, found);
  look(events, found);
  if (found.clients > kMostSlots) return {};
  Stage stage;
  const std::uint32_t least = found.shape.has(Shape::kPool) ? kPoolSize : 1;
  stage.slots = std::max(found.clients, least);
  const std::size_t leaked = found.bugs.has(Bug::kParentKeepsConnfd) ? stage.slots - 1 : 0;
  const Shape shape = found.shape;
  if (shape.has(Shape::kThreads)) stage.threads = stage.slots;
  if (shape.has(Shape::kExecs))
    // 0, 1, listenfd, connfd; and, above the table, which program it runs.
    stage.child_rows = stage.slots > kMostHighSlots ? 4 : 5;
  else if (shape.has(Shape::kTellsParent))
    stage.server_rows = stage.child_rows = 3;
  else if (shape.has(Shape::kForks))
    stage.server_rows = stage.child_rows = 2 + leaked;
  else if (shape.has(Shape::kThreads) || shape.multiplexes())
    stage.server_rows = (shape.has(Shape::kEpolls) ? 2 : 1) + stage.slots;
  // No more than there may be, and how many those are.
  if (const int most = found.descriptors - 3; most > 0)
    stage.server_rows = std::min(stage.server_rows, static_cast<std::size_t>(most)) + 1;
  stage.show = lesson.show;
  stage.beside = lesson.beside.has_value();
  if (lesson.show.value != Topics::kAll)
    stage.server_notes = (lesson.show.has(Topic::kSignals) ? 1 : 0) + (lesson.show.has(Topic::kErrno) ? 1 : 0);
  if (shape.has(Shape::kExecs) && lesson.show.has(Topic::kCloexec)) ++stage.server_notes;
  // They are there also while the server is in its handler, which takes a line more.
  if (shape.has(Shape::kListsJobs)) {
    stage.child_notes = lesson.show.has(Topic::kSignals) ? 1 : 0;
    stage.server_notes = 1 + stage.child_notes + (lesson.show.has(Topic::kJobs) ? 1 : 0);
  }
  // Of a server that serves one at a time, the others wait; where threads take each other's connections, one thing goes
  // wrong after the other.
  const bool more = found.limited || shape.is_iterative() || (shape.has(Shape::kThreads) && found.bugs.value != 0);
  const int wrong = std::popcount(found.bugs.value) + (more ? 1 : 0);
  stage.warnings = static_cast<std::size_t>(std::min(wrong, kMostWarnings));
  return stage;
}

}  // namespace forktable
