// The server's own source, with each process at the line where it is.
#pragma once

#include <optional>

#include "core/lesson/lesson.hpp"
#include "core/program/listing.hpp"
#include "core/world/world.hpp"
#include "ui/picture/fonts.hpp"
#include "ui/picture/scene.hpp"
#include "ui/picture/theme.hpp"

namespace forktable {

struct ListingRequest {
  const Listing& listing;
  const World& world;
  std::string when;  // "running now", "as it was at step 9"
  Size area;
  const Theme& theme;
  const Fonts& fonts;
  bool step_buttons = false;  // on each process that waits at its gate
  Subject selected = {};
  const Lines* only = nullptr;  // these lines alone, in type as large as there is room for; null or empty: all
  bool title = true;            // the file's name above them
  float largest_type = 24;      // of these lines alone
  bool shares_marks = false;    // as these lines do: siblings at one line share a mark
  std::optional<Nanoseconds> since = {};  // what has returned since then has a mark at its line

  bool folds() const { return only != nullptr && !only->empty(); }
};

// The room that the lines of a lesson take, those of all its steps, without their common indent and with a mark behind
// them.
struct CodeSize {
  std::size_t lines = 0, columns = 0;  // at most
};
CodeSize size_of_code(const Listing& listing, const Lesson& lesson);
// The width of the area in which these lines have type of this size.
float width_of_code(const CodeSize& code, float type, const Fonts& fonts);

// In which draw_listing() sets those lines.
float type_of_listing(const ListingRequest& request);

// In the unit of `area`. The type shrinks so that all lines fit, down to a size that can still be read; beyond that,
// the lines at which processes are stay in view.
Scene draw_listing(const ListingRequest& request);

}  // namespace forktable
