// A small mark in the picture: the kernel agrees, or it doesn't, or nobody has asked it since.
#pragma once

#include "ui/picture/canvas.hpp"
#include "ui/picture/kernel_verdict.hpp"

namespace forktable {

class KernelMark {
 public:
  KernelMark(Canvas& canvas, const World& world, std::optional<Nanoseconds> live_now, bool past)
      : canvas_(canvas), verdict_(verdict_of(world, live_now, past)), past_(past) {}

  // 0: there is nothing to say.
  float height(float width) const;
  // A tick and two words, for a lesson; what it disagrees about stands on the cards. Ends at `right`, the middle of its
  // height; the words stand one below the other where there is no room for them side by side, and are left out where
  // there is none for that.
  void draw_brief(Point right, float widest);
  void draw(Point at, float width, bool selected);

 private:
  struct Line {
    std::string text;
    bool heading = false, alarm = false;
  };
  static Face face_of(const Line& line);
  static float size_of(const Line& line);
  std::vector<Line> lines(float width) const;
  void disc(Point center, float radius);

  Canvas& canvas_;
  KernelVerdict verdict_;
  bool past_;
};

}  // namespace forktable
