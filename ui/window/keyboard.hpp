// What is typed in a window, in the order in which it was typed: for ImGui's fields and menus, or for the window.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

struct GLFWwindow;

namespace forktable {

// ImGui has taken all that it was told of keyboard and mouse. From 1.87 on it may leave some of it to frames to come;
// before, a button that was pressed and let go between two frames is let go one frame later.
bool imgui_has_taken_all(GLFWwindow* window);

class Keyboard {
 public:
  struct Heard {
    std::function<void(int key, int modifiers)> on_key;  // no part of a text; repeats of those that go through time
    std::function<void(unsigned character)> on_character;
  };
  Keyboard(GLFWwindow* window, Heard heard) : window_(window), heard_(std::move(heard)) {}

  // As GLFW's callbacks have them.
  void key(int key, int code, int action, int modifiers);
  void character(unsigned character);
  // A button of the mouse was let go: what is typed waits until the click has been taken.
  void click() { clicked_ = true; }
  // After a frame has been drawn, in which a field may have asked for the keyboard: what is typed waits until it has
  // it. True: another frame is needed for that.
  bool end_frame(bool field_awaited);
  // How many keys have been pressed and passed on, Shift and its like excepted.
  std::uint64_t presses() const { return presses_; }

 private:
  struct Stroke {
    int key = 0, code = 0, action = 0, modifiers = 0;
    unsigned character = 0;  // 0: it is a key
  };
  void take(const Stroke& stroke);
  void take_waiting();
  bool needs_frame_first(const Stroke& stroke) const;
  void pass_on(const Stroke& stroke);
  void pass_on_key(const Stroke& stroke);

  GLFWwindow* window_;
  Heard heard_;
  std::deque<Stroke> waiting_;
  bool waits_for_frame_ = false;  // what was pressed last may give the keyboard to another
  bool clicked_ = false;          // and what was clicked may change what a key does
  int frames_awaited_ = 0;        // the field
  std::uint64_t presses_ = 0;
  bool enter_is_space_ = false;  // it was pressed in a menu
  // Since the last frame, as ImGui has them.
  bool has_characters_ = false;
  std::vector<int> pressed_, let_go_;
  std::vector<Stroke> to_let_go_;  // after the frame
};

}  // namespace forktable
