// A run, or a part of it, becomes files: pictures, a deck, a handout, a film, a trace.
#pragma once

#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/enumerators.hpp"
#include "core/recording/recording.hpp"
#include "core/system/new_file.hpp"
#include "core/system/result.hpp"
#include "ui/export/deck.hpp"

namespace forktable {

enum class Format : std::uint8_t { kPng, kSvg, kPdf, kHtml, kTrace, kGif, kMp4 };
inline constexpr std::string_view kFormatEndings[] = {".png", ".svg", ".pdf", ".html", ".json", ".gif", ".mp4"};
static_assert(std::size(kFormatEndings) == count_of<Format>());
constexpr std::string_view ending_of(Format format) { return kFormatEndings[static_cast<int>(format)]; }
// By the end of the name, in capitals or not.
std::optional<Format> format_of(std::string_view path);

struct ExportJob {
  const std::vector<Event>& events;
  const RecordingHeader& header;
  const Script& script;
  std::string name = {};    // of the run, where no lesson has a title
  std::string output = {};  // its ending is that of the format
  Format format = Format::kPng;
  std::optional<std::uint64_t> step = {};  // a page of this step only; none: of all of these:
  std::uint64_t first = 1, last = 0;       // `last` is at most the number of events
  DeckRequest::Pages pages = DeckRequest::kChanging;
  bool dark = false;
  float scale = 2;                             // pixels of a PNG for one unit of a slide of 1920 by 1080
  bool transparent = false;                    // nothing behind the picture: PNG, SVG, PDF
  bool outlines = false;                       // SVG: letters as shapes
  const std::vector<Event>* beside = nullptr;  // of the server beside that of the lesson; null: none
  bool show_plumbing = false;
  std::string input = {};      // the file that the run was read from, which is never written to; empty: none
  std::size_t first_line = 0;  // of the events in it; 0: none
  IfThere if_there = IfThere::kFail;
};

// Whether all pages go into one file. Else each page has its own, numbered from 1: "run-001.png".
bool is_one_file(Format format);

// The names of the files that were written. The folder of numbered files is made where it is missing. All files take
// their places together, when the last one is whole; whatever fails before leaves everything as it was. `progress` is
// called on the way with the part that is done, 0 to 1; when it returns false, that is an error. Needs no other
// thread's fonts.
Result<std::vector<std::string>> carry_out(const ExportJob& job, const std::function<bool(double)>& progress);

}  // namespace forktable
