#include "ui/export/deck.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "core/event/traits.hpp"
#include "core/lesson/captions.hpp"
#include "core/lesson/marks.hpp"
#include "core/program/narrate_listing.hpp"
#include "core/recording/recording.hpp"
#include "core/world/limits.hpp"
#include "core/world/reduce.hpp"
#include "ui/picture/chart.hpp"

namespace forktable {
namespace {

SlideRequest slide_request(const Page& page, const Theme& theme, const Fonts& fonts, bool show_plumbing) {
  const std::string origin = page.title.empty() ? page.heading : page.heading + " · " + page.title;
  SlideRequest slide{page.world, page.caption, origin, theme, fonts, show_plumbing};
  slide.question = page.question;
  slide.marked = page.marked;
  slide.diagnoses = page.diagnoses;
  slide.now = page.now;
  slide.layout = page.layout;
  return slide;
}

bool is_stop_of(const Lesson* lesson, const Event& event) { return lesson != nullptr && is_lesson_stop(event.what); }

// What is told beside the picture of a step; 0: nothing yet.
std::uint64_t latest_told(const std::vector<Event>& events, std::uint64_t step) {
  while (step > 0 && !is_narrated(events[step - 1])) --step;
  return step;
}

// The server beside that of a lesson, as time goes on.
class Beside {
 public:
  explicit Beside(const std::vector<Event>* events) : events_(events) {}

  void go_on_to(Nanoseconds now) {
    if (events_ == nullptr) return;
    for (; at_ < events_->size() && (*events_)[at_].at <= now; ++at_) reduce(world_, (*events_)[at_]);
  }
  // Null: there is none.
  const World* world() const { return events_ != nullptr ? &world_ : nullptr; }

 private:
  const std::vector<Event>* events_;
  World world_;
  std::size_t at_ = 0;  // taken in
};

// Goes through the run, one step that is told of after the other.
class Reel {
 public:
  // Nobody asks for what is told before this step.
  explicit Reel(const DeckRequest& request, std::uint64_t silent_before = 0)
      : request_(request), silent_before_(silent_before), beside_(request.beside) {}

  std::uint64_t step() const { return step_; }

  // To the next step that is told of, or where the lesson stops, up to `last`; false: there is none.
  bool advance(std::uint64_t last) {
    for (; at_ < last; ++at_) {
      const Event& event = request_.events[at_];
      stop_ = is_stop_of(request_.lesson, event);
      const bool told = is_narrated(event);
      if (!stop_ && !told && request_.pages != DeckRequest::kEvery) {
        reduce(world_, event);
        continue;
      }
      step_ = at_ + 1;
      now_ = event.at;
      // What was told of last stands beside a step that nobody tells of.
      if (stop_)
        narration_ = {};
      else if (told && step_ >= silent_before_)
        narration_ = narrate_listing(world_, event);
      if (request_.pages == DeckRequest::kEvery) {
        reduce(world_, event);
        ++at_;
        return true;
      }
      // What nobody tells of belongs to the picture of this step.
      const std::uint64_t settled = settled_step(request_.events, step_);
      for (; at_ < settled; ++at_) reduce(world_, request_.events[at_]);
      return true;
    }
    return false;
  }

  bool at_stop() const { return stop_; }

  Page page(std::uint64_t asked) {
    beside_.go_on_to(now_);
    return page_of(request_, step_, asked, world_, narration_, now_, beside_.world());
  }

