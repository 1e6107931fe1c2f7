// The picture on the screen: laid out anew when something has changed, moving from the one before, zoomed and
// panned by the mouse.
#pragma once

#include <optional>
#include <vector>

#include "ui/picture/beads.hpp"
#include "ui/picture/picture.hpp"
#include "ui/window/panels.hpp"
#include "ui/window/scene_painter.hpp"

namespace forktable {

class PicturePanel {
 public:
  // `name` is ImGui's, of its window.
  explicit PicturePanel(const char* name) : name_(name) {}

  // `clock` in seconds, for motion only.
  void draw(const PanelContext& context, double clock);

  // Or there is more to show, one after the other.
  bool is_moving() const { return moving_ || behind_; }
  void reset_zoom() { zoom_ = {}; }
  // To be laid out again at the next draw, without motion: the theme has changed, or the size of type.
  void start_over() { basis_.reset(); }

 private:
  struct Zoom {
    float factor = 1;
    Point shift;  // in pixels
    bool is_whole() const { return factor == 1 && shift.x == 0 && shift.y == 0; }
  };
  // What the present picture was made of.
  struct Basis {
    std::uint64_t step, beside;  // events; of the server beside that of a lesson, too
    Nanoseconds age;             // of the last news; coarse, as what fades does so in its own time
    Size area;
    Subject selected;
    bool plumbing, dark, offer, blackboard, now, free;
    friend bool operator==(const Basis& a, const Basis& b) {
      return a.step == b.step && a.beside == b.beside && a.age == b.age && a.area.width == b.area.width &&
             a.area.height == b.area.height && a.selected == b.selected && a.plumbing == b.plumbing &&
             a.dark == b.dark && a.offer == b.offer && a.blackboard == b.blackboard && a.now == b.now &&
             a.free == b.free;
    }
  };

  void update(const PanelContext& context, double clock);
  // The event whose picture is to be seen now, on the way to `latest`.
  std::uint64_t step_by(double clock, const Model& model, std::uint64_t latest);
  // What travels while the picture `to_` comes, of what happened since the step of the one before.
  std::vector<Bead> beads_since(std::uint64_t before, const PanelContext& context, const World& world) const;
  float moved(double clock) const;     // how far it is on its way, 0 to 1
  float scrolled(double clock) const;  // how much of it is above its place, in the unit of the scene
  void draw_scroll_bar(const PanelContext& context, double clock) const;
  Scene blended(double clock) const;  // the picture on its way, without what travels
  Scene present(const PanelContext& context, double clock) const;
  void mouse(const PanelContext& context, const Scene& scene, const View& view);

  const char* name_;
  std::optional<Basis> basis_;
  Scene from_, to_;
  float from_scroll_ = 0, to_scroll_ = 0;
  std::vector<Bead> beads_;
  double began_ = 0, lasts_ = 0;  // of the motion, in seconds
  double turned_ = 0;             // when the picture became that of another step
  double pace_ = 0;               // how long that one was to be looked at, in seconds
  bool moving_ = false, hurried_ = false, behind_ = false;
  Zoom zoom_;
  bool dragged_ = false;
};

}  // namespace forktable
