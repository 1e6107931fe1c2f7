#include "ui/window/style.hpp"

#include <ft2build.h>
#include <cmath>
#include FT_FREETYPE_H

namespace forktable {
namespace {

// What the widgets' texts are made of. The picture's texts have every character there is.
constexpr ImWchar kRanges[] = {0x0020, 0x017F,  // Latin
                               0x0370, 0x03FF,  // Greek
                               0x0400, 0x052F,  // Cyrillic
                               0x2010, 0x2027,  // dashes, quotes, ellipsis
                               0x2190, 0x2194,  // arrows
                               0x2212, 0x2212, 0x25CF, 0x25CF, 0x2713, 0x2713, 0};

ImFont* add(const Fonts& fonts, Face face, float size, float scale) {
  // ImGui measures a font by the height of its line, and we by its em.
  const FT_Face loaded = fonts.face(face);
  const float line =
      static_cast<float>(loaded->ascender - loaded->descender) / static_cast<float>(loaded->units_per_EM);
  ImFontConfig config;
  config.OversampleH = 2;
  config.OversampleV = 1;
  return ImGui::GetIO().Fonts->AddFontFromFileTTF(fonts.file(face).c_str(), std::round(size * scale * line), &config,
                                                  kRanges);
}

}  // namespace

Style make_style(const Fonts& fonts, float scale) {
  ImGui::GetIO().Fonts->Clear();
  Style style;
  style.scale = scale;
  style.text = add(fonts, Face::kRegular, 14.5f, scale);
  style.strong = add(fonts, Face::kSemiBold, 14.5f, scale);
  style.headline = add(fonts, Face::kBold, 20, scale);
  style.said = add(fonts, Face::kSemiBold, 19, scale);
  style.board = add(fonts, Face::kRegular, 28, scale);
  style.mono = add(fonts, Face::kMono, 13.5f, scale);
  return style;
}

ImVec4 as_vec4(Color color) {
  const auto part = [](std::uint8_t channel) { return static_cast<float>(channel) / 255.0f; };
  return {part(color.red), part(color.green), part(color.blue), part(color.alpha)};
}

void apply_colors(const Theme& theme, const Style& style) {
  ImGuiStyle& imgui = ImGui::GetStyle();
  imgui = ImGuiStyle();
  imgui.WindowBorderSize = 0;
  imgui.WindowRounding = 0;
  imgui.PopupRounding = imgui.FrameRounding = imgui.ChildRounding = 6;
  imgui.FramePadding = {10, 7};
  imgui.ItemSpacing = {8, 8};
  imgui.ScrollbarSize = 12;
  imgui.PopupBorderSize = 1;
  imgui.ScaleAllSizes(style.scale);
  const auto set = [&](ImGuiCol which, Color color) { imgui.Colors[which] = as_vec4(color); };
  set(ImGuiCol_Text, theme.ink);
  set(ImGuiCol_TextDisabled, theme.faint);
  set(ImGuiCol_WindowBg, theme.paper);
  set(ImGuiCol_ChildBg, kTransparent);
  set(ImGuiCol_PopupBg, theme.card);
  set(ImGuiCol_Border, theme.line);
  set(ImGuiCol_FrameBg, theme.row);
  set(ImGuiCol_FrameBgHovered, theme.said);
  set(ImGuiCol_FrameBgActive, theme.said);
  set(ImGuiCol_Button, theme.row);
  set(ImGuiCol_ButtonHovered, theme.line);
  set(ImGuiCol_ButtonActive, theme.line);
  set(ImGuiCol_Header, theme.said);
  set(ImGuiCol_HeaderHovered, theme.said);
  set(ImGuiCol_HeaderActive, theme.line);
  set(ImGuiCol_Separator, theme.line);
  set(ImGuiCol_CheckMark, theme.ink);
  set(ImGuiCol_ScrollbarBg, kTransparent);
  set(ImGuiCol_ScrollbarGrab, theme.line);
  set(ImGuiCol_ScrollbarGrabHovered, theme.faint);
  set(ImGuiCol_ScrollbarGrabActive, theme.muted);
  set(ImGuiCol_TextSelectedBg, theme.panel_accent.faded(0.5f));
  set(ImGuiCol_NavHighlight, theme.panel_accent);
}

}  // namespace forktable
