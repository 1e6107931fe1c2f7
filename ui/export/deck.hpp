// A run as pages, each with a picture and its caption: what a slide, a deck of them and a handout are made of.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/compare/costs.hpp"
#include "core/lesson/lesson.hpp"
#include "core/system/result.hpp"
#include "core/world/diagnose.hpp"
#include "core/world/narrate.hpp"
#include "ui/picture/slide.hpp"

namespace forktable {

struct DeckRequest {
  const std::vector<Event>& events;
  const Lesson* lesson = nullptr;  // that was held; null: none
  const Theme& theme;
  const Fonts& fonts;
  std::uint64_t first = 1, last = 0;  // steps that a page may be of; `last` is at most the number of events
  enum Pages : std::uint8_t {
    kChanging,  // the steps that change the picture, and where a lesson stops
    kStops,     // only where a lesson stops
    kEvery,     // every step
  } pages = kChanging;
  bool show_plumbing = false;
  std::size_t first_line = 0;                  // of the recording that the events are from; 0: none
  Stage stage = {};                            // of the lesson, for all pages
  const Listing* listing = nullptr;            // of which the lesson's lines are shown; null: none
  const std::vector<Event>* beside = nullptr;  // of the server beside that of the lesson, by time; null: none
  const CostTable* costs = nullptr;            // that the lesson's last step has measured; null: none
};

// What a page takes by itself, whatever it shows: as much as so many processes, descriptors, open files and clients.
// All pages together are limited, see kMostShown in limits.hpp.
inline constexpr std::uint64_t kPageItself = 4'000;

struct Page {
  std::uint64_t step = 0;   // its event, from 1
  std::uint64_t first = 0;  // the first that it stands for: the same, or one before with the same picture
  std::string count;        // "question 6 of 8", "in step 6 of 8" of a lesson; "Step 12 of 61"
  std::string heading;      // the same, after the lesson's name: "Lesson 4 · question 6 of 8"
  Narration caption;
  std::string title;            // the lesson's; empty: none
  std::size_t stop = 0;         // the lesson's step that has been taken or is asked about there; 0: neither
  bool question = false;        // a lesson asks, and the next page answers
  bool marked = false;          // its caption is a lesson's, with code between backquotes
  World world;                  // at the step, with what nobody tells of
  Nanoseconds now = 0;          // the time of the step
  std::optional<World> beside;  // of the server beside that of the lesson; none: there is none
  std::vector<Diagnosis> diagnoses;
  SlideLayout layout;
  Scene picture;       // without the caption, in its place on the slide
  bool chart = false;  // the picture is what each server costs, and fills the slide: no caption stands below it
};

// Its caption as text alone.
Narration plain_caption(const Page& page);

// The page of a step, from 0 to the number of events. What is told is the latest told of.
Page page_at(const DeckRequest& request, std::uint64_t step);

// The same of a World that is there: `world` has come to the step and holds what nobody tells of after it; `told` is
// what is told of the step, and what is wrong is what is so at the time `at`. `asked` is the step that the page is
// named after: a later one, of which nobody tells, has the picture and the caption of the one before. `beside` is the
// World of the server beside it at that time; null: there is none.
Page page_of(const DeckRequest& request, std::uint64_t step, std::uint64_t asked, const World& world, Narration told,
             Nanoseconds at, const World* beside);

// Calls `take` with each page in its order, until it returns false. Before each, `look` is called with the step that
// has been come to, and ends it all by returning false: most steps of a long run make no page. Pages that are too much
// together are an error, which says from which step on, and where that is in the recording; none is made then.
Result<void> for_each_page(const DeckRequest& request, const std::function<bool(std::uint64_t step)>& look,
                           const std::function<bool(const Page&)>& take);

// The picture and its caption, or a chart alone: 1920 by 1080 units.
Scene slide_of(const Page& page, const Theme& theme, const Fonts& fonts);

}  // namespace forktable
