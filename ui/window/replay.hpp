// A recording on the window: read, shown in place of the live run, and left for it again. The live run goes on
// meanwhile; it only isn't seen.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/recording/loading.hpp"
#include "ui/window/stepper.hpp"

namespace forktable {

class Replay {
 public:
  // The live run's model must outlive it. `wake` is called on other threads when work() has something to do.
  Replay(Model& live, std::function<void()> wake) : live_(live), wake_(std::move(wake)) {}

  // There is no live run: the window shows this recording, or why it can't.
  void begin_with(const std::string& path);
  // Begins to read the recording, to be shown when it is there. A file that is none is told, and changes nothing.
  void open(const std::string& path);
  // Takes what has been read since. True: another run is shown now.
  bool work();
  // Nothing is read any more; false if nothing was.
  bool cancel();
  // Back to the live run; false if there is none, or if it is what is shown.
  bool leave();

  // What is shown: the recording's model or the live one.
  Model& model() { return stage_ ? stage_->model : live_; }
  // The recording's; null while the live run is shown.
  Stepper* stepper() { return stage_ ? &stage_->stepper : nullptr; }
  const Stepper* stepper() const { return stage_ ? &stage_->stepper : nullptr; }

 private:
  struct Stage {
    Model model;
    Stepper stepper{model, nullptr};
  };
  void show(Loading::Loaded loaded, const std::string& path);
  void refuse(const std::string& why);

  Model& live_;
  const std::function<void()> wake_;
  bool has_live_run_ = true;
  std::unique_ptr<Stage> stage_;
  std::unique_ptr<Loading> loading_;
};

// What can't be done in a recording: it does something to a server or its clients, or to a lesson that is given.
bool needs_server(const Action& action);

// "lecture.forktable".
std::string file_name_of(const std::string& path);

}  // namespace forktable
