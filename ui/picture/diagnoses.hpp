// What is wrong, said in the picture: a card for each of the first diagnoses, a line for each of a few more.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "core/world/diagnose.hpp"
#include "ui/picture/canvas.hpp"
#include "ui/picture/picture.hpp"

namespace forktable {

inline constexpr std::size_t kMostFullDiagnoses = 2;

class DiagnosisCards {
 public:
  DiagnosisCards(Canvas& canvas, const PictureRequest& request);

  bool empty() const { return all_.empty(); }
  // Of all of them, one beneath the other, `full` of them in full; `beside`: two in full stand side by side.
  float height(float width, std::size_t full, bool beside = false) const;
  void draw(Point at, float width, std::size_t full, bool beside = false);

 private:
  struct Words {
    std::vector<std::string> title;
    float indent = 0;                // of the first line, after the title; all the width: below it
    std::vector<std::string> lines;  // of the text
    std::vector<std::string> fix;
    bool fix_below = false;    // and not beside its word
    bool since_below = false;  // there is no room for it beside the fix
    float height = 0;
  };
  Words words_of(const Diagnosis& diagnosis, float width) const;
  std::size_t lines_beyond(std::size_t full) const;
  void draw_full(const Diagnosis& diagnosis, Point at, float width);
  void draw_names(std::size_t from, Point at, float width);
  void draw_line(const Diagnosis& diagnosis, Point at, float width);
  void begin(const Diagnosis& diagnosis, Rect rect);
  std::string since_words(const Diagnosis& diagnosis) const;
  // "since step 19", to click on where there are links; its right end is at `at`.
  void since(const Diagnosis& diagnosis, Point at, float size);
  float since_width(const Diagnosis& diagnosis, float size) const;

  Canvas canvas_;  // with type of its own size
  std::vector<Diagnosis> all_;
  std::function<std::size_t(std::uint64_t event)> lesson_step_;
  bool links_;
  bool brief_;  // those that aren't shown in full are named in one line
  const float type_, leading_, line_height_;
};

// Those whose last reference will never be closed, says a diagnosis: by id.
std::vector<FileId> leaked_files(const World& world, std::span<const Diagnosis> diagnoses);

}  // namespace forktable
