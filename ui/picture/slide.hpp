// A slide: 16:9, light, with nothing on it but the picture and its caption.
#pragma once

#include <optional>

#include "core/world/narrate.hpp"
#include "ui/picture/picture.hpp"

namespace forktable {

struct SlideRequest {
  const World& world;
  Narration caption;   // in bold what changed, below it what that means
  std::string origin;  // small, at the lower left: "Step 9 of 61", "Lesson 4 · step 2 of 8 · A leak"
  const Theme& theme;
  const Fonts& fonts;
  bool show_plumbing = false;
  bool question = false;  // the caption asks
  std::span<const Diagnosis> diagnoses = {};
  std::string_view step_word = "step";  // what an event is called where its number is said
  Stage stage = {};
  std::optional<Nanoseconds> now = {};  // of the step that is told; else of the World, which may have gone on since
};

// 1920 by 1080 units.
Scene draw_slide(const SlideRequest& request);

// Its two parts: the picture in its place, and that with the caption below it.
Scene draw_slide_picture(const SlideRequest& request);
Scene add_caption(Scene picture, const SlideRequest& request);

}  // namespace forktable
