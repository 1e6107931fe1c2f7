// A slide: 16:9, light, with nothing on it but the picture and its caption.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "core/lesson/lesson.hpp"
#include "core/program/listing.hpp"
#include "core/world/narrate.hpp"
#include "ui/picture/picture.hpp"

namespace forktable {

// Where the picture ends and the caption begins, the same on all slides of a lesson.
struct SlideLayout {
  float rule = 848;      // between them, from the top
  float caption = 38;    // the type of what is said; one size for all, so that it doesn't change from slide to slide
  float code_width = 0;  // of the lines that matter, beside the caption; 0: none
  float code_type = 0;   // at most
};

// Without a lesson, or without lines that matter, the usual one.
SlideLayout layout_of(const Lesson* lesson, const Listing* listing, const Fonts& fonts);

struct SlideRequest {
  const World& world;
  Narration caption;   // in bold what changed, below it what that means
  std::string origin;  // small, at the lower left: "Step 9 of 61", "Lesson 4 · step 2 of 8 · A leak"
  const Theme& theme;
  const Fonts& fonts;
  bool show_plumbing = false;
  bool question = false;  // the caption asks
  std::span<const Diagnosis> diagnoses = {};
  std::function<std::size_t(std::uint64_t event)> lesson_step = {};  // as in PictureRequest
  Stage stage = {};
  SlideLayout layout = {};
  const Listing* listing = nullptr;  // beside the caption, the lines of it that matter; null, or no lines: none
  const Lines* code = nullptr;
  std::optional<Nanoseconds> now = {};  // of the step that is told; else of the World, which may have gone on since
  const World* beside = nullptr;        // of the server beside that of a lesson; null: there is none
  bool marked = false;                  // code stands between backquotes in the caption, as in a lesson's
};

// 1920 by 1080 units.
Scene draw_slide(const SlideRequest& request);

// Its two parts: the picture in its place, and that with the caption below it.
Scene draw_slide_picture(const SlideRequest& request);
Scene add_caption(Scene picture, const SlideRequest& request);

// The size in which a caption is set: that of the layout, or, where it is too long for that, a smaller one.
float caption_size(const Narration& caption, bool marked, const SlideLayout& layout, const Fonts& fonts);

}  // namespace forktable
