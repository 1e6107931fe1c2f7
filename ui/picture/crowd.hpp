// The picture of many clients: the server's table as a strip of cells, what differs in full, and the rest as
// tiles that shrink as they become more.
#pragma once

#include "ui/picture/canvas.hpp"
#include "ui/picture/parties.hpp"
#include "ui/picture/picture.hpp"

namespace forktable {

// Draws into `scene`, by way of `canvas`, at the scale that suits it.
void draw_crowd(Canvas& canvas, const PictureRequest& request, const Cast& cast, Scene& scene);

}  // namespace forktable
