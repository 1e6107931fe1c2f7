#include "ui/export/film.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <utility>

#include "core/system/file.hpp"
#include "core/system/programs.hpp"
#include "core/system/spawn.hpp"
#include "ui/export/job.hpp"

namespace forktable {
namespace {

namespace fs = std::filesystem;

constexpr auto kLook = std::chrono::milliseconds(50);

}  // namespace

Film::Film(std::string output) : output_(std::move(output)) {}

Film::Film(Film&& other) noexcept
    : ffmpeg_(std::move(other.ffmpeg_)),
      output_(std::move(other.output_)),
      folder_(std::exchange(other.folder_, {})),
      list_(std::move(other.list_)),
      count_(other.count_) {}

Film::~Film() {
  std::error_code ignored;  // it is a temporary folder
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

Result<Film> Film::begin(const std::string& output) {
  std::error_code ignored;
  if (const auto there = fs::status(output, ignored).type();
      there != fs::file_type::regular && there != fs::file_type::not_found && there != fs::file_type::none)
    return failure("can't make " + output + ": a film needs a regular file");
  Film film(output);
  const auto ffmpeg = find_program("ffmpeg");
  if (!ffmpeg) return failure("can't make " + output + ": ffmpeg isn't installed (apt install ffmpeg)");
  film.ffmpeg_ = *ffmpeg;
  // Beside what it becomes: its disk is the one that may be full.
  film.folder_ = output + ".XXXXXX";
  if (mkdtemp(film.folder_.data()) == nullptr) {
    film.folder_.clear();
    return system_error("can't make " + output);
  }
  return film;
}

Result<void> Film::add(const std::string& png, double seconds) {
  const std::string name = fmt::format("{}.png", count_++);
  list_ += fmt::format("file '{}'\nduration {:.2f}\n", name, seconds);
  return write_file(folder_ + "/" + name, png, "can't write");
}

Result<void> Film::finish(const std::string& file, const std::function<bool()>& go_on) {
  const std::string job = "can't make " + output_;
  // The last picture is named once more: its duration counts only when something follows.
  list_ += fmt::format("file '{}.png'\n", count_ - 1);
  const bool gif = format_of(output_) == Format::kGif;
  if (auto written = write_file(folder_ + "/list", list_, "can't write"); !written) return written;
  Program ffmpeg{
      ffmpeg_, {"-nostdin", "-loglevel", "error", "-f", "concat", "-i", "file:" + folder_ + "/list"}, {}, {}};
  auto& words = ffmpeg.arguments;
  if (gif)
    words.insert(words.end(),
                 {"-filter_complex",
                  "split[a][b];[a]palettegen=stats_mode=full[p];[b][p]paletteuse=dither=none:diff_mode=rectangle",
                  "-vsync", "vfr", "-loop", "0"});
  else
    words.insert(words.end(), {"-vf", "fps=5,format=yuv420p", "-c:v", "libx264", "-preset", "veryfast", "-tune",
                               "stillimage", "-movflags", "+faststart"});
  words.insert(words.end(), {"-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1", "-f",
                             gif ? "gif" : "mp4", "-y", "file:" + file});
  const auto pid = spawn(ffmpeg);
  if (!pid) return tl::make_unexpected(pid.error());
  int status = 0;
  while (waitpid(*pid, &status, WNOHANG) == 0) {
    if (!go_on()) {
      kill(*pid, SIGKILL);
      waitpid(*pid, &status, 0);
      return failure(job + ": given up");
    }
    std::this_thread::sleep_for(kLook);
  }
  if (status != 0) return failure(job + ": ffmpeg failed, and said why above");
  return {};
}

}  // namespace forktable
