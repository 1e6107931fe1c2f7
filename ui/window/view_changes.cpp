#include "ui/window/view_changes.hpp"

#include <algorithm>
#include <utility>

namespace forktable {

void change_view(Model& model, const ToggleLessons&) {
  model.lessons_open = !model.lessons_open;
  model.help_open = model.next_lesson_open = false;
  for (std::size_t i = 0; model.in_hand && i < model.lessons.size(); ++i)
    if (model.lessons[i].name == model.in_hand->lesson.name) model.chosen_lesson = i;
}

void change_view(Model& model, const ChooseLesson& what) {
  const auto count = static_cast<int>(model.lessons.size());
  if (count > 0)
    model.chosen_lesson =
        static_cast<std::size_t>(std::clamp(static_cast<int>(model.chosen_lesson) + what.by, 0, count - 1));
}

void change_view(Model& model, const ShowNextLesson&) {
  model.next_lesson_open = true;
  model.wild_open = model.help_open = false;
}

void change_view(Model& model, const ToggleWild&) {
  if (!model.in_hand || model.in_hand->lesson.wild.empty())
    return tell(model, "A lesson knows who was bitten by its bug. L opens the lessons.");
  model.wild_open = !model.wild_open;
}

void change_view(Model& model, const ToggleBlackboard&) { model.blackboard = !model.blackboard; }

void change_view(Model& model, const ToggleBlack&) { model.black = !model.black; }

void change_view(Model& model, const ToggleStory&) { model.settings.story_open = !model.settings.story_open; }

void change_view(Model& model, const OpenMenu& what) { model.open_menu = what.id; }

void change_view(Model& model, const Select& what) { select(model, what.subject); }

void change_view(Model& model, const SelectNext& what) { select_next(model, what.by); }

void change_view(Model& model, const SelectNextProcess& what) { select_next_process(model, what.by); }

void change_view(Model& model, const ChooseBehaviour& what) { model.settings.behaviour = what.behaviour; }

void change_view(Model& model, const ToggleTheme&) { model.settings.dark = !model.settings.dark; }

void change_view(Model& model, const ToggleMotion&) { model.settings.reduced_motion = !model.settings.reduced_motion; }

void change_view(Model& model, const TogglePlumbing&) { model.settings.show_plumbing = !model.settings.show_plumbing; }

void change_view(Model& model, const ToggleLog&) { model.settings.log_open = !model.settings.log_open; }

void change_view(Model& model, const ToggleHelp&) { model.help_open = !model.help_open; }

void change_view(Model& model, const ToggleExport&) {
  ExportState& state = model.exporting;
  if (state.open && state.part) return;  // its progress is seen nowhere else
  state.open = !state.open;
  if (!state.open) return;
  model.help_open = model.lessons_open = model.comparing.open = false;
  state.first = 1;
  state.last = model.history.size();
  // Where the lesson stops is a matter of lessons.
  ExportChoice& choice = model.settings.exported;
  if (choice.steps == ExportChoice::kStops && !model.in_hand) choice.steps = ExportChoice::kAll;
}

void change_view(Model& model, const ChooseExport& what) { model.settings.exported = what.choice; }

void change_view(Model& model, const ChooseExportRange& what) {
  model.exporting.first = what.first;
  model.exporting.last = what.last;
}

void change_view(Model& model, const ToggleCompare&) {
  model.comparing.open = !model.comparing.open;
  if (model.comparing.open) model.help_open = model.lessons_open = model.exporting.open = false;
}

bool close_innermost(Model& model) {
  for (bool* open : {&model.lessons_open, &model.help_open, &model.next_lesson_open, &model.wild_open})
    if (std::exchange(*open, false)) return true;
  if (model.selected) {
    select(model, {});
    return true;
  }
  return std::exchange(model.listing_over, false);
}

}  // namespace forktable
