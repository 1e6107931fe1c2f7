// The panels: each reads the model, draws, and says what the user asked for.
#pragma once

#include "ui/picture/theme.hpp"
#include "ui/window/action.hpp"
#include "ui/window/glyph_cache.hpp"
#include "ui/window/layout.hpp"
#include "ui/window/model.hpp"
#include "ui/window/style.hpp"

namespace forktable {

// What a Scene is painted with.
struct Pen {
  const Fonts& fonts;
  GlyphCache& glyphs;
  ImTextureID texture;
  float pixels_per_unit;
};

struct PanelContext {
  const Model& model;
  const Theme& theme;
  const Style& style;
  const WindowLayout& layout;
  Actions& actions;
  Pen pen;
};

void draw_top_bar(const PanelContext& context);
// What is said of the step that is looked at, or of the lesson's; on the blackboard, huge.
void draw_narration(const PanelContext& context);
// Which of two servers side by side it is, and whether it is the active one.
void draw_server_title(const PanelContext& context, Rect rect, bool active);
// The listing and what happened; or what is selected, and what can be done with it. True: a field in it has asked for
// the keyboard, and has it in a frame to come.
bool draw_side(const PanelContext& context);
// The server's listing, with its processes in it. `name` is ImGui's, of its window.
void draw_listing_in(const PanelContext& context, Rect rect, const char* name = "listing");
// The same over the picture, all of it.
void draw_listing_over_picture(const PanelContext& context, Rect rect);
// What happened when, and where in it the user looks.
void draw_timeline_panel(const PanelContext& context);
void draw_lessons(const PanelContext& context);      // the list to choose from
void draw_wild(const PanelContext& context);         // who was bitten by the bug of the lesson
void draw_next_lesson(const PanelContext& context);  // its title, and what it is about
void draw_export(const PanelContext& context);       // what is to be exported, and how far that is
void draw_compare(const PanelContext& context);      // what each server costs
void draw_black(const PanelContext& context);
void draw_log(const PanelContext& context);
void draw_help(const PanelContext& context);
// The recording that is being read, and how far; or why it can't be shown.
void draw_loading(const PanelContext& context);
void draw_messages(const PanelContext& context);
// Below the picture, when no server runs: why, and what to do.
bool has_server_trouble(const Model& model);
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
