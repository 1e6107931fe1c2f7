// What the user chose, kept from one run to the next.
#pragma once

#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "core/event/event.hpp"
#include "core/system/result.hpp"
#include "ui/window/export_choice.hpp"

namespace forktable {

struct Settings {
  bool dark = false;
  float scale = 1;                 // of everything, beyond what the display asks for: 0.6 to 3
  int width = 1600, height = 900;  // of the window, in screen coordinates
  bool maximized = false;
  Behaviour behaviour = Behaviour::kTalk;  // of the next client
  bool reduced_motion = false;
  bool show_plumbing = false;
  bool log_open = false;
  bool listing_open = true;  // the column with the listing, where there is room for one
  bool story_open = false;   // in it, what happened instead of the listing
  int speed = 0;             // of Run: 0 is as fast as it goes, else an index into kSpeeds
  ExportChoice exported{};   // the latest, or what it would be
  friend bool operator==(const Settings&, const Settings&) = default;
};

// Steps a second, when Run takes them one by one.
inline constexpr float kSpeeds[] = {0, 0.5f, 1, 2, 5, 15};
inline constexpr int kFastest = static_cast<int>(std::size(kSpeeds)) - 1;

inline constexpr float kSmallestScale = 0.6f, kLargestScale = 3.0f;

struct LoadedSettings {
  Settings settings;
  std::vector<std::string> senseless;  // keys whose values make no sense, and are as they are by default
};

// From `path`; by default, where nothing is there. A file that is no settings at all, or can't be read, is an error,
// and the caller goes on with the default.
Result<LoadedSettings> load_settings(const std::string& path);
Result<void> save_settings(const Settings& settings, const std::string& path);

}  // namespace forktable
