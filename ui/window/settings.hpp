// What the user chose, kept from one run to the next.
#pragma once

#include <optional>
#include <string>

#include "core/event/event.hpp"
#include "core/system/result.hpp"

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
  friend bool operator==(const Settings&, const Settings&) = default;
};

inline constexpr float kSmallestScale = 0.6f, kLargestScale = 3.0f;

// From `path`. What is missing or makes no sense is as it is by default; a file that is no settings at all is
// an error, and the caller goes on with the default.
Result<Settings> load_settings(const std::string& path);
Result<void> save_settings(const Settings& settings, const std::string& path);

}  // namespace forktable
