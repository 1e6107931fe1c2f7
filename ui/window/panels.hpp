// The panels: each reads the model, draws, and says what the user asked for.
#pragma once

#include "ui/picture/theme.hpp"
#include "ui/window/action.hpp"
#include "ui/window/layout.hpp"
#include "ui/window/model.hpp"
#include "ui/window/style.hpp"

namespace forktable {

struct PanelContext {
  const Model& model;
  const Theme& theme;
  const Style& style;
  const WindowLayout& layout;
  Actions& actions;
};

void draw_top_bar(const PanelContext& context);
void draw_narration(const PanelContext& context);
// What happened lately; or what is selected, and what can be done with it.
void draw_side(const PanelContext& context);
void draw_log(const PanelContext& context);
void draw_help(const PanelContext& context);
void draw_messages(const PanelContext& context);
// Over the picture, when no server runs: why, and what to do.
void draw_server_trouble(const PanelContext& context);

// -- for the panels --

// One that others lie on, however often it is clicked.
inline constexpr int kBackground = ImGuiWindowFlags_NoBringToFrontOnFocus;
// A window of ours that fills `rect`, without anything that ImGui adds to windows.
bool begin_panel(const char* name, Rect rect, Color background, float padding, int flags = 0);
void end_panel();
// A button in a colour of its own.
bool colored_button(const char* label, Color color, float width = 0);

}  // namespace forktable
