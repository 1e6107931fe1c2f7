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
  template <class Enum, std::size_t N>
  void take(const char* key, Enum& to, const std::string_view (&names)[N]) {
    look_at(key, [&](const Json& value) {
      if (!value.is_string()) return false;
      const auto name = std::find(std::begin(names), std::end(names), value.get<std::string>());
      if (name == std::end(names)) return false;
      to = static_cast<Enum>(name - std::begin(names));
      return true;
    });
  }
  void take(const char* key, std::string& to, std::size_t longest) {
    look_at(key, [&](const Json& value) {
      const bool good = value.is_string() && value.get_ref<const std::string&>().size() <= longest;
      if (good) to = value.get<std::string>();
      return good;
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
  taker.take("behaviour", settings.behaviour, kBehaviourNames);
  taker.take("reduced_motion", settings.reduced_motion);
  taker.take("show_plumbing", settings.show_plumbing);
  taker.take("log_open", settings.log_open);
  taker.take("listing_open", settings.listing_open);
  taker.take("story_open", settings.story_open);
  taker.take("speed", settings.speed, 0, kFastest);
  ExportChoice& exported = settings.exported;
  taker.take("export_format", exported.format, kFormatEndings);
  taker.take("export_steps", exported.steps, kExportedStepsNames);
  taker.take("export_dark", exported.dark);
  taker.take("export_transparent", exported.transparent);
  taker.take("export_outlines", exported.outlines);
  taker.take("export_folder", exported.folder, kLongestFolder);
  loaded.senseless = std::move(taker.senseless);
  return loaded;
}

Result<void> save_settings(const Settings& settings, const std::string& path) {
  if (auto made = make_folder(std::filesystem::path(path).parent_path().string()); !made) return made;
  const ExportChoice& exported = settings.exported;
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
                                    {"speed", settings.speed},
                                    {"export_format", ending_of(exported.format)},
                                    {"export_steps", kExportedStepsNames[exported.steps]},
                                    {"export_dark", exported.dark},
                                    {"export_transparent", exported.transparent},
                                    {"export_outlines", exported.outlines},
                                    {"export_folder", exported.folder}};
  return write_file(path, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n", "can't save settings");
}

}  // namespace forktable
