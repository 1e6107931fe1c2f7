#include "ui/window/clipboard.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "core/system/file.hpp"
#include "core/system/programs.hpp"
#include "core/system/spawn.hpp"
#include "core/system/unique_fd.hpp"

namespace forktable {
namespace {

constexpr const char* kJob = "can't copy the picture";

// Those that are still holding the clipboard, or have just given it up.
void reap(std::vector<Pid>& holders) {
  std::erase_if(holders, [](Pid pid) { return waitpid(pid, nullptr, WNOHANG) != 0; });
}

}  // namespace

Result<void> copy_picture(const std::string& png) {
  static std::vector<Pid> holders;
  reap(holders);
  const bool wayland = std::getenv("WAYLAND_DISPLAY") != nullptr;
  const auto program = find_program(wayland ? "wl-copy" : "xclip");
  if (!program)
    return failure(std::string(kJob) + ": that needs " +
                   (wayland ? "wl-copy (apt install wl-clipboard)" : "xclip (apt install xclip)"));
  UniqueFd picture(memfd_create("picture", MFD_CLOEXEC));
  if (!picture || !write_all(picture.get(), png) || lseek(picture.get(), 0, SEEK_SET) != 0) return system_error(kJob);
  // In the foreground: it would else become an orphan, and Forktable adopts those.
  const std::vector<std::string> arguments =
      wayland ? std::vector<std::string>{"--foreground", "--type", "image/png"}
              : std::vector<std::string>{"-quiet", "-selection", "clipboard", "-target", "image/png", "-in"};
  const auto holder = spawn({*program, arguments, {}, {{picture.get(), STDIN_FILENO}}, true});
  if (!holder) return tl::make_unexpected(holder.error());
  holders.push_back(*holder);
  return {};
}

}  // namespace forktable
