// Two pictures, compared by their pixels.
#pragma once

#include <cairo.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

namespace forktable::test {

using Pixels = std::unique_ptr<cairo_surface_t, decltype([](cairo_surface_t* one) { cairo_surface_destroy(one); })>;

inline Pixels pixels_of(std::string_view png) {
  const auto read = [](void* from, unsigned char* to, unsigned length) {
    auto& rest = *static_cast<std::string_view*>(from);
    if (rest.size() < length) return CAIRO_STATUS_READ_ERROR;
    std::memcpy(to, rest.data(), length);
    rest.remove_prefix(length);
    return CAIRO_STATUS_SUCCESS;
  };
  return Pixels(cairo_image_surface_create_from_png_stream(read, &png));
}

// How much they differ on average, from 0 to 1; 1 if they don't have the same size, or are no pictures.
inline double mean_difference(std::string_view png, std::string_view other) {
  const Pixels a = pixels_of(png), b = pixels_of(other);
  const int width = cairo_image_surface_get_width(a.get()), height = cairo_image_surface_get_height(a.get());
  if (width == 0 || width != cairo_image_surface_get_width(b.get()) ||
      height != cairo_image_surface_get_height(b.get()))
    return 1;
  double sum = 0;
  for (int y = 0; y < height; ++y) {
    const unsigned char* row = cairo_image_surface_get_data(a.get()) + y * cairo_image_surface_get_stride(a.get());
    const unsigned char* as = cairo_image_surface_get_data(b.get()) + y * cairo_image_surface_get_stride(b.get());
    for (int i = 0; i < 4 * width; ++i)
      if (i % 4 != 3) sum += std::abs(row[i] - as[i]);
  }
  return sum / 255 / 3 / width / height;
}

}  // namespace forktable::test
