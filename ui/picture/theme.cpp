#include "ui/picture/theme.hpp"

#include <array>
#include <cmath>

namespace forktable {
namespace {

constexpr Color hex(std::uint32_t value) { return Color::rgb(value); }

Theme make_light() {
  Theme theme;
  theme.paper = hex(0xF7F5F0);
  theme.card = hex(0xFFFFFF);
  theme.row = hex(0xF3F6F9);
  theme.line = hex(0xCFD6DD);
  theme.ink = hex(0x1B2430);
  theme.muted = hex(0x56626F);
  theme.faint = hex(0x737D88);
  theme.chip = hex(0x5D6B78);
  theme.chip_text = hex(0xFFFFFF);
  theme.dead = hex(0xEFEEE9);
  theme.dead_line = hex(0x9AA3AC);
  theme.asleep = hex(0xE8ECF1);
  theme.alarm = hex(0xC65300);
  theme.alarm_soft = hex(0xFDEEE6);
  theme.good = hex(0x00805D);
  theme.accent = hex(0x0072B2);
  theme.said = hex(0xEEF4F9);
  theme.panel = hex(0x1B2430);
  theme.panel_text = hex(0xFFFFFF);
  theme.panel_muted = hex(0xA9B6C2);
  theme.panel_accent = hex(0x8FB8D8);
  return theme;
}

Theme make_dark() {
  Theme theme;
  theme.dark = true;
  theme.paper = hex(0x11161D);
  theme.card = hex(0x1B232D);
  theme.row = hex(0x26303C);
  theme.line = hex(0x3B4856);
  theme.ink = hex(0xEEF2F6);
  theme.muted = hex(0xA7B3BF);
  theme.faint = hex(0x8995A1);
  theme.chip = hex(0x4B5866);
  theme.chip_text = hex(0xFFFFFF);
  theme.dead = hex(0x161C24);
  theme.dead_line = hex(0x5F6B77);
  theme.asleep = hex(0x141A22);
  theme.alarm = hex(0xFF8A45);
  theme.alarm_soft = hex(0x3A2318);
  theme.good = hex(0x3FD0A5);
  theme.accent = hex(0x6DB9EE);
  theme.said = hex(0x22303F);
  theme.panel = hex(0x202B38);
  theme.panel_text = hex(0xFFFFFF);
  theme.panel_muted = hex(0xA9B6C2);
  theme.panel_accent = hex(0x8FB8D8);
  return theme;
}

float luminance(Color color) {
  const auto linear = [](std::uint8_t channel) {
    const float value = static_cast<float>(channel) / 255.0f;
    return value <= 0.04045f ? value / 12.92f : std::pow((value + 0.055f) / 1.055f, 2.4f);
  };
  return 0.2126f * linear(color.red) + 0.7152f * linear(color.green) + 0.0722f * linear(color.blue);
}

}  // namespace

Color Theme::connection(std::uint32_t number) const {
  static constexpr std::array kOnLight = {hex(0xE69F00), hex(0x009E73), hex(0x56B4E9),
                                          hex(0xCC79A7), hex(0x0072B2), hex(0xF0C800)};
  static constexpr std::array kOnDark = {hex(0xE69F00), hex(0x14B88A), hex(0x56B4E9),
                                         hex(0xD98FB8), hex(0x3D8FD1), hex(0xF5D327)};
  if (number == 0) return faint;
  return (dark ? kOnDark : kOnLight)[(number - 1) % kOnLight.size()];
}

const Theme& light_theme() {
  static const Theme theme = make_light();
  return theme;
}

const Theme& dark_theme() {
  static const Theme theme = make_dark();
  return theme;
}

const Theme& slide_theme() {
  static const Theme theme = [] {
    Theme slide = make_light();
    slide.paper = hex(0xFFFFFF);
    return slide;
  }();
  return theme;
}

Color readable_on(Color background) {
  const float light = luminance(background);
  return 1.05f / (light + 0.05f) >= (light + 0.05f) / 0.0625f ? hex(0xFFFFFF) : hex(0x10161E);
}

}  // namespace forktable
