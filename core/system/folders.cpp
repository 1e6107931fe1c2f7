#include "core/system/folders.hpp"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "core/system/file.hpp"
#include "core/system/user_dirs.hpp"

namespace forktable {
namespace {

constexpr std::size_t kLargestUserDirs = 1 << 16;

std::optional<std::string> absolute_from_environment(const char* variable) {
  const char* path = std::getenv(variable);
  if (path == nullptr || path[0] != '/') return std::nullopt;
  return path;
}

std::optional<std::string> home() {
  if (auto path = absolute_from_environment("HOME")) return path;
  const passwd* user = getpwuid(getuid());
  if (user == nullptr || user->pw_dir == nullptr || user->pw_dir[0] != '/') return std::nullopt;
  return user->pw_dir;
}

std::optional<std::string> folder(const char* variable, const char* in_home, const char* name) {
  if (const auto path = absolute_from_environment(variable)) return *path + "/" + name;
  if (const auto path = home()) return *path + "/" + in_home + "/" + name;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> installation_folder() {
  std::error_code error;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error || !self.is_absolute()) return std::nullopt;
  return self.parent_path().parent_path().string();
}

std::optional<std::string> settings_folder() { return folder("XDG_CONFIG_HOME", ".config", "forktable"); }
std::optional<std::string> state_folder() { return folder("XDG_STATE_HOME", ".local/state", "forktable"); }

std::string pictures_folder() {
  if (const auto path = absolute_from_environment("XDG_PICTURES_DIR")) return *path + "/Forktable";
  const auto at_home = home();
  if (!at_home) return "/tmp/forktable-" + std::to_string(getuid());
  const std::string settings = absolute_from_environment("XDG_CONFIG_HOME").value_or(*at_home + "/.config");
  const auto user_dirs = read_file(settings + "/user-dirs.dirs", kLargestUserDirs);
  const auto path = user_dirs ? user_dir(*user_dirs, "XDG_PICTURES_DIR", *at_home) : std::nullopt;
  return path.value_or(*at_home + "/Pictures") + "/Forktable";
}

}  // namespace forktable
