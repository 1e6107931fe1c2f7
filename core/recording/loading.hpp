// Reads a recording on threads of its own, so that the window stays as it is meanwhile.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "core/recording/recording.hpp"
#include "core/world/history.hpp"
#include "core/world/timeline.hpp"

namespace forktable {

class Loading {
 public:
  // `on_news` is called, on another thread, when there is progress to be shown, and at the end.
  Loading(std::string path, std::function<void()> on_news);
  // Gives up what isn't done.
  ~Loading();
  Loading(const Loading&) = delete;
  Loading& operator=(const Loading&) = delete;

  const std::string& path() const { return path_; }
  double part() const { return part_; }  // that has been read, 0 to 1
  std::uint64_t events() const { return events_; }
  bool done() const { return done_; }

  struct Loaded {
    Recording recording;  // without its events: they are in the history
    History history;
    Timeline timeline;
    History beside;  // of the server beside that of a lesson
  };
  // Once it is done, and only once.
  Result<Loaded> take();

 private:
  void run();
  void follow_beside(const Recording& recording, History& history) const;

  const std::string path_;
  const std::function<void()> on_news_;
  std::atomic<double> part_ = 0;
  std::atomic<std::uint64_t> events_ = 0;
  std::atomic<bool> given_up_ = false, done_ = false;
  Result<Loaded> loaded_;  // the thread's, until done_
  std::thread thread_;     // last, so that it ends before what it uses
};

}  // namespace forktable
