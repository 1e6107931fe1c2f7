#include "ui/window/caption.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/program/foresee_listing.hpp"
#include "core/world/describe.hpp"

namespace forktable {
namespace {

// "LESSON 4 · STEP 2 OF 9": a heading in capitals. What isn't ASCII has none here.
std::string capitals(std::string text) {
  for (char& letter : text)
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 32);
  return text;
}

std::string next_key(const Model& model) {
  const Lesson* next = next_lesson(model);
  return next != nullptr ? fmt::format("Page Down: {}", mention_of(*next)) : words_at_the_last(model);
}

// Which key goes on, when the last step has been taken.
std::string key_at_the_end(const Model& model) {
  const LessonInHand& in_hand = *model.in_hand;
  const Lesson& lesson = in_hand.lesson;
  if (model.next_lesson_open) return "Page Down begins it.";
  if (measures(lesson) && !in_hand.costs_shown)
    return model.replayed ? "Page Down shows what each server costs." : "Page Down measures what each server costs.";
  if (!lesson.wild.empty() && !model.wild_open) return "Who was bitten? Next key.";
  if (model.replayed) return "That was the lesson. Home goes back to its beginning.";
  return next_key(model);
}

Caption caption_of(const Model& model, LessonPlace place) {
  const Lesson& lesson = model.in_hand->lesson;
  const LessonCaption at = caption_at(lesson, place);
  Caption caption{capitals(at.heading), at.told, "", at.question, true};
  if (place.step == 0)
    caption.next = "Page Down or Space begins.";
  else if (place.asks)
    caption.next = "Think first. The next key answers.";
  else if (place.step == lesson.steps.size())
    caption.next = key_at_the_end(model);
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
    Caption caption = caption_of(model, lesson_place(model));
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
  caption.next = foresee_listing(model.world(), model.history.events()[said.step - 1]);
  return caption;
}

std::vector<Caption> lesson_captions(const Model& model) {
  std::vector<Caption> captions;
  if (!model.in_hand) return captions;
  const auto& steps = model.in_hand->lesson.steps;
  for (std::size_t step = 1; step <= steps.size(); ++step)
    for (const bool asks : {false, true})
      if (!asks || !steps[step - 1].ask.empty()) captions.push_back(caption_of(model, {step, asks}));
  if (captions.empty()) return captions;  // a stranger's recording: a lesson without steps
  // At the end, what the next key does is another thing each time.
  Caption last = captions.back();
  for (const std::string& next : {words_at_the_last(model), next_key(model)}) {
    last.next = next;
    captions.push_back(last);
  }
  return captions;
}

}  // namespace forktable
