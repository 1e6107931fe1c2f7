// Which part of a lesson's picture is in view where it is higher than its place: the one with what is new.
#pragma once

#include "core/world/world.hpp"
#include "ui/picture/scene.hpp"

namespace forktable {

// How much of it is above the view, which is `height` high; in the unit of the scene. What happened since the lesson's
// stop before is in view; where that is too much, the lower part of it, which stands for the later clients.
float scroll_to_news(const Scene& scene, const World& world, float height);

}  // namespace forktable