 private:
  const DeckRequest& request_;
  const std::uint64_t silent_before_;
  World world_;
  Beside beside_;
  std::uint64_t at_ = 0;  // events taken in
  std::uint64_t step_ = 0;
  bool stop_ = false;
  Nanoseconds now_ = 0;
  Narration narration_;
};

}  // namespace

Page page_of(const DeckRequest& request, std::uint64_t step, std::uint64_t asked, const World& world, Narration told,
             Nanoseconds at, const World* beside) {
  Page page;
  page.step = page.first = step;
  page.count = fmt::format("Step {} of {}", asked, request.events.size());
  page.caption = step > 0 ? std::move(told) : Narration{"Nothing has happened yet.", ""};
  page.world = world;
  if (beside != nullptr) page.beside = *beside;
  page.now = step > 0 ? request.events[step - 1].at : 0;
  LessonPlace place;
  if (request.lesson != nullptr) {
    place = lesson_place(request.events, step);
    page.title = request.lesson->title;
    page.count = count_between(*request.lesson, place);
  }
  if (step > 0 && is_stop_of(request.lesson, request.events[step - 1])) {
    LessonCaption caption = caption_at(*request.lesson, place);
    if (place.step > 0 && place.step <= request.lesson->steps.size()) {
      page.count = count_of(*request.lesson, place);
      page.stop = place.step;
    }
    page.caption = std::move(caption.told);
    page.question = caption.question;
    page.marked = true;
    page.chart =
        request.costs != nullptr && page.stop > 0 && !page.question && request.lesson->steps[page.stop - 1].measure;
  }
  page.layout = layout_of(request.lesson, request.listing, request.fonts);
  page.heading = request.lesson != nullptr ? name_of(*request.lesson) + " · " + page.count : page.count;
  page.diagnoses = revealed(request.lesson, place, diagnose(world, at));
  if (page.chart) {
    page.picture = draw_chart({*request.costs, request.theme, request.fonts});
    return page;
  }
  SlideRequest slide = slide_request(page, request.theme, request.fonts, request.show_plumbing);
  slide.stage = request.stage;
  slide.beside = beside;
  if (request.lesson != nullptr) {
    slide.lesson_step = [&](std::uint64_t event) {
      return step_of_event(request.events, event, request.lesson->steps.size());
    };
    slide.listing = request.listing;
    slide.code = &code_at(*request.lesson, steps_taken(place));
  }
  page.picture = draw_slide_picture(slide);
  return page;
}

Narration plain_caption(const Page& page) {
  if (!page.marked) return page.caption;
  return {without_marks(page.caption.said), without_marks(page.caption.meaning)};
}

Page page_at(const DeckRequest& request, std::uint64_t step) {
  Reel reel(request, latest_told(request.events, step));
  while (reel.advance(step)) {
  }
  return reel.page(step);
}

namespace {

// Before any page is made, as that takes long. Steps that turn out to have the picture of the one before count too.
Result<void> check_size(const DeckRequest& request) {
  World world;
  Beside beside(request.beside);
  std::uint64_t shown = 0, good = 0;
  for (std::uint64_t step = 1; step <= request.last; ++step) {
    const Event& event = request.events[step - 1];
    reduce(world, event);
    const bool is_stop = is_stop_of(request.lesson, event);
    const bool has_page = request.pages == DeckRequest::kEvery || is_stop ||
                          (request.pages == DeckRequest::kChanging && is_narrated(event));
    if (step < request.first || !has_page) continue;
    beside.go_on_to(event.at);
    shown += kPageItself + present_in(world) + (beside.world() != nullptr ? present_in(*beside.world()) : 0);
    if (shown > kMostShown)
      return failure(fmt::format(
          "{} and those after it are too much for one deck: choose fewer, {}",
          place_in_recording(step, request.first_line),
          good > 0 ? fmt::format("as in --steps {}-{}", request.first, good) : std::string("or one with --step")));
    good = step;
  }
  return {};
}

}  // namespace

Result<void> for_each_page(const DeckRequest& request, const std::function<bool(std::uint64_t step)>& look,
                           const std::function<bool(const Page&)>& take) {
  if (auto fit = check_size(request); !fit) return fit;
  Reel reel(request, latest_told(request.events, request.first));
  // Where a lesson stops, its caption takes the place of what was told of the same picture: the page before waits.
  std::optional<Page> waiting;
  bool waiting_is_stop = false;
  while (reel.advance(request.last)) {
    if (!look(reel.step())) return {};
    if (reel.step() < request.first || (request.pages == DeckRequest::kStops && !reel.at_stop())) continue;
    Page page = reel.page(reel.step());
    const bool same = waiting && page.picture.items == waiting->picture.items;
    if (request.pages != DeckRequest::kEvery && same && !reel.at_stop()) continue;
    const bool replaces = request.pages != DeckRequest::kEvery && same && !waiting_is_stop;
    if (waiting && !replaces && !take(*waiting)) return {};
    if (replaces) page.first = waiting->first;
    waiting = std::move(page);
    waiting_is_stop = reel.at_stop();
  }
  if (waiting) take(*waiting);
  return {};
}

Scene slide_of(const Page& page, const Theme& theme, const Fonts& fonts) {
  return page.chart ? page.picture : add_caption(page.picture, slide_request(page, theme, fonts, false));
}

}  // namespace forktable
