#include "ui/window/settings_file.hpp"

#include <spdlog/spdlog.h>

#include "core/system/folders.hpp"

namespace forktable {
namespace {

constexpr double kPause = 1;  // seconds between two times that they are written

}  // namespace

Settings SettingsFile::load() {
  const auto folder = settings_folder();
  if (!folder) {
    spdlog::warn("settings are not kept: there is no home folder");
    return kept_;
  }
  path_ = *folder + "/settings.json";
  if (auto settings = load_settings(path_))
    kept_ = *settings;
  else
    spdlog::warn("{}", settings.error().message());
  return kept_;
}

void SettingsFile::save(const Settings& settings) {
  if (path_.empty() || settings == kept_) return;
  if (auto saved = save_settings(settings, path_); !saved) spdlog::warn("{}", saved.error().message());
  kept_ = settings;
}

double SettingsFile::save_in_time(const Settings& settings, double clock) {
  if (path_.empty() || settings == kept_) return 0;
  if (clock <= next_save_) return kPause;
  save(settings);
  next_save_ = clock + kPause;
  return 0;
}

}  // namespace forktable
