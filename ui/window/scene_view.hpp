// A Scene in a panel: painted, and clicked on.
#pragma once

#include "ui/window/panels.hpp"
#include "ui/window/scene_painter.hpp"

namespace forktable {

// In the window that is being drawn. `origin` is the scene's, in pixels; `zoom` its unit there.
void show(const PanelContext& context, const Scene& scene, const View& view);

// What the mouse is over, with a pointing hand, if the window that is being drawn has the mouse.
Subject under_mouse(const Scene& scene, const View& view);

// A click on something, wherever it is shown: what has happened is gone to, a process is let go on, all else is
// selected.
void click(const PanelContext& context, Subject subject);

}  // namespace forktable
