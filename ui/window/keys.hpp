// The keys, in one table: what the window does by them, and what `?` shows.
#pragma once

#include <optional>
#include <span>

#include "ui/window/action.hpp"

namespace forktable {

struct KeyBinding {
  int key;             // GLFW_KEY_...; 0: by the character it types, as layouts differ
  unsigned character;  // if key is 0
  int modifiers;       // GLFW_MOD_...
  const char* shown;   // "Shift+C"; null: another way to do what the line before says
  const char* does;    // "launch ten clients"
  Action action;
};

std::span<const KeyBinding> key_bindings();

std::optional<Action> action_for_key(int key, int modifiers);
std::optional<Action> action_for_character(unsigned character);

}  // namespace forktable
