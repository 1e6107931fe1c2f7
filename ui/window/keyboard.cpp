#include "ui/window/keyboard.hpp"

#define GLFW_INCLUDE_NONE
#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <imgui.h>
#if IMGUI_VERSION_NUM >= 18700
#include <imgui_internal.h>
#endif

#include <algorithm>
#include <utility>

namespace forktable {
namespace {

constexpr int kMostFramesAwaited = 60;  // a field that never comes must not keep the keyboard

// Keys by which one goes through time and chooses in lists, and by which ImGui would work its widgets.
bool is_for_time(int key) {
  return key == GLFW_KEY_SPACE || key == GLFW_KEY_ENTER || key == GLFW_KEY_KP_ENTER ||
         (key >= GLFW_KEY_RIGHT && key <= GLFW_KEY_END);
}

bool is_enter(int key) { return key == GLFW_KEY_ENTER || key == GLFW_KEY_KP_ENTER; }

// No letter of a text, nor a part of one.
bool edits_or_commands(int key) {
  return key >= GLFW_KEY_ESCAPE && key != GLFW_KEY_LEFT_SHIFT && key != GLFW_KEY_RIGHT_SHIFT;
}

bool contains(const std::vector<int>& keys, int key) { return std::find(keys.begin(), keys.end(), key) != keys.end(); }

// A letter that is typed: a field takes the character, and does nothing with the key.
bool is_of_text(int key, int modifiers) {
  return key < GLFW_KEY_ESCAPE && (modifiers & (GLFW_MOD_CONTROL | GLFW_MOD_ALT | GLFW_MOD_SUPER)) == 0;
}

// After these, another may have the keyboard: the next frame shows.
bool may_move_focus(int key) { return is_enter(key) || key == GLFW_KEY_TAB || key == GLFW_KEY_ESCAPE; }

}  // namespace

bool imgui_has_taken_all(GLFWwindow* window) {
  for (const int button : {GLFW_MOUSE_BUTTON_LEFT, GLFW_MOUSE_BUTTON_RIGHT, GLFW_MOUSE_BUTTON_MIDDLE})
    if (ImGui::GetIO().MouseDown[button] && glfwGetMouseButton(window, button) == GLFW_RELEASE) return false;
#if IMGUI_VERSION_NUM >= 18700
  return ImGui::GetCurrentContext()->InputEventsQueue.empty();
#else
  return true;
#endif
}

void Keyboard::key(int key, int code, int action, int modifiers) { take({key, code, action, modifiers}); }

void Keyboard::character(unsigned character) { take({.character = character}); }

void Keyboard::take(const Stroke& stroke) {
  // A key that is let go doesn't wait for others: ImGui would repeat it meanwhile, on a machine that draws slowly.
  const auto is_same = [&](const Stroke& one) { return one.key == stroke.key && one.character == 0; };
  if (stroke.action == GLFW_RELEASE && stroke.key < GLFW_KEY_LEFT_SHIFT && stroke.character == 0 &&
      std::none_of(waiting_.begin(), waiting_.end(), is_same))
    return pass_on(stroke);
  waiting_.push_back(stroke);
  take_waiting();
}

void Keyboard::take_waiting() {
  while (!waiting_.empty() && !waits_for_frame_) {
    waits_for_frame_ = needs_frame_first(waiting_.front());
    if (waits_for_frame_) return;
    const Stroke next = waiting_.front();
    waiting_.pop_front();
    pass_on(next);
  }
}

// ImGui 1.86 knows what was typed between two frames, and not in which order: it takes the letters before the keys,
// none while Ctrl is down, and a key that is let go and pressed again for one that is held.
bool Keyboard::needs_frame_first(const Stroke& stroke) const {
  if (clicked_ && (stroke.character != 0 || stroke.action != GLFW_RELEASE)) return true;
  if (stroke.character != 0) return std::any_of(pressed_.begin(), pressed_.end(), edits_or_commands);
  if (stroke.action != GLFW_PRESS) return false;
  return contains(let_go_, stroke.key) || (is_enter(stroke.key) && contains(let_go_, GLFW_KEY_SPACE)) ||
         (has_characters_ && edits_or_commands(stroke.key));
}

void Keyboard::pass_on(const Stroke& stroke) {
  if (stroke.character == 0) return pass_on_key(stroke);
  has_characters_ = true;
  ImGui_ImplGlfw_CharCallback(window_, stroke.character);
  if (!ImGui::GetIO().WantTextInput) heard_.on_character(stroke.character);
}

void Keyboard::pass_on_key(const Stroke& stroke) {
  const auto [key, code, action, modifiers, none] = stroke;
  const bool typing = ImGui::GetIO().WantTextInput;
  const bool menu = ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup);
  // ImGui 1.86 looks at the keys once a frame: one that is pressed and let go between two frames would be
  // missed. So it is let go one frame later.
  const bool just_pressed = contains(pressed_, key);
  // It works a menu's item by Space, and not by Enter.
  if (is_enter(key) && action == GLFW_PRESS) enter_is_space_ = menu && !typing;
  const int passed = is_enter(key) && enter_is_space_ ? GLFW_KEY_SPACE : key;
  const bool in_text = typing && is_of_text(key, modifiers);
  if (action == GLFW_RELEASE && just_pressed) {
    to_let_go_.push_back({passed, code, action, modifiers});
  } else if (!in_text || action == GLFW_RELEASE) {
    if (action == GLFW_PRESS) pressed_.push_back(key);
    // Held down, it would send one empty line after the other.
    if (action == GLFW_PRESS && is_enter(key)) to_let_go_.push_back({passed, code, GLFW_RELEASE, modifiers});
    if (action == GLFW_RELEASE) let_go_.push_back(key);
    // What goes through time must not work buttons at the same time. A release is passed on whatever it is.
    const bool for_imgui = typing || menu || !is_for_time(key) || action == GLFW_RELEASE;
    if (key != GLFW_KEY_TAB && for_imgui) ImGui_ImplGlfw_KeyCallback(window_, passed, code, action, modifiers);
  }
  // While a text is typed, only keys that are no part of it are for the window; in a menu, only those that aren't its
  // own.
  const bool types_nothing = key == GLFW_KEY_ESCAPE || key == GLFW_KEY_TAB || key == GLFW_KEY_PAGE_UP ||
                             key == GLFW_KEY_PAGE_DOWN || (key >= GLFW_KEY_F1 && key <= GLFW_KEY_F25) ||
                             (modifiers & GLFW_MOD_CONTROL) != 0;
  const bool for_menu = menu && (is_for_time(key) || key == GLFW_KEY_ESCAPE);
  // A key that is held goes on through time, but switches nothing to and fro.
  const bool counts = action == GLFW_PRESS || (action == GLFW_REPEAT && is_for_time(key));
  if (counts && (!typing || types_nothing) && !for_menu) heard_.on_key(key, modifiers);
  if (action == GLFW_PRESS && may_move_focus(key)) waits_for_frame_ = true;
  if (action == GLFW_PRESS && key < GLFW_KEY_LEFT_SHIFT) ++presses_;
}

bool Keyboard::end_frame(bool field_awaited) {
  if (!imgui_has_taken_all(window_)) return waits_for_frame_ = true;
  clicked_ = false;
  has_characters_ = false;
  pressed_.clear();
  let_go_.clear();
  // Not before: within a frame the modifiers must stay as they are.
  for (const Stroke& one : std::exchange(to_let_go_, {})) {
    ImGui_ImplGlfw_KeyCallback(window_, one.key, one.code, one.action, one.modifiers);
    let_go_.push_back(one.key);
  }
  // A fast typist, or a slow machine: the next line begins while the frame is drawn in which the last one is sent.
  frames_awaited_ = field_awaited ? frames_awaited_ + 1 : 0;
  waits_for_frame_ = frames_awaited_ > 0 && frames_awaited_ <= kMostFramesAwaited;
  take_waiting();
  return waits_for_frame_ || !waiting_.empty();
}

}  // namespace forktable
