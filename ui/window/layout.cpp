#include "ui/window/layout.hpp"

#include <algorithm>

namespace forktable {

namespace {

constexpr float kCodeShare = 0.44f, kCodeLine = 17;  // of the width of what is said; the least height of a line
constexpr float kMostCode = 0.64f;                   // the former, at most
constexpr float kTimeline = 0.2f, kLowTimeline = 0.14f,
                kLowLessonTimeline = 0.16f;             // of the height; low: narrow windows'
constexpr float kMostCaption = 0.45f;                   // of what has the height of the picture
constexpr float kColumn = 0.285f, kMostColumn = 0.34f;  // of the width of the window
constexpr float kListing = 176, kListingShare = 0.33f;  // of two servers side by side, the code of each
constexpr float kTrouble = 74, kTroubleGap = 8, kWidestTrouble = 760;

// A strip at the lower edge of the picture's place.
void make_room_for_trouble(WindowLayout& layout, float scale) {
  const float gap = std::min(kTroubleGap * scale, layout.picture.height * 0.1f);
  const float height = std::min(kTrouble * scale, layout.picture.height * 0.4f);
  const float width = std::min(kWidestTrouble * scale, layout.picture.width - 3 * gap);
  layout.trouble = {layout.picture.x + (layout.picture.width - width) / 2, layout.picture.bottom() - height - gap,
                    width, height};
  layout.picture.height = layout.trouble.y - gap - layout.picture.y;
}

// The picture's place in halves, each with a title.
void part(WindowLayout& layout, float scale) {
  const float gap = 2 * scale, title = 34 * scale, width = (layout.picture.width - gap) / 2;
  Rect& left = layout.picture;
  layout.title = {left.x, left.y, width, title};
  left = {left.x, left.y + title, width, left.height - title};
  layout.title_of_beside = {left.x + width + gap, layout.title.y, width, title};
  layout.beside = {layout.title_of_beside.x, left.y, width, left.height};
}

// At both sides of what is said, each below its picture.
void part_for_listings(WindowLayout& layout) {
  Rect& said = layout.narration;
  const float width = said.width * kListingShare;
  layout.listing = {said.x, said.y, width, said.height};
  layout.listing_of_beside = {said.right() - width, said.y, width, said.height};
  said = {said.x + width, said.y, said.width - 2 * width, said.height};
}

// Right of what is said, where there is no column for them.
void part_for_code(WindowLayout& layout, const LayoutRequest& request) {
  if (request.code == 0) return;
  const float widest = layout.narration.width * kMostCode;
  const float width =
      request.code_area ? std::min(request.code_area->width, widest) : layout.narration.width * kCodeShare;
  layout.narration.width -= width;
  layout.code = {layout.narration.right(), layout.narration.y, width, layout.narration.height};
}

}  // namespace

WindowLayout lay_out(const LayoutRequest& request) {
  WindowLayout layout;
  const Size window = request.window;
  const float scale = request.scale;
  if (request.blackboard) {
    layout.blackboard = true;
    const float most = window.height * (request.enlarged ? kEnlargedBoardCaption : kBoardCaption);
    const float code = request.code_area ? request.code_area->height : 0;
    const float caption = request.caption > 0 ? std::min(std::max(request.caption, code), most) : most;
    layout.picture = {0, 0, window.width, window.height - caption};
    layout.narration = {0, layout.picture.bottom(), window.width, caption};
    part_for_code(layout, request);
    layout.log = {0, window.height, window.width, 0};
    layout.top_bar = {0, 0, window.width, 0};
    layout.timeline = {0, window.height, window.width, 0};
    if (request.two_servers) part(layout, scale);
    return layout;
  }
  const float bar = 56 * scale;
  layout.top_bar = {0, 0, window.width, bar};
  const float log = request.log_open ? std::min(190 * scale, window.height * 0.35f) : 0;
  layout.log = {0, window.height - log, window.width, log};
  float bottom = window.height - log;
  const bool wide = window.width >= 1240 * scale;
  const float most = (bottom - bar) * kTimeline, lowest = std::min(64 * scale, most);
  const bool listings =
      request.two_servers && request.listing_open && !request.something_selected && wide && bottom - bar >= 560 * scale;
  const float usual_timeline = std::clamp(wide ? most : (bottom - bar) * kLowTimeline, lowest, 190 * scale);
  const float timeline = request.enlarged || listings
                             ? lowest
                             : std::max(usual_timeline, std::min(request.timeline * scale,
                                                                 wide ? most : (bottom - bar) * kLowLessonTimeline));
  bottom -= timeline;
  layout.timeline = {0, bottom, window.width, timeline};
  const bool room = wide && bottom - bar >= 420 * scale;
  layout.has_column =
      room && !request.two_servers && !request.below && (request.listing_open || request.something_selected);
  if (layout.has_column) {
    const float usual_width = std::clamp(window.width * kColumn, 360 * scale, 470 * scale), gap = 16 * scale;
    const float width = std::max(usual_width, std::min(request.code_width, window.width * kMostColumn));
    const float usual = std::clamp((bottom - bar) * 0.3f, 150 * scale, 230 * scale);
    const float narration = std::max(usual, std::min(request.caption, (bottom - bar) * kMostCaption));
    layout.narration = {window.width - width - gap, bottom - narration - gap, width, narration};
    layout.side = {layout.narration.x, bar + gap, width, layout.narration.y - bar - 2 * gap};
    layout.picture = {0, bar, layout.side.x - gap / 2, bottom - bar};
  } else {
    const bool beside = request.something_selected;
    const float lines =
        request.code_area ? request.code_area->height : (static_cast<float>(request.code) * kCodeLine + 16) * scale;
    const float code = request.code > 0 && !beside ? lines : 0;
    const float least = (beside ? 196 : listings ? kListing : 112) * scale;
    const float strip = std::min(std::max({least, request.caption, code}), (bottom - bar) * kMostCaption);
    const float told = beside ? window.width * 0.38f : window.width;
    layout.narration = {0, bottom - strip, told, strip};
    layout.side = {told, bottom - strip, window.width - told, strip};
    layout.picture = {0, bar, window.width, layout.narration.y - bar};
    if (!beside) part_for_code(layout, request);
    if (listings) part_for_listings(layout);
  }
  if (request.trouble) make_room_for_trouble(layout, scale);
  if (request.two_servers) part(layout, scale);
  return layout;
}

}  // namespace forktable
