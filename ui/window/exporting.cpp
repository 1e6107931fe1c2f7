#include "ui/window/exporting.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <tuple>

#include "core/system/file.hpp"
#include "core/system/folders.hpp"
#include "core/world/describe.hpp"
#include "ui/window/saving.hpp"

namespace forktable {
namespace {

namespace fs = std::filesystem;

// "2026-11-23-210500-04-parent-forgets-connfd.pdf", or the first picture of a folder of that name: nothing that is
// there.
std::string name_for(const Model& model, bool many) {
  const ExportChoice& choice = model.settings.exported;
  std::string what = "run";
  if (model.in_hand) what = model.in_hand->lesson.name;
  if (model.replayed) what = fs::path(model.replayed->path).stem().string();
  if (choice.steps == ExportChoice::kThis && choice.format != Format::kTrace)
    what += fmt::format("-step-{}", shown_step(model));
  const std::string ending(many ? "" : ending_of(choice.format));
  const std::string stem = fmt::format("{}/{}-{}", export_folder(choice), time_for_names(), what);
  std::string name = stem + ending;
  for (int i = 2; fs::exists(name) && i <= 100; ++i) name = fmt::format("{}-{}{}", stem, i, ending);
  return many ? fmt::format("{}/step{}", name, ending_of(choice.format)) : name;
}

}  // namespace

// All that the thread uses is its own.
struct Exporting::Task {
  std::vector<Event> events, beside;
  RecordingHead head;
  std::unique_ptr<ExportJob> job;
  bool many = false;  // files
  std::string where;  // the file, or their folder

  std::atomic<double> part = 0;
  std::atomic<bool> given_up = false, done = false;
  Result<std::vector<std::string>> written;  // the thread's, until done
  std::thread thread;

  ~Task() {
    given_up = true;
    if (thread.joinable()) thread.join();
  }
};

Exporting::Exporting(std::function<void()> wake) : wake_(std::move(wake)) {}

Exporting::~Exporting() = default;

std::string export_folder(const ExportChoice& choice) {
  return choice.folder.empty() ? pictures_folder() : choice.folder;
}

void Exporting::begin(Model& model) {
  if (task_) return tell(model, "An export is under way. Esc cancels it.");
  const ExportChoice& choice = model.settings.exported;
  if (model.history.size() == 0) return tell(model, "Nothing has happened yet that could be exported.", true);
  const ExportState& range = model.exporting;
  if (choice.steps == ExportChoice::kRange && choice.format != Format::kTrace &&
      (range.first > range.last || range.first > model.history.size()))
    return tell(model, fmt::format("There are no steps {}-{}.", range.first, range.last), true);
  const bool many = !is_one_file(choice.format) && choice.steps != ExportChoice::kThis;
  auto task = std::make_unique<Task>();
  task->events = model.history.events();
  task->head = head_of(model);
  // What is shown: an older recording has no listing and no lesson of its own.
  task->head.script.listing = model.listing();
  if (model.in_hand) task->head.script.lesson = model.in_hand->lesson;
  task->job = std::make_unique<ExportJob>(ExportJob{task->events, task->head.header, task->head.script});
  ExportJob& job = *task->job;
  if (model.has_beside()) task->beside = model.beside.events();
  if (!task->beside.empty()) job.beside = &task->beside;
  const ServerKind server = model.server();
  job.name = model.replayed ? fs::path(model.replayed->path).stem().string()
                            : fmt::format("A run of {}-server: {}", name_of(server), title_of(server));
  job.format = choice.format;
  job.output = name_for(model, many);
  job.last = task->events.size();
  if (choice.steps == ExportChoice::kThis) job.step = shown_step(model);
  if (choice.steps == ExportChoice::kRange) {
    job.first = std::clamp<std::uint64_t>(model.exporting.first, 1, job.last);
    job.last = std::clamp<std::uint64_t>(model.exporting.last, job.first, job.last);
  }
  if (choice.steps == ExportChoice::kStops && task->head.script.lesson) job.pages = DeckRequest::kStops;
  job.dark = choice.dark;
  job.transparent = choice.transparent;
  job.outlines = choice.outlines;
  job.show_plumbing = model.settings.show_plumbing;
  task->many = many;
  task->where = many ? fs::path(job.output).parent_path().string() : job.output;
  if (auto made = make_folder(fs::path(task->where).parent_path().string()); !made)
    return tell(model, made.error().message(), true);
  task->thread = std::thread([task = task.get(), wake = wake_] {
    task->written = forktable::carry_out(*task->job, [&](double part) {
      const double before = task->part.exchange(part);
      if (static_cast<int>(before * 100) != static_cast<int>(part * 100)) wake();
      return !task->given_up;
    });
    task->done = true;
    wake();
  });
  task_ = std::move(task);
}

bool Exporting::work(Model& model) {
  model.exporting.part.reset();
  if (!task_) return false;
  if (!task_->done) {
    model.exporting.part = task_->part.load();
    return true;
  }
  task_->thread.join();
  if (!task_->written) {
    spdlog::error("{}", task_->written.error().message());
    if (!task_->given_up) tell(model, task_->written.error().message(), true);
  } else {
    const std::string said =
        task_->many ? fmt::format("Saved {} in {}", plural(task_->written->size(), "picture", "pictures"), task_->where)
                    : "Saved " + task_->where;
    spdlog::info("{}", said);
    tell(model, said);
    model.exporting.open = false;
  }
  task_.reset();
  return true;
}

bool Exporting::cancel() {
  if (!task_) return false;
  task_->given_up = true;
  return true;
}

}  // namespace forktable
