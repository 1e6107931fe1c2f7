// What a user asks for that changes what is shown, and nothing else: no server, no file, no window.
#pragma once

#include "ui/window/action.hpp"
#include "ui/window/model.hpp"

namespace forktable {

void change_view(Model& model, const ToggleLessons& what);
void change_view(Model& model, const ChooseLesson& what);
void change_view(Model& model, const ShowNextLesson& what);
void change_view(Model& model, const ToggleWild& what);
void change_view(Model& model, const ToggleBlackboard& what);
void change_view(Model& model, const ToggleBlack& what);
void change_view(Model& model, const ToggleStory& what);
void change_view(Model& model, const OpenMenu& what);
void change_view(Model& model, const Select& what);
void change_view(Model& model, const SelectNext& what);
void change_view(Model& model, const SelectNextProcess& what);
void change_view(Model& model, const ChooseBehaviour& what);
void change_view(Model& model, const ToggleTheme& what);
void change_view(Model& model, const ToggleMotion& what);
void change_view(Model& model, const TogglePlumbing& what);
void change_view(Model& model, const ToggleLog& what);
void change_view(Model& model, const ToggleHelp& what);
void change_view(Model& model, const ToggleExport& what);
void change_view(Model& model, const ChooseExport& what);
void change_view(Model& model, const ChooseExportRange& what);
void change_view(Model& model, const ToggleCompare& what);

template <class T>
concept ChangesView = requires(Model& model, const T& what) {
  change_view(model, what);
};

// What Esc leaves first, of what covers the picture or is selected in it. False: there is none.
bool close_innermost(Model& model);

}  // namespace forktable
