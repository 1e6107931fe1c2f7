// A recording: a run as a file of JSON Lines. The first line says what it is, then comes its script, then the events,
// each a line. core/event/FORMAT.md describes it. Lines are written whole and in order, so that a program killed half
// way leaves a file that is good up to its last whole line.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/event/event.hpp"
#include "core/recording/cost_lines.hpp"
#include "core/recording/head.hpp"
#include "core/recording/script.hpp"
#include "core/system/new_file.hpp"
#include "core/system/result.hpp"
#include "core/world/world.hpp"

namespace forktable {

inline constexpr std::size_t kMostEvents = 1 << 22;  // that are read: some 300 MB of memory

struct Recording {
  RecordingHeader header;
  Script script;
  std::vector<Event> events;
  std::vector<Event> beside;   // of the server beside that of a lesson; their times count from where the others' do
  std::size_t first_line = 0;  // of the events: each has a line of its own, one after the other
  bool cut_short = false;      // the last line had no end and was left out
};

// One line, with its newline.
std::string line_of(const Event& event);
// Those of the server beside that of a lesson, to stand behind all others. Nothing has happened: no line.
std::string lines_beside(const std::vector<Event>& events);

class RecordingWriter {
 public:
  // A file that is there already stays until finish(); with kFail it is an error. See NewFile.
  static Result<RecordingWriter> create(const std::string& path, const RecordingHead& head,
                                        IfThere if_there = IfThere::kFail);

  // Keeps the event for the next flush().
  void append(const Event& event) { pending_ += line_of(event); }
  // What happened at the server beside that of the lesson, behind the last event.
  void append(const std::vector<Event>& beside) { pending_ += lines_beside(beside); }
  // What each server costs, before the first event.
  void append(const CostTable& costs) { pending_ += lines_of(costs); }
  Result<void> flush();
  // Flushes, has the kernel put it on the disk, and into its place. The writer is of no use after that.
  Result<void> finish();
  // The same for a run that came to no good end: it takes nobody's place, and stays where() it is.
  Result<void> leave();

  const std::string& where() const { return file_->where(); }
  // In words, for a run that ends too soon: the file that holds it, and that the one it was to replace is as it was.
  std::string so_far() const;

 private:
  explicit RecordingWriter(std::unique_ptr<NewFile> file) : file_(std::move(file)) {}

  std::unique_ptr<NewFile> file_;  // without finish() or leave(), it goes
  std::string pending_;
};

// Reads a file from a stranger: it is never trusted, and what is wrong with it is told with its line. So is what takes
// too long to be followed.
Result<Recording> read_recording(const std::string& path);
// A step for who looks into the file: "step 12 (line 340 of the recording)"; `first_line` as in Recording, 0 if
// it comes from none.
std::string place_in_recording(std::uint64_t step, std::size_t first_line);
// The line of the event at a place among those of the server beside the first.
std::size_t line_beside(const Recording& recording, std::size_t place);
// The error that the events up to `line`, which led to `world`, are too much: takes_too_long().
Error too_much(const std::string& path, std::size_t line, const World& world);
// The same as the first, but that nobody follows it. Calls `progress` now and then with the part that has been read, 0
// to 1, and the recording so far, whose events it may take away. When it returns false, the rest isn't read, and that
// is an error.
using ReadingProgress = std::function<bool(double part, Recording& so_far)>;
Result<Recording> read_recording(const std::string& path, const ReadingProgress& progress);
// The first line alone, of a regular file: it never waits for anybody.
Result<RecordingHeader> read_recording_header(const std::string& path);
// The same from memory; `name` stands for the file in messages.
Result<Recording> parse_recording(std::string_view text, const std::string& name);

}  // namespace forktable
