// The settings on disk: read once, written soon after they have changed. What fails is a warning in the log, said once,
// and no more. What couldn't be read is set aside before it would be written over: settings.json.unread.
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
  void warn(const std::string& message);
  bool set_aside();

  std::string path_;
  std::string warned_;   // what was said last
  bool unread_ = false;  // what is there couldn't be read, and may be somebody's work
  Settings kept_;
  double next_save_ = 0;  // not before, in seconds
};

}  // namespace forktable
