#include "ui/window/saving.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "core/lesson/captions.hpp"
#include "core/recording/recording.hpp"
#include "core/system/file.hpp"
#include "core/system/folders.hpp"
#include "ui/export/deck.hpp"
#include "ui/picture/cairo_painter.hpp"

namespace forktable {
namespace {

// Of the step that is looked at: the lesson's stop, or what was told of last.
std::uint64_t step_of(const Model& model) {
  const std::uint64_t told = told_step(model);
  return looks_at_lesson(model) ? std::max(told, latest_lesson_stop(model.history.events(), shown_step(model))) : told;
}

}  // namespace

Result<std::string> slide_of(const Model& model, const Fonts& fonts) {
  DeckRequest deck{model.history.events(), model.in_hand ? &model.in_hand->lesson : nullptr, slide_theme(), fonts};
  deck.show_plumbing = model.settings.show_plumbing;
  deck.listing = &model.listing();
  if (deck.lesson != nullptr) deck.stage = stage_of(*deck.lesson, model.history.events());
  const RecordingHead head = head_of(model);
  if (head.script.costs) deck.costs = &*head.script.costs;
  const std::uint64_t step = step_of(model);
  Narration told = said_of(model, step).narration;  // before the World, which is good until the next one is asked for
  const Page page =
      page_of(deck, step, shown_step(model), model.world(), std::move(told), model.shown_now(), model.world_beside());
  return paint_png(slide_of(page, slide_theme(), fonts), slide_theme().paper, fonts, 2);
}

RecordingHead head_of(const Model& model) {
  if (model.replayed) return {model.replayed->header, model.replayed->script};  // of a copy
  RecordingHead head = head_of(model.server(), model.in_hand ? &model.in_hand->lesson : nullptr);
  const bool measured = model.in_hand && measures(model.in_hand->lesson) && model.comparing.table;
  if (measured) head.script.costs = *model.comparing.table;
  return head;
}

std::string recording_of(const Model& model) {
  std::string text = lines_of(head_of(model));
  for (const Event& event : model.history.events()) text += line_of(event);
  if (model.has_beside()) text += lines_beside(model.beside.events());
  return text;
}

std::string time_for_names() {
  char now[32] = "";
  const std::time_t time = std::time(nullptr);
  std::tm local{};
  std::strftime(now, sizeof now, "%Y-%m-%d-%H%M%S", localtime_r(&time, &local));
  return now;
}

Result<std::string> save_new(const std::string& what, const std::string& ending, const Result<std::string>& bytes) {
  if (!bytes) return bytes;
  const std::string folder = pictures_folder();
  if (auto made = make_folder(folder); !made) return tl::make_unexpected(made.error());
  const std::string now = time_for_names();
  for (int i = 1; i <= 100; ++i) {
    std::string name = fmt::format("{}/{}-{}{}{}", folder, now, what, i == 1 ? "" : fmt::format("-{}", i), ending);
    const auto written = write_new_file(name, *bytes, "can't save");
    if (written) return name;
    if (written.error().number != EEXIST) return tl::make_unexpected(written.error());
  }
  return failure("can't find a free name in " + folder);
}

}  // namespace forktable
