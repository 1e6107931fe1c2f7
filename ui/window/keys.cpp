#include "ui/window/keys.hpp"

// clang-format off
#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
// clang-format on

namespace forktable {
namespace {

const KeyBinding kBindings[] = {
    {GLFW_KEY_C, 0, 0, "C", "launch a client", LaunchClients{1}},
    {GLFW_KEY_C, 0, GLFW_MOD_SHIFT, "Shift+C", "launch ten clients", LaunchClients{10}},
    {GLFW_KEY_TAB, 0, 0, "Tab", "select the next client", SelectNext{1}},
    {GLFW_KEY_TAB, 0, GLFW_MOD_SHIFT, "Shift+Tab", "select the previous client", SelectNext{-1}},
    {GLFW_KEY_S, 0, 0, "S", "save the diagram as a picture for a slide", SavePicture{}},
    {GLFW_KEY_S, 0, GLFW_MOD_SHIFT, "Shift+S", "save the whole window as a picture", SaveWindow{}},
    {GLFW_KEY_S, 0, GLFW_MOD_CONTROL, "Ctrl+S", "save a recording of all that has happened", SaveRecording{}},
    {GLFW_KEY_T, 0, 0, "T", "light or dark theme", ToggleTheme{}},
    {0, '+', 0, "+", "larger", ChangeScale{1}},
    {0, '=', 0, nullptr, nullptr, ChangeScale{1}},
    {0, '-', 0, "-", "smaller", ChangeScale{-1}},
    {0, '0', 0, "0", "normal size, and the whole picture", ChangeScale{0}},
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
