#include "ui/window/settings.hpp"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/system/file.hpp"

namespace forktable {
namespace {

using Json = nlohmann::json;
constexpr std::size_t kLargestFile = 64 * 1024;  // bytes

void take(const Json& from, const char* key, bool& to) {
  if (const auto at = from.find(key); at != from.end() && at->is_boolean()) to = at->get<bool>();
}
template <class Number>
void take(const Json& from, const char* key, Number& to, Number smallest, Number largest) {
  const auto at = from.find(key);
  if (at == from.end() || !at->is_number()) return;
  const double value = at->get<double>();
  if (value >= static_cast<double>(smallest) && value <= static_cast<double>(largest)) to = static_cast<Number>(value);
}

}  // namespace

Result<Settings> load_settings(const std::string& path) {
  Settings settings;
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return settings;
  const auto text = read_file(path, kLargestFile);
  if (!text) return tl::make_unexpected(text.error());
  const Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object()) return failure("can't read settings " + path + ": not a JSON object");
  take(json, "dark", settings.dark);
  take(json, "scale", settings.scale, kSmallestScale, kLargestScale);
  take(json, "width", settings.width, 320, 20000);
  take(json, "height", settings.height, 240, 20000);
  take(json, "maximized", settings.maximized);
  take(json, "reduced_motion", settings.reduced_motion);
  take(json, "show_plumbing", settings.show_plumbing);
  take(json, "log_open", settings.log_open);
  take(json, "listing_open", settings.listing_open);
  take(json, "story_open", settings.story_open);
  take(json, "speed", settings.speed, 0, kFastest);
  if (const auto at = json.find("behaviour"); at != json.end() && at->is_string()) {
    const auto name = std::find(std::begin(kBehaviourNames), std::end(kBehaviourNames), at->get<std::string>());
    if (name != std::end(kBehaviourNames))
      settings.behaviour = static_cast<Behaviour>(name - std::begin(kBehaviourNames));
  }
  return settings;
}

Result<void> save_settings(const Settings& settings, const std::string& path) {
  if (auto made = make_folder(std::filesystem::path(path).parent_path().string()); !made) return made;
  const nlohmann::ordered_json json{{"dark", settings.dark},
                                    {"scale", settings.scale},
                                    {"width", settings.width},
                                    {"height", settings.height},
                                    {"maximized", settings.maximized},
                                    {"behaviour", name_of(settings.behaviour)},
                                    {"reduced_motion", settings.reduced_motion},
                                    {"show_plumbing", settings.show_plumbing},
                                    {"log_open", settings.log_open},
                                    {"listing_open", settings.listing_open},
                                    {"story_open", settings.story_open},
                                    {"speed", settings.speed}};
  return write_file(path, json.dump(2) + "\n", "can't save settings");
}

}  // namespace forktable
