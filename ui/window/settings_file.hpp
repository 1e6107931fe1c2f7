// The settings on disk: read once, written soon after they have changed. What fails is a warning in the log, and no
// more.
#pragma once

#include "ui/window/settings.hpp"

namespace forktable {

class SettingsFile {
 public:
  // As they were kept; by default, if there are none.
  Settings load();
  // Writes them if they differ from what is kept.
  void save(const Settings& settings);
  // The same, at most once a second. Returns in how many seconds to call again; 0: there is nothing to be kept.
  double save_in_time(const Settings& settings, double clock);

 private:
  std::string path_;
  Settings kept_;
  double next_save_ = 0;  // not before, in seconds
};

}  // namespace forktable
