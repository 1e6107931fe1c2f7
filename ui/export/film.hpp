// An animated GIF or an MP4 of pages, made by ffmpeg where that is installed.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "core/system/result.hpp"

namespace forktable {

class Film {
 public:
  // `output` ends in .gif or .mp4: what the film is to be, and beside it there is room for its pictures. Fails when
  // ffmpeg isn't installed.
  static Result<Film> begin(const std::string& output);
  ~Film();
  Film(Film&&) noexcept;

  // A picture as PNG, all of one size, and how many seconds it is to be seen.
  Result<void> add(const std::string& png, double seconds);
  // Has ffmpeg make the film, in a file that is there. `go_on` is called now and then; false ends ffmpeg, and that is
  // an error.
  Result<void> finish(const std::string& file, const std::function<bool()>& go_on);

 private:
  explicit Film(std::string output);

  std::string ffmpeg_, output_;
  std::string folder_;  // of the pictures; empty: none
  std::string list_;    // of them, for ffmpeg
  int count_ = 0;
};

}  // namespace forktable
