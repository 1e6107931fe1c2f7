#include "ui/window/settings.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/system/file.hpp"

namespace forktable {
namespace {

using Json = nlohmann::json;
constexpr std::size_t kLargestFile = 64 * 1024;  // bytes

// Takes one value after the other, and notes those that make no sense.
class Taker {
 public:
  explicit Taker(const Json& from) : from_(from) {}

  void take(const char* key, bool& to) {
    look_at(key, [&](const Json& value) {
      if (value.is_boolean()) to = value.get<bool>();
      return value.is_boolean();
    });
  }
  template <class Number>
  void take(const char* key, Number& to, Number smallest, Number largest) {
    look_at(key, [&](const Json& json) {
      if (!json.is_number()) return false;
      const double value = json.get<double>();
      if (!(value >= static_cast<double>(smallest) && value <= static_cast<double>(largest))) return false;
      to = static_cast<Number>(value);
      return true;
    });
  }
  void take(const char* key, Behaviour& to) {
    look_at(key, [&](const Json& value) {
      if (!value.is_string()) return false;
      const auto name = std::find(std::begin(kBehaviourNames), std::end(kBehaviourNames), value.get<std::string>());
      if (name == std::end(kBehaviourNames)) return false;
      to = static_cast<Behaviour>(name - std::begin(kBehaviourNames));
      return true;
    });
  }

  std::vector<std::string> senseless;

 private:
  void look_at(const char* key, const auto& read) {
    if (const auto at = from_.find(key); at != from_.end() && !read(*at)) senseless.emplace_back(key);
  }

  const Json& from_;
};

}  // namespace

Result<LoadedSettings> load_settings(const std::string& path) {
  // ENOENT: the first run. Nothing else is a reason to take it for one.
  struct stat status;
  if (lstat(path.c_str(), &status) != 0 && errno == ENOENT) return LoadedSettings{};
  const auto text = read_file(path, kLargestFile);
  if (!text) return tl::make_unexpected(text.error());
  const Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object()) return failure("can't read settings " + path + ": not a JSON object");
  LoadedSettings loaded;
  Settings& settings = loaded.settings;
  Taker taker(json);
  taker.take("dark", settings.dark);
  taker.take("scale", settings.scale, kSmallestScale, kLargestScale);
  taker.take("width", settings.width, 320, 20000);
  taker.take("height", settings.height, 240, 20000);
  taker.take("maximized", settings.maximized);
  taker.take("behaviour", settings.behaviour);
  taker.take("reduced_motion", settings.reduced_motion);
  taker.take("show_plumbing", settings.show_plumbing);
  taker.take("log_open", settings.log_open);
  taker.take("listing_open", settings.listing_open);
  taker.take("story_open", settings.story_open);
  taker.take("speed", settings.speed, 0, kFastest);
  loaded.senseless = std::move(taker.senseless);
  return loaded;
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
