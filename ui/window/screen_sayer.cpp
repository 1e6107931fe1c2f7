#include "ui/window/screen_sayer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <utility>

#include "core/system/file.hpp"
#include "ui/window/screen_text.hpp"

namespace forktable {

std::optional<ScreenSayer> ScreenSayer::if_asked() {
  const char* path = std::getenv("FORKTABLE_SAY_SCREEN");
  if (path == nullptr || *path == '\0') return std::nullopt;
  return ScreenSayer(path);
}

void ScreenSayer::say(const ImDrawData& drawn, const GlyphCache& glyphs, ImTextureID texture, std::uint64_t answered) {
  if (path_.empty()) return;
  std::string text = fmt::format("frame {} answered {}\n", ++frame_, answered);
  for (const auto& [word, rect, line] : read_screen(drawn, glyphs, texture))
    fmt::format_to(std::back_inserter(text), "{} {:.0f} {:.0f} {:.0f} {:.0f} {}\n", line, rect.x, rect.y, rect.width,
                   rect.height, word);
  // Not to the disk: nobody wants it after the next frame.
  const std::string next = path_ + ".next";
  const UniqueFd file(open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (file && write_all(file.get(), text) && std::rename(next.c_str(), path_.c_str()) == 0) return;
  spdlog::warn("{}", Error{"can't say the screen in " + path_, errno}.message());
  path_.clear();
}

}  // namespace forktable
