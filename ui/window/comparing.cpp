#include "ui/window/comparing.hpp"

#include <spdlog/spdlog.h>

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "ui/export/chart_file.hpp"

namespace forktable {

// All that the thread uses is its own, or behind the mutex.
struct Comparing::Task {
  std::mutex mutex;
  double part = 0;
  std::string doing;
  std::atomic<bool> given_up = false, done = false;
  Result<CostTable> table;  // the thread's, until done
  std::thread thread;

  ~Task() {
    given_up = true;
    if (thread.joinable()) thread.join();
  }
};

Comparing::Comparing(std::function<void()> wake) : wake_(std::move(wake)) {}

Comparing::~Comparing() = default;

void Comparing::begin(Model& model, CostRequest request) {
  if (task_) return tell(model, "It is being measured. Esc gives up.");
  task_ = std::make_unique<Task>();
  task_->thread = std::thread([task = task_.get(), wake = wake_, request = std::move(request)] {
    task->table = measure_costs(request, [&](double part, const std::string& doing) {
      const std::scoped_lock lock(task->mutex);
      const bool new_one = task->part != part || task->doing != doing;
      task->part = part;
      task->doing = doing;
      if (new_one) wake();
      return !task->given_up;
    });
    task->done = true;
    wake();
  });
}

bool Comparing::work(Model& model) {
  CompareState& state = model.comparing;
  // What was measured here comes before what a recording brings along.
  state.table = table_ || !model.replayed ? table_ : model.replayed->costs;
  state.part.reset();
  if (!task_) return false;
  if (!task_->done) {
    const std::scoped_lock lock(task_->mutex);
    state.part = task_->part;
    state.doing = task_->doing;
    return true;
  }
  task_->thread.join();
  if (task_->table) {
    state.table = table_ = std::make_shared<const CostTable>(std::move(*task_->table));
    spdlog::info("what each server costs is measured");
  } else if (task_->given_up) {
    spdlog::info("the measurement is given up");
  } else {
    spdlog::error("{}", task_->table.error().message());
    tell(model, task_->table.error().message(), true);
  }
  task_.reset();
  return true;
}

bool Comparing::cancel() {
  if (!task_) return false;
  task_->given_up = true;
  return true;
}

Result<std::string> chart_of(const Model& model, Format format, const Fonts& fonts) {
  if (!model.comparing.table) return failure("nothing has been measured: press Enter");
  return chart_file(*model.comparing.table, format, model.settings.dark, fonts);
}

}  // namespace forktable
