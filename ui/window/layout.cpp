#include "ui/window/layout.hpp"

#include <algorithm>

namespace forktable {

WindowLayout lay_out(Size window, float scale, bool log_open, bool something_selected) {
  WindowLayout layout;
  const float bar = 56 * scale;
  layout.top_bar = {0, 0, window.width, bar};
  const float log = log_open ? std::min(190 * scale, window.height * 0.35f) : 0;
  layout.log = {0, window.height - log, window.width, log};
  const float bottom = window.height - log;
  layout.has_column = window.width >= 1240 * scale && bottom - bar >= 420 * scale;
  if (layout.has_column) {
    const float width = std::clamp(window.width * 0.27f, 360 * scale, 460 * scale), gap = 16 * scale;
    const float narration = std::min(230 * scale, (bottom - bar) * 0.4f);
    layout.narration = {window.width - width - gap, bottom - narration - gap, width, narration};
    layout.side = {layout.narration.x, bar + gap, width, layout.narration.y - bar - 2 * gap};
    layout.picture = {0, bar, layout.side.x - gap / 2, bottom - bar};
  } else {
    const float strip = std::min((something_selected ? 196 : 100) * scale, (bottom - bar) * 0.45f);
    const float told = something_selected ? window.width * 0.38f : window.width;
    layout.narration = {0, bottom - strip, told, strip};
    layout.side = {told, bottom - strip, window.width - told, strip};
    layout.picture = {0, bar, window.width, layout.narration.y - bar};
  }
  return layout;
}

}  // namespace forktable
