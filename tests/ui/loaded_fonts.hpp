// The fonts of pictures, loaded once for all tests of a program.
#pragma once

#include <gtest/gtest.h>

#include "ui/picture/fonts.hpp"

namespace forktable::test {

inline const Fonts& fonts() {
  static const auto loaded = Fonts::load();
  EXPECT_TRUE(loaded.has_value()) << loaded.error().message();
  return **loaded;
}

}  // namespace forktable::test
