// Everything in the window, drawn with ImGui: no window system and no OpenGL in here, so that it can be
// measured and tested without either. Needs an ImGui context.
#pragma once

#include <optional>
#include <string>

#include "ui/window/glyph_cache.hpp"
#include "ui/window/layout.hpp"
#include "ui/window/model.hpp"
#include "ui/window/picture_panel.hpp"
#include "ui/window/style.hpp"

namespace forktable {

class Screen {
 public:
  explicit Screen(const Fonts& fonts) : fonts_(fonts), glyphs_(fonts) {}

  struct Frame {
    Size size;                  // of the window, in ImGui's units
    float scale = 1;            // of type and widgets: what the display asks for times what the user does
    float pixels_per_unit = 1;  // of the framebuffer
    ImTextureID texture = {};   // of glyphs()
    double clock = 0;           // seconds
    float usual_scale = 1;      // what the display asks for
  };

  // The scale of a frame, or, in a lesson, as much of it as there is room for.
  float fitting_scale(const Model& model, const Frame& frame);
  // To be called before ImGui::NewFrame(). True if ImGui's fonts are new and have to be made a texture.
  bool prepare(const Model& model, const Frame& frame);
  // Between ImGui::NewFrame() and ImGui::Render(). Returns what the user asked for.
  Actions draw(const Model& model, const Frame& frame);
  // Of two servers side by side, each with its picture; all panels are about one of them.
  Actions draw_two(const Model& first, const Model& second, bool second_is_active, const Frame& frame);

  // A field has asked for the keyboard, and has it in a frame to come: what is typed until then is for it.
  bool awaits_field() const { return awaits_field_; }
  bool is_moving() const { return picture_.is_moving() || beside_.is_moving(); }
  void reset_zoom() {
    picture_.reset_zoom();
    beside_.reset_zoom();
  }
  void start_over() {
    picture_.start_over();
    beside_.start_over();
  }
  GlyphCache& glyphs() { return glyphs_; }

 private:
  const Fonts& fonts_;
  GlyphCache glyphs_;
  void draw_panels(const PanelContext& context);
  static LayoutRequest request_of(const Model& model, const Frame& frame, bool two_servers);
  WindowLayout layout_of(const Model& model, const Frame& frame, bool two_servers);

  PicturePanel picture_{"picture"}, beside_{"picture beside"};
  Style style_;
  float styled_scale_ = 0;
  bool styled_dark_ = false;
  bool awaits_field_ = false;
  // What was found out for a lesson, which takes some milliseconds.
  template <class T>
  struct OfLesson {
    LayoutRequest request;
    float usual_scale;
    std::uint32_t run;
    std::string lesson;
    T value;
    bool is_of(const Model& model, const LayoutRequest& asked, float usual) const {
      return request == asked && usual_scale == usual && run == model.run && lesson == model.in_hand->lesson.name;
    }
  };
  std::optional<OfLesson<WindowLayout>> laid_out_;
  std::optional<OfLesson<float>> largest_;
};

}  // namespace forktable
