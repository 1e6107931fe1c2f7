#include "core/system/folders.hpp"

#include <pwd.h>
#include <unistd.h>
#include <filesystem>

#include <cstdlib>

namespace forktable {
namespace {

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
  return folder("XDG_PICTURES_DIR", "Pictures", "Forktable").value_or("/tmp/forktable-" + std::to_string(getuid()));
}

}  // namespace forktable
