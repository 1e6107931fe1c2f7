// The picture for a narrow screen: processes, open files and clients one below the other, each as wide as the screen,
// so that their words are as large as they are on a wide one. It has no arrows: names and colours say what belongs
// together.
#pragma once

#include "ui/picture/picture.hpp"

namespace forktable {

// `request.area` says how wide it is; the scene is as high as it needs to be. Nothing, if there are too many cards for
// that.
std::optional<Scene> draw_stack(const PictureRequest& request);

inline constexpr std::size_t kMostStacked = 12;  // clients

}  // namespace forktable
