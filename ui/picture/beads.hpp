// What is under way between two cards when something happens: bytes, FIN, RST and SIGCHLD, as beads that travel.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/event/event.hpp"
#include "core/world/world.hpp"
#include "ui/picture/canvas.hpp"

namespace forktable {

struct Bead {
  std::string word;
  Color color;
  std::vector<Point> way;
  float from = 0, to = 1;  // the part of the motion in which it travels
};

// What the last of the events sends on its way, in the picture of the World that they led to.
std::vector<Bead> beads_of(std::span<const Event> events, const World& world, const Scene& picture, const Theme& theme);

// The beads where they are at `progress` of the motion, 0 to 1, over everything else.
void draw_beads(const std::vector<Bead>& beads, float progress, const Theme& theme, const Fonts& fonts, Scene& scene);

}  // namespace forktable
