#include "ui/window/settings_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>
#include <stdio.h>

#include <cerrno>

#include "core/system/folders.hpp"
#include "core/world/describe.hpp"

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
  const auto loaded = load_settings(path_);
  unread_ = !loaded.has_value();
  if (unread_) {
    warn(loaded.error().message() + "; everything is as it is by default");
    return kept_;
  }
  if (!loaded->senseless.empty())
    warn(fmt::format("settings {}: no sense in the value of {}; as it is by default", path_,
                     fmt::join(loaded->senseless, ", ")));
  kept_ = loaded->settings;
  return kept_;
}

void SettingsFile::warn(const std::string& message) {
  if (message != warned_) spdlog::warn("{}", printable(message));
  warned_ = message;
}

// A name that is free, as an earlier one may be what is still wanted.
bool SettingsFile::set_aside() {
  for (int i = 1; i <= 100; ++i) {
    const std::string name = path_ + ".unread" + (i == 1 ? "" : fmt::format("-{}", i));
    if (renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) == 0) {
      spdlog::warn("what couldn't be read is now {}", printable(name));
      return true;
    }
    if (errno == ENOENT) return true;  // it has gone
    if (errno != EEXIST) break;
  }
  warn(Error{"can't set aside " + path_, errno}.message());
  return false;
}

void SettingsFile::save(const Settings& settings) {
  if (path_.empty() || settings == kept_) return;
  kept_ = settings;
  if (unread_ && !set_aside()) return;
  unread_ = false;
  if (auto saved = save_settings(settings, path_); !saved) warn(saved.error().message());
}

double SettingsFile::save_in_time(const Settings& settings, double clock) {
  if (path_.empty() || settings == kept_) return 0;
  if (clock <= next_save_) return kPause;
  save(settings);
  next_save_ = clock + kPause;
  return 0;
}

}  // namespace forktable
