// The pixels of a test's screen.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace forktable::test {

struct Image {
  int width = 0, height = 0;
  std::vector<unsigned char> rgb;  // 3 bytes a pixel
  const unsigned char* at(int x, int y) const { return &rgb[3 * static_cast<std::size_t>(y * width + x)]; }
};

// What Xvfb keeps in its screen's file; an image without size if it can't be read.
Image read_screenshot(const std::string& screen_file);

// False if that can't be.
bool write_ppm(const Image& image, const std::string& path);

}  // namespace forktable::test
