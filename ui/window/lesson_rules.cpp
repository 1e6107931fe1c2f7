#include "ui/window/lesson_rules.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include "core/world/describe.hpp"

namespace forktable {
namespace {

Action in_list(const Action& action) {
  if (std::holds_alternative<NextStep>(action)) return ChooseLesson{1};
  if (std::holds_alternative<PreviousStep>(action)) return ChooseLesson{-1};
  if (const auto* next = std::get_if<SelectNextProcess>(&action)) return ChooseLesson{next->by};
  if (std::holds_alternative<StepSelected>(action) || std::holds_alternative<Present>(action))
    return StartChosenLesson{};
  return action;
}

// In the panel of exports, the keys that go through time choose steps, and those through processes formats.
Action in_export(const Action& action, const Model& model) {
  ExportChoice choice = model.settings.exported;
  const auto turned = [](auto value, int by, std::size_t count) {
    const int number = static_cast<int>(count);
    return static_cast<decltype(value)>((static_cast<int>(value) + by + number) % number);
  };
  const std::size_t steps = model.in_hand ? 4 : 3;  // where a lesson stops is the last
  if (const auto* next = std::get_if<SelectNextProcess>(&action))
    choice.format = turned(choice.format, next->by, std::size(kFormatEndings));
  else if (std::holds_alternative<NextStep>(action))
    choice.steps = turned(choice.steps, 1, steps);
  else if (std::holds_alternative<PreviousStep>(action))
    choice.steps = turned(choice.steps, -1, steps);
  else if (std::holds_alternative<StepSelected>(action))
    return StartExport{};
  else
    return action;
  return ChooseExport{choice};
}

// In the panel of costs, Enter measures, and S saves what is shown there. The key that goes on leaves it.
Action in_compare(const Action& action, const Model& model) {
  if (std::holds_alternative<NextStep>(action)) return model.comparing.part ? Action{StartCompare{}} : ToggleCompare{};
  if (std::holds_alternative<StepSelected>(action)) return StartCompare{};
  if (std::holds_alternative<SavePicture>(action)) return SaveChart{Format::kPng};
  return action;
}

// The key that goes on, when the lesson's last step has been taken: it measures, tells who was bitten, says which
// lesson is next, and begins that.
Action after_the_end(const Model& model, const LessonInHand& lesson) {
  if (model.next_lesson_open) return StartNextLesson{};
  if (measures(lesson.lesson) && !lesson.costs_shown) return MeasureForLesson{};
  const bool wild_told = lesson.lesson.wild.empty() || model.wild_open;
  return wild_told && next_lesson(model) != nullptr ? Action{ShowNextLesson{}} : Action{NextStep{}};
}

// By a signal of its own: a write may raise SIGPIPE.
bool may_die_of_write(const World& world, const Process& process) {
  return world.bugs.has(Bug::kSigpipeKills) && process.activity.kind == Activity::kInCall &&
         process.activity.call == Call::kWrite;
}

}  // namespace

bool disturbs(const Action& action) {
  return std::visit(
      []<class T>(const T&) {
        return std::is_same_v<T, StopServer> || std::is_same_v<T, StartServer> || std::is_same_v<T, LaunchClients> ||
               std::is_same_v<T, SendLine> || std::is_same_v<T, HalfCloseClient> || std::is_same_v<T, CloseClient> ||
               std::is_same_v<T, ResetClient> || std::is_same_v<T, SignalProcess> || std::is_same_v<T, DoToSelected> ||
               std::is_same_v<T, StepProcess> || std::is_same_v<T, HoldProcess> || std::is_same_v<T, HoldSelected> ||
               std::is_same_v<T, ToggleBug> || std::is_same_v<T, ToggleSwitch> || std::is_same_v<T, LaunchScenario> ||
               std::is_same_v<T, PutBeside> || std::is_same_v<T, ChooseServer>;
      },
      action);
}

std::string disturbance(const World& world, const Event& event) {
  if (std::holds_alternative<OutsiderConnected>(event.what)) return "A client from outside has connected.";
  const auto killed = [&](Pid pid, int status) {
    const Process* process = find_process(world, pid);
    const bool ours = process == nullptr || process->pending_signal != 0 || may_die_of_write(world, *process);
    return WIFSIGNALED(status) && !ours ? fmt::format("Somebody killed {}.", introduce(*process)) : std::string{};
  };
  if (const auto* reaped = std::get_if<Reaped>(&event.what)) return killed(reaped->child, reaped->status);
  if (const auto* collected = std::get_if<Collected>(&event.what)) return killed(event.pid, collected->status);
  const Process* process = find_process(world, event.pid);
  const bool by_itself = process == nullptr || process->life != Life::kAlive || process->pending_signal != 0 ||
                         may_die_of_write(world, *process);
  if (std::holds_alternative<DeathSeen>(event.what) && !by_itself)
    return fmt::format("Somebody killed {}.", introduce(*process));
  return {};
}

void take_in(Model& model, std::span<const Event> events) {
  while (!events.empty() && model.in_hand && model.in_hand->goes_on()) {
    const std::string disturbed = disturbance(model.live(), events.front());
    take(model, events.first(1));
    events = events.subspan(1);
    if (disturbed.empty()) continue;
    model.in_hand->trouble = disturbed;
    go_to_end(model);
  }
  take(model, events);
}

Action meant_by(const Action& action, const Model& model) {
  if (model.exporting.open) return in_export(action, model);
  if (model.comparing.open) return in_compare(action, model);
  if (model.lessons_open) return in_list(action);
  const bool at_the_end = model.in_hand && model.in_hand->over && (model.replayed ? is_at_end(model) : !model.focus);
  if (at_the_end && std::holds_alternative<NextStep>(action)) return after_the_end(model, *model.in_hand);
  const bool stands = !model.replayed && model.in_hand && !model.in_hand->goes_on();
  return stands && std::holds_alternative<RunOrPause>(action) ? Action{RestartLesson{}} : action;
}

}  // namespace forktable
