// A window of the desktop with an OpenGL context and ImGui in it: GLFW, glad and ImGui's backends, set up and
// taken down in the right order.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/system/result.hpp"
#include "ui/picture/scene.hpp"
#include "ui/window/glyph_cache.hpp"
#include "ui/window/keyboard.hpp"

struct GLFWwindow;
using ImTextureID = void*;

namespace forktable {

// What draws, "llvmpipe (LLVM 15.0.6, 256 bits)", or why no window can be opened.
Result<std::string> probe_display();

class GlWindow {
 public:
  struct Request {
    int width = 0, height = 0;  // in screen coordinates
    bool maximized = false;
    bool visible = true;
    Keyboard::Heard heard = {};
    std::function<void(const std::string& path)> on_drop = {};  // a file; of several, the first
    std::function<void()> on_change = {};                       // something happened that may change what is to be seen
  };
  // One line says why there is no window: no display, no OpenGL 3.3.
  static Result<std::unique_ptr<GlWindow>> open(Request request);
  ~GlWindow();
  GlWindow(const GlWindow&) = delete;
  GlWindow& operator=(const GlWindow&) = delete;

  void set_title(const std::string& title);
  bool wants_to_close() const;
  // Waits for the user or for wake(), at most so many seconds; 0 doesn't wait.
  void wait(double seconds);
  // Ends a wait(), from any thread.
  static void wake();
  static double clock();  // seconds

  Size size() const;              // in screen coordinates
  float pixels_per_unit() const;  // of the framebuffer, for one of these
  float content_scale() const;    // what the display asks for, beyond that
  bool is_maximized() const;
  bool is_visible() const;  // not minimised
  void toggle_full_screen();

  // ImGui's fonts have changed.
  void renew_fonts();
  // The glyphs as a texture, made new if they have changed.
  ImTextureID texture_of(const GlyphCache& glyphs);

  void begin_frame();
  // After ImGui::Render(). `field_awaited`: see Keyboard.
  void end_frame(Color background, bool field_awaited);
  void show();
  // How many keys, clicks and turns of the wheel came before what the latest frame shows.
  std::uint64_t answered() const { return answered_; }
  // What end_frame() has drawn and show() hasn't shown yet: rows from top to bottom, 4 bytes a pixel.
  struct Pixels {
    int width = 0, height = 0;
    std::string rgbx;
  };
  Pixels read_pixels() const;

 private:
  GlWindow(GLFWwindow* window, Request request)
      : window_(window), request_(std::move(request)), keyboard_(window, request_.heard) {}

  static GlWindow& self(GLFWwindow* window);
  void take_callbacks();

  GLFWwindow* window_;
  Request request_;
  Keyboard keyboard_;
  std::uint64_t clicks_and_turns_ = 0, answered_ = 0;
  struct Texture {
    unsigned name = 0;
    std::uint32_t version = 0;
  } glyphs_;
  struct Placed {
    int x, y, width, height;
  };
  std::optional<Placed> before_full_screen_;
  bool imgui_ready_ = false;
};

}  // namespace forktable
