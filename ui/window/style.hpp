// How ImGui's own widgets look: our fonts, our colours.
#pragma once

#include <imgui.h>

#include "ui/picture/fonts.hpp"
#include "ui/picture/theme.hpp"

namespace forktable {

struct Style {
  ImFont* text = nullptr;      // 14.5
  ImFont* strong = nullptr;    // 14.5, semi-bold
  ImFont* headline = nullptr;  // 20, bold
  ImFont* said = nullptr;      // 19, semi-bold
  ImFont* board = nullptr;     // 28, for the last row of a lecture hall
  ImFont* mono = nullptr;      // 13.5
  float scale = 1;             // pixels for one unit of the design

  float operator()(float units) const { return units * scale; }
};

// Puts the fonts into ImGui's atlas, which has to be made a texture again after it.
Style make_style(const Fonts& fonts, float scale);
void apply_colors(const Theme& theme, const Style& style);

ImVec4 as_vec4(Color color);

// A push of colour and a pop at the end of the scope.
class WithTextColor {
 public:
  explicit WithTextColor(Color color) { ImGui::PushStyleColor(ImGuiCol_Text, as_vec4(color)); }
  ~WithTextColor() { ImGui::PopStyleColor(); }
  WithTextColor(const WithTextColor&) = delete;
  WithTextColor& operator=(const WithTextColor&) = delete;
};
class WithFont {
 public:
  explicit WithFont(ImFont* font) { ImGui::PushFont(font); }
  ~WithFont() { ImGui::PopFont(); }
  WithFont(const WithFont&) = delete;
  WithFont& operator=(const WithFont&) = delete;
};

}  // namespace forktable
