#include "tests/window/screenshot.hpp"

#include <cstdint>
#include <fstream>

#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

}  // namespace

// It is in the format of xwd(1): a header, colours, and the pixels.
Image read_screenshot(const std::string& screen_file) {
  const std::string file = contents(screen_file);
  Image image;
  if (file.size() < 100) return image;
  const std::size_t header = big_endian(file, 0), colors = big_endian(file, 4 * 19);
  image.width = static_cast<int>(big_endian(file, 4 * 4));
  image.height = static_cast<int>(big_endian(file, 4 * 5));
  const std::size_t stride = big_endian(file, 4 * 12), pixels = header + colors * 12;
  image.rgb.resize(3 * static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height));
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) {
      const std::size_t from = pixels + static_cast<std::size_t>(y) * stride + 4 * static_cast<std::size_t>(x);
      for (std::size_t c = 0; c < 3; ++c)  // blue, green, red, nothing
        image.rgb[3 * static_cast<std::size_t>(y * image.width + x) + c] =
            static_cast<unsigned char>(file[from + 2 - c]);
    }
  return image;
}

bool write_ppm(const Image& image, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  file << "P6 " << image.width << " " << image.height << " 255\n";
  file.write(reinterpret_cast<const char*>(image.rgb.data()), static_cast<std::streamsize>(image.rgb.size()));
  return file.flush().good();
}

}  // namespace forktable::test
