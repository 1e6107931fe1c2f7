#include "ui/window/replay.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <exception>
#include <filesystem>

#include "core/recording/installed_script.hpp"
#include "core/world/describe.hpp"
#include "ui/window/server_control.hpp"

namespace forktable {

std::string file_name_of(const std::string& path) { return printable(std::filesystem::path(path).filename().string()); }

void Replay::begin_with(const std::string& path) {
  has_live_run_ = false;
  stage_ = std::make_unique<Stage>();
  stage_->model.settings = live_.settings;
  stage_->model.replayed = Replayed{path, {}, {}, {}, ""};
  stage_->model.focus = 0;
  open(path);
}

void Replay::open(const std::string& path) {
  cancel();
  if (const auto header = read_recording_header(path); !header) return refuse(header.error().message());
  model().loading = Progress{path};
  loading_ = std::make_unique<Loading>(path, wake_);
}

bool Replay::work() {
  if (!loading_) return false;
  const bool done = loading_->done();
  model().loading = Progress{loading_->path(), loading_->part(), loading_->events()};
  if (!done) return false;
  auto loaded = loading_->take();
  const std::string path = loading_->path();
  cancel();
  if (!loaded) return refuse(loaded.error().message()), false;
  show(std::move(*loaded), path);
  return true;
}

bool Replay::cancel() {
  if (!loading_) return false;
  loading_.reset();
  model().loading.reset();
  return true;
}

bool Replay::leave() {
  if (!stage_ || !has_live_run_) return false;
  cancel();
  live_.settings = stage_->model.settings;
  stage_.reset();
  return true;
}

void Replay::show(Loading::Loaded loaded, const std::string& path) {
  static std::uint32_t shown = 0;
  auto stage = std::make_unique<Stage>();
  Model& next = stage->model;
  next.run = ++shown;
  next.settings = model().settings;
  next.now = model().now;
  next.history = std::move(loaded.history);
  next.timeline = std::move(loaded.timeline);
  next.beside = std::move(loaded.beside);
  const Recording& recording = loaded.recording;
  Script script = script_of(recording);
  if (recording.header.version < kVersionWithScript && !script.listing.lines.empty())
    script.listing.file += " (of this Forktable)";
  next.replayed = Replayed{path, recording.header, recording.script, std::move(script.listing), ""};
  if (script.costs) next.replayed->costs = std::make_shared<const CostTable>(*script.costs);
  if (script.lesson) next.in_hand = LessonInHand{*std::move(script.lesson), false, true, false, ""};
  go_to_first(next);
  stage_ = std::move(stage);
  spdlog::info("shows {}: {} events", path, next.history.size());
  if (has_live_run_)
    tell(next, fmt::format("{} is shown. The live server goes on; Esc goes back to it.", file_name_of(path)));
  else if (recording.cut_short)
    tell(next, "The recording was cut short: its last line is not whole, and was left out.");
}

void Replay::refuse(const std::string& why) {
  spdlog::error("{}", why);
  const bool empty = stage_ && stage_->model.history.size() == 0;
  if (empty)
    stage_->model.replayed->trouble = printable(why);
  else
    tell(model(), printable(why), true);
}

bool needs_server(const Action& action) {
  if (const auto* menu = std::get_if<OpenMenu>(&action))
    return std::string_view(menu->id) == "server" || std::string_view(menu->id) == "behaviour";
  return std::visit(
      []<class T>(const T&) {
        return requires(ServerControl & control, const T& what) { control.carry_out(what); }
        || std::is_same_v<T, StepProcess> || std::is_same_v<T, StepSelected> || std::is_same_v<T, HoldProcess> ||
            std::is_same_v<T, HoldSelected> || std::is_same_v<T, ToggleLessons> || std::is_same_v<T, ChooseBehaviour>;
      },
      action);
}

}  // namespace forktable
