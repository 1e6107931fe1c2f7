// The World as a picture: processes with their descriptor tables on the left, the open file table in the
// middle, the clients on the right, and arrows that go one way.
//
// Up to about six clients get cards in full. More, and a child, its connection and its client become one
// tile; many more, and tiles shrink to cells. What differs from the rest stays out in full. Nothing overlaps
// at any number.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "core/world/diagnose.hpp"
#include "core/world/world.hpp"
#include "ui/picture/fonts.hpp"
#include "ui/picture/scene.hpp"
#include "ui/picture/stage.hpp"
#include "ui/picture/theme.hpp"

namespace forktable {

struct PictureRequest {
  const World& world;
  Nanoseconds now = 0;  // what ended a moment ago is still shown
  Size area;            // the picture fills its width, and its height as far as it needs to
  const Theme& theme;
  const Fonts& fonts;
  float largest_scale = 1.25f;       // of type and cards, where there is room
  float good_scale = 0.95f;          // rather than below it, what has ended leaves the picture
  float smallest_scale = 0.7f;       // below it, cards are grouped instead
  bool keeps_ended = false;          // the latest clients that have gone stay as long as there is room for them
  Nanoseconds recent = 2 * kSecond;  // how long a reference count says what changed it
  Subject selected = {};
  bool show_plumbing = false;                // Forktable's own descriptors too
  bool offer_client = false;                 // a place to click for a new client
  bool step_buttons = false;                 // on each process that waits at its gate
  std::optional<Nanoseconds> live_now = {};  // the time, if it is the World of now, which goes on
  bool past = false;                         // it is over, and what goes on since isn't shown
  bool elapsed = true;                       // how long a client has waited by now
  bool kernel_mark = true;                   // whether the kernel agrees, at the lower left
  std::span<const Diagnosis> diagnoses = {};
  bool warns = true;  // what is wrong is said in words, too
  // In a lesson, the step of it in which an event happened: said of what is wrong, in place of the event's own number.
  std::function<std::size_t(std::uint64_t event)> lesson_step = {};
  bool links = true;  // what can be clicked on looks like it
  Stage stage = {};
  const World* beside = nullptr;  // in a lesson that has a server beside its own: that one's; null: nothing is known
  // In a lesson: the picture has the scale that it would have in this area, and is as high as it is then, which may be
  // more than `area` is. None: it fits into `area`.
  std::optional<Size> scaled_for = {};
};

// For `largest_scale` on the blackboard.
inline constexpr float kLargestOnBlackboard = 2.4f;

// In the unit of `area`.
Scene draw_picture(const PictureRequest& request);

// The scale of a lesson's picture of that server, at all of its stops. 0: it has no rows in that area.
float lesson_scale(const PictureRequest& request);
// The narrowest area, at scale 1, in which the cards of a lesson have room for their texts, what is wrong below them.
float narrowest_area(const PictureRequest& request);

}  // namespace forktable
