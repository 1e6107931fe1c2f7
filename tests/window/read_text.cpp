#include "tests/window/read_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/window/spawned.hpp"

namespace forktable::test {
namespace {

// So many times as large, with soft edges: tesseract reads small type badly.
Image enlarged(const Image& image, int scale) {
  Image large;
  large.width = scale * image.width;
  large.height = scale * image.height;
  large.rgb.reserve(3 * static_cast<std::size_t>(large.width) * static_cast<std::size_t>(large.height));
  const auto place = [&](int at, int most) {
    return std::clamp((static_cast<float>(at) + 0.5f) / static_cast<float>(scale) - 0.5f, 0.f,
                      static_cast<float>(most - 1));
  };
  for (int y = 0; y < large.height; ++y) {
    const float v = place(y, image.height);
    const int top = static_cast<int>(v), below = std::min(top + 1, image.height - 1);
    for (int x = 0; x < large.width; ++x) {
      const float u = place(x, image.width);
      const int left = static_cast<int>(u), right = std::min(left + 1, image.width - 1);
      const float dx = u - static_cast<float>(left), dy = v - static_cast<float>(top);
      for (int c = 0; c < 3; ++c) {
        const auto mix = [&](int line) {
          return static_cast<float>(image.at(left, line)[c]) * (1 - dx) +
                 static_cast<float>(image.at(right, line)[c]) * dx;
        };
        large.rgb.push_back(static_cast<unsigned char>(std::lround(mix(top) * (1 - dy) + mix(below) * dy)));
      }
    }
  }
  return large;
}

}  // namespace

std::vector<ReadWord> read_text(const Image& image, const std::string& folder) {
  constexpr int kScale = 3;
  const std::string name = folder + "/look.ppm";
  write_ppm(enlarged(image, kScale), name);
  std::istringstream table(run("OMP_THREAD_LIMIT=1 tesseract " + name + " - --psm 11 tsv 2>/dev/null"));
  std::vector<ReadWord> words;
  for (std::string line; std::getline(table, line);) {
    std::vector<std::string> cells;
    std::istringstream split(line);
    for (std::string cell; std::getline(split, cell, '\t');) cells.push_back(cell);
    if (cells.size() < 12 || cells[0] != "5" || cells[11].find_first_not_of(' ') == std::string::npos) continue;
    words.push_back({cells[11], std::strtof(cells[10].c_str(), nullptr)});
  }
  return words;
}

}  // namespace forktable::test
