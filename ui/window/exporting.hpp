// Exports on a thread of its own, with what the panel has chosen, so that the window stays as it is meanwhile.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ui/window/action.hpp"
#include "ui/window/model.hpp"

namespace forktable {

class Exporting {
 public:
  // `wake` is called on another thread when work() has something to do.
  explicit Exporting(std::function<void()> wake);
  // Gives up what isn't done.
  ~Exporting();
  Exporting(const Exporting&) = delete;
  Exporting& operator=(const Exporting&) = delete;

  // With the choice in the model's settings, of the run that it shows. One at a time: another one is refused.
  void begin(Model& model);
  // Tells in the model how far it is, and what came of it. True while one is under way.
  bool work(Model& model);
  // False if none was under way.
  bool cancel();

 private:
  struct Task;

  const std::function<void()> wake_;
  std::unique_ptr<Task> task_;
};

// The folder that is written to.
std::string export_folder(const ExportChoice& choice);

}  // namespace forktable
