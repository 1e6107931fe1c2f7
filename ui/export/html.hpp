// A run as a handout: one HTML file with all of its pages, to be leafed through in any browser, without a network.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/program/listing.hpp"
#include "ui/export/deck.hpp"
#include "ui/export/web_fonts.hpp"
#include "ui/picture/timeline_scene.hpp"

namespace forktable {

struct HandoutRequest {
  std::string title;                 // of the lesson, or the recording's name
  std::string subtitle;              // may be empty
  const Listing& listing;            // without a line: none
  const std::vector<Event>& events;  // all of them
  const Theme& theme;
  const Fonts& fonts;
  Stage stage = {};  // of the lesson
  bool show_plumbing = false;
  LessonAxis lesson = {};  // its timeline's; none: one that goes by steps
};

// Takes pages as they come, and keeps of each only what no page before it had. Any text may stand in any of it.
class Handout {
 public:
  explicit Handout(const HandoutRequest& request);
  ~Handout();
  Handout(const Handout&) = delete;
  Handout& operator=(const Handout&) = delete;

  void add(const Page& page);
  // The file. The same pages give the same bytes.
  std::string finish() const;

 private:
  struct Drawings;  // what has been drawn on any page

  TimelineRequest timeline_at(std::uint64_t step, std::size_t asked = 0) const;
  bool is_lesson() const { return request_.lesson.stops > 0; }
  float timeline_height() const;  // without the scrubber, which the page has itself
  std::string drawn(const Scene& scene);
  std::string stacked(const Page& page);
  std::string written(const std::string& text, bool marked, Face face, Face code_face);

  HandoutRequest request_;
  Timeline timeline_;
  Size timeline_area_;
  float zoom_ = 0;  // of the timeline
  FontUse use_;
  std::unique_ptr<Drawings> drawings_;
  std::vector<std::string> pages_;    // JSON
  std::string_view events_ = "step";  // what the number of an event is called: a lesson has steps of its own
  Rect picture_;                      // what all pictures together take
  float listing_height_ = 0;
};

}  // namespace forktable
