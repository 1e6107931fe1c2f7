// What each server costs, as a slide: a row for each server, with what is shared and a bar for each figure.
#pragma once

#include "core/compare/costs.hpp"
#include "ui/picture/fonts.hpp"
#include "ui/picture/scene.hpp"
#include "ui/picture/theme.hpp"

namespace forktable {

struct ChartRequest {
  const CostTable& table;
  const Theme& theme;
  const Fonts& fonts;
};

// 1920 by 1080 units. All bars of a column have one scale, which begins at 0.
Scene draw_chart(const ChartRequest& request);

}  // namespace forktable
