#include "ui/window/keys.hpp"

// clang-format off
#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
// clang-format on

namespace forktable {
namespace {

const KeyBinding kBindings[] = {
    {GLFW_KEY_PAGE_DOWN, 0, 0, "Page Down", "the next step; Space, Right and N too", NextStep{}},
    {GLFW_KEY_SPACE, 0, 0, nullptr, nullptr, NextStep{}},
    {GLFW_KEY_RIGHT, 0, 0, nullptr, nullptr, NextStep{}},
    {GLFW_KEY_N, 0, 0, nullptr, nullptr, NextStep{}},
    {GLFW_KEY_PAGE_UP, 0, 0, "Page Up", "one step back; Left and P too", PreviousStep{}},
    {GLFW_KEY_LEFT, 0, 0, nullptr, nullptr, PreviousStep{}},
    {GLFW_KEY_P, 0, 0, nullptr, nullptr, PreviousStep{}},
    {GLFW_KEY_HOME, 0, 0, "Home", "the first step", FirstStep{}},
    {GLFW_KEY_END, 0, 0, "End", "the last one: now", LastStep{}},
    {0, '}', 0, "{ }", "zoom the timeline out and in", ZoomTimeline{1}},
    {0, '{', 0, nullptr, nullptr, ZoomTimeline{-1}},
    {GLFW_KEY_D, 0, 0, "D", "where what is wrong began", GoToDiagnosis{}},
    {GLFW_KEY_K, 0, 0, "K", "does the kernel agree?", Select{{Subject::kKernel}}},
    {GLFW_KEY_R, 0, 0, "R", "run or pause", RunOrPause{}},
    {0, '[', 0, "[", "run slower", ChangeSpeed{-1}},
    {0, ']', 0, "]", "run faster", ChangeSpeed{1}},
    {GLFW_KEY_L, 0, 0, "L", "lessons", ToggleLessons{}},
    {GLFW_KEY_W, 0, 0, "W", "who was bitten: seen in the wild", ToggleWild{}},
    {GLFW_KEY_F, 0, 0, "F", "blackboard: picture and caption, huge", ToggleBlackboard{}},
    {GLFW_KEY_F5, 0, 0, "F5", "present: blackboard on the full screen", Present{}},
    {GLFW_KEY_B, 0, 0, "B  .", "black screen", ToggleBlack{}},
    {0, '.', 0, nullptr, nullptr, ToggleBlack{}},
    {0, '1', 0, "1 to 8", "switch a bug on or off", ToggleSwitch{0}},
    {0, '2', 0, nullptr, nullptr, ToggleSwitch{1}},
    {0, '3', 0, nullptr, nullptr, ToggleSwitch{2}},
    {0, '4', 0, nullptr, nullptr, ToggleSwitch{3}},
    {0, '5', 0, nullptr, nullptr, ToggleSwitch{4}},
    {0, '6', 0, nullptr, nullptr, ToggleSwitch{5}},
    {0, '7', 0, nullptr, nullptr, ToggleSwitch{6}},
    {0, '8', 0, nullptr, nullptr, ToggleSwitch{7}},
    {GLFW_KEY_C, 0, 0, "C", "launch a client", LaunchClients{1}},
    {GLFW_KEY_C, 0, GLFW_MOD_SHIFT, "Shift+C", "launch ten clients", LaunchClients{10}},
    {GLFW_KEY_Q, 0, 0, "Q", "launch three clients, one of them quiet", LaunchScenario{}},
    {GLFW_KEY_O, 0, 0, "O", "turn to the other server, of two side by side", TurnToOther{}},
    {GLFW_KEY_TAB, 0, 0, "Tab", "select the next client", SelectNext{1}},
    {GLFW_KEY_TAB, 0, GLFW_MOD_SHIFT, "Shift+Tab", "select the previous client", SelectNext{-1}},
    {GLFW_KEY_DOWN, 0, 0, "Down", "select the next process", SelectNextProcess{1}},
    {GLFW_KEY_UP, 0, 0, "Up", "select the previous process", SelectNextProcess{-1}},
    {GLFW_KEY_ENTER, 0, 0, "Enter", "let the selected process take a step", StepSelected{}},
    {GLFW_KEY_KP_ENTER, 0, 0, nullptr, nullptr, StepSelected{}},
    {GLFW_KEY_H, 0, 0, "H", "hold the selected process, or let it run", HoldSelected{}},
    {GLFW_KEY_K, 0, GLFW_MOD_CONTROL, "Ctrl+K", "kill -9 the selected process; Ctrl+T: -TERM",
     DoToSelected{DoToSelected::kKill}},
    {GLFW_KEY_T, 0, GLFW_MOD_CONTROL, nullptr, nullptr, DoToSelected{DoToSelected::kTerminate}},
    {GLFW_KEY_D, 0, GLFW_MOD_CONTROL, "Ctrl+D", "half-close the selected client",
     DoToSelected{DoToSelected::kHalfClose}},
    {GLFW_KEY_W, 0, GLFW_MOD_CONTROL, "Ctrl+W", "close it; Ctrl+R: reset it", DoToSelected{DoToSelected::kClose}},
    {GLFW_KEY_R, 0, GLFW_MOD_CONTROL, nullptr, nullptr, DoToSelected{DoToSelected::kReset}},
    {GLFW_KEY_S, 0, 0, "S", "save the diagram as a picture for a slide", SavePicture{}},
    {GLFW_KEY_X, 0, 0, "X", "export: slides, handout, film, trace", ToggleExport{}},
    {GLFW_KEY_C, 0, GLFW_MOD_CONTROL, "Ctrl+C", "copy the diagram to the clipboard", CopyPicture{}},
    {GLFW_KEY_S, 0, GLFW_MOD_SHIFT, "Shift+S", "save the whole window as a picture", SaveWindow{}},
    {GLFW_KEY_S, 0, GLFW_MOD_CONTROL, "Ctrl+S", "save a recording of all that has happened", SaveRecording{}},
    {GLFW_KEY_V, 0, 0, "V", "what each server costs, measured here", ToggleCompare{}},
    {GLFW_KEY_T, 0, 0, "T", "light or dark theme", ToggleTheme{}},
    {0, '+', 0, "+", "larger", ChangeScale{1}},
    {0, '=', 0, nullptr, nullptr, ChangeScale{1}},
    {0, '-', 0, "-", "smaller", ChangeScale{-1}},
    {0, '0', 0, "0", "normal size, and the whole picture", ChangeScale{0}},
    {GLFW_KEY_E, 0, 0, "E", "what happened, or the listing", ToggleStory{}},
    {GLFW_KEY_L, 0, GLFW_MOD_SHIFT, "Shift+L", "show or hide the listing", ToggleListing{}},
    {GLFW_KEY_F2, 0, 0, "F2 F3 F4", "menus: server, export, view; F6: clients", OpenMenu{"server"}},
    {GLFW_KEY_F6, 0, 0, nullptr, nullptr, OpenMenu{"behaviour"}},
    {GLFW_KEY_F3, 0, 0, nullptr, nullptr, OpenMenu{"export"}},
    {GLFW_KEY_F4, 0, 0, nullptr, nullptr, OpenMenu{"view"}},
    {GLFW_KEY_F11, 0, 0, "F11", "full screen", ToggleFullScreen{}},
    {GLFW_KEY_F12, 0, 0, "F12", "the log", ToggleLog{}},
    {0, '?', 0, "? F1", "these keys", ToggleHelp{}},
    {GLFW_KEY_F1, 0, 0, nullptr, nullptr, ToggleHelp{}},
    {GLFW_KEY_ESCAPE, 0, 0, "Esc", "close what is open, select nothing", Leave{}},
    {GLFW_KEY_Q, 0, GLFW_MOD_CONTROL, "Ctrl+Q", "quit", Quit{}},
};

}  // namespace

std::span<const KeyBinding> key_bindings() { return kBindings; }

std::optional<Action> action_for_key(int key, int modifiers) {
  const int held = modifiers & (GLFW_MOD_SHIFT | GLFW_MOD_CONTROL | GLFW_MOD_ALT | GLFW_MOD_SUPER);
  for (const KeyBinding& binding : kBindings)
    if (binding.key != 0 && binding.key == key && binding.modifiers == held) return binding.action;
  return std::nullopt;
}

std::optional<Action> action_for_character(unsigned character) {
  for (const KeyBinding& binding : kBindings)
    if (binding.key == 0 && binding.character == character) return binding.action;
  return std::nullopt;
}

}  // namespace forktable
