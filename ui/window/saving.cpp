#include "ui/window/saving.hpp"

#include <fmt/format.h>

#include <ctime>

#include "core/recording/recording.hpp"
#include "core/system/file.hpp"
#include "core/system/folders.hpp"
#include "ui/picture/cairo_painter.hpp"
#include "ui/picture/slide.hpp"
#include "ui/window/caption.hpp"

namespace forktable {
namespace {

// "Lesson 4 · step 2 of 9".
std::string origin_of(const Caption& caption) {
  std::string origin = caption.heading;
  for (std::size_t i = 1; i < origin.size(); ++i)
    if (origin[i] >= 'A' && origin[i] <= 'Z') origin[i] = static_cast<char>(origin[i] + 32);
  return origin;
}

}  // namespace

Result<std::string> slide_of(const Model& model, const Fonts& fonts) {
  const Caption caption = caption_of(model);
  std::vector<Diagnosis> diagnoses;
  if (shows_diagnoses(model)) diagnoses = diagnose(model.world(), model.shown_now());
  SlideRequest slide{model.world(), caption.told, origin_of(caption),
                     slide_theme(), fonts,        model.settings.show_plumbing};
  slide.diagnoses = diagnoses;
  if (const std::uint64_t step = told_step(model); step > 0) slide.now = model.history.events()[step - 1].at;
  return paint_png(draw_slide(slide), slide_theme().paper, fonts, 2);
}

std::pair<RecordingHeader, Script> head_of_recording(const Model& model) {
  RecordingHeader header;
  Script script;
  if (model.replayed) {  // a copy
    header = model.replayed->header;
    script = model.replayed->script;
  } else {
    header.started = present_time();
    script.listing = listing_of(header.server);
    if (model.in_hand) {
      header.lesson = model.in_hand->lesson.name;
      script.lesson = model.in_hand->lesson;
    }
    header.started = present_time();
  }
  return {header, script};
}

std::string recording_of(const Model& model) {
  const auto [header, script] = head_of_recording(model);
  std::string text = line_of(header) + lines_of(script);
  for (const Event& event : model.history.events()) text += line_of(event);
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
