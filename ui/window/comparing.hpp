// Measures what each server costs, on a thread of its own, and keeps the result.
#pragma once

#include <functional>
#include <memory>

#include "core/compare/measure.hpp"
#include "ui/picture/fonts.hpp"
#include "ui/window/action.hpp"
#include "ui/window/model.hpp"

namespace forktable {

class Comparing {
 public:
  // `wake` is called on another thread when work() has something to do.
  explicit Comparing(std::function<void()> wake);
  // Gives up what isn't done; no server is left.
  ~Comparing();
  Comparing(const Comparing&) = delete;
  Comparing& operator=(const Comparing&) = delete;

  // One at a time: another one is refused.
  void begin(Model& model, CostRequest request = {});
  // Tells in the model how far it is, and what came of it. True while one is under way.
  bool work(Model& model);
  // False if none was under way.
  bool cancel();

 private:
  struct Task;

  const std::function<void()> wake_;
  std::unique_ptr<Task> task_;
  std::shared_ptr<const CostTable> table_;
};

// The chart in the colours of the window, as a file; an error if nothing has been measured.
Result<std::string> chart_of(const Model& model, Format format, const Fonts& fonts);

}  // namespace forktable
