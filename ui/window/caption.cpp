#include "ui/window/caption.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/world/describe.hpp"

namespace forktable {
namespace {

// "LESSON 4 · STEP 2 OF 9": a heading in capitals. What isn't ASCII has none here.
std::string capitals(std::string text) {
  for (char& letter : text)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 32);
  return text;
}

Caption caption_of(const LessonInHand& in_hand, LessonPlace place, bool wild_open, bool replayed) {
  const Lesson& lesson = in_hand.lesson;
  const LessonCaption at = caption_at(lesson, place);
  Caption caption{capitals(at.heading), at.told, "", at.question, true};
  if (place.step == 0)
    caption.next = "Page Down or Space begins.";
  else if (place.asks)
    caption.next = "Think first. The next key answers.";
  else if (place.step == lesson.steps.size())
    caption.next = lesson.wild.empty() || wild_open
                       ? replayed ? "That was the lesson. Home goes back to its beginning."
                                  : "That was the lesson. R begins it again, L chooses another, Esc leaves it."
                       : "That was the lesson. Who was bitten by it? The next key tells, or W.";
  return caption;
}

}  // namespace

Caption caption_of(const Model& model) {
  if (model.in_hand && looks_at_lesson(model)) {
    if (!model.in_hand->trouble.empty())
      return {capitals(name_of(model.in_hand->lesson)),
              {"The lesson can't go on.", model.in_hand->trouble},
              "R begins it again, Esc leaves it.",
              false,
              false};
    Caption caption = caption_of(*model.in_hand, lesson_place(model), model.wild_open, model.replayed.has_value());
    if (!model.focus && model.in_hand->busy) caption.next = "…";
    return caption;
  }
  Caption caption;
  const std::uint64_t step = told_step(model);
  if (step == 0) {
    caption.heading = "STEP 0";
    caption.told.said = "Nothing has happened yet.";
    return caption;
  }
  const Said said = !model.focus && !model.said.empty() ? model.said.back() : said_of(model, step);
  caption.heading = fmt::format("STEP {}", said.step);
  caption.told = said.narration;
  caption.next = foresee(model.world(), model.history.events()[said.step - 1]);
  return caption;
}

std::vector<Caption> lesson_captions(const Model& model) {
  std::vector<Caption> captions;
  if (!model.in_hand) return captions;
  const auto& steps = model.in_hand->lesson.steps;
  for (std::size_t step = 1; step <= steps.size(); ++step)
    for (const bool asks : {false, true})
      if (!asks || !steps[step - 1].ask.empty())
        captions.push_back(caption_of(*model.in_hand, {step, asks}, false, model.replayed.has_value()));
  return captions;
}

}  // namespace forktable
