// What the program can be asked to do, one function each. They return the exit status: 0 done, 1 the job
// failed and standard error says what and why, 2 wrong arguments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/compare/measure.hpp"
#include "core/event/event.hpp"
#include "core/program/server_setup.hpp"
#include "core/recording/recording.hpp"
#include "core/system/new_file.hpp"
#include "core/system/result.hpp"

namespace forktable {

inline constexpr int kSuccess = 0, kFailure = 1, kWrongArguments = 2;

struct LiveOptions {
  std::optional<Port> port;  // none: 8080, or any free one if that is taken
  bool verbose = false;
  ServerKind server = ServerKind::kProcess;
  std::optional<ServerKind> beside;  // another one, in the same window
  std::string lesson;                // to begin with: a name as find_lesson() takes it; empty: none
  std::vector<std::string> lessons;  // a lecture: these, one after the other; none: all
  Bugs bugs;                         // switched on from the beginning
};
int open_window(const LiveOptions& options, int server_descriptor_limit);

struct ReplayOptions {
  std::string recording;
  bool verbose = false;
};
int replay(const ReplayOptions& options);

struct RecordOptions {
  ServerKind server = ServerKind::kProcess;
  int clients = 3;
  std::optional<Port> port;  // none: 8080, or any free one if that is taken
  std::string output;
  bool force = false;  // replaces a file that is there
  std::string lesson;  // played instead of serving clients: a name as find_lesson() takes it; empty: none
  Bugs bugs;           // switched on from the beginning, beside the lesson's
};
int record(const RecordOptions& options, int server_descriptor_limit);
int record_lesson(const RecordOptions& options, const ServerSetup& setup);

// The lessons that are installed; as JSON, for programs.
int list_lessons(bool json);

struct InspectOptions {
  std::string recording;
  std::string step = "last";  // a number, "last" or "telling"
  bool json = false;
};
int inspect(const InspectOptions& options);

struct ExportOptions {
  std::string recording;
  std::string step;         // a number, "last" or "telling"; empty: the last, or all where that is wanted
  bool all = false;         // a page for each step that changes the picture
  std::string steps;        // "A-B": of these; empty: of all
  bool stops = false;       // only where the lesson stops
  bool every_step = false;  // those too that don't change the picture
  std::string theme = "light";
  float scale = 2;  // pixels for one unit of a slide of 1920 by 1080
  bool transparent = false;
  bool outlines = false;
  std::string output;
  bool force = false;  // replaces files that are there
};
int export_run(const ExportOptions& options);

struct CompareOptions {
  std::vector<ServerKind> servers;  // none: those of the textbook
  std::vector<int> clients;         // none: 1, 10 and 100
  bool json = false;
  std::string output;  // a chart, or JSON; empty: standard output gets the table
  bool force = false;  // replaces a file that is there
  std::string theme = "light";
};
int compare_servers(const CompareOptions& options);

// Tries what Forktable needs, for real, and says how to get what is missing. Fails if no server can run here.
int doctor(int server_descriptor_limit);

// "12", "last" or "telling": so many events. An error, if there is no such step.
Result<std::uint64_t> step_of(const std::string& text, const std::vector<Event>& events);

// On standard error: the file ends in the middle of a line, and only what is before that is shown.
void note_if_cut_short(const Recording& recording, const std::string& path);

// One line on standard error, and the status to return.
int fail(const Error& error);
int fail(const std::string& message, int status = kFailure);

inline IfThere if_there(bool force) { return force ? IfThere::kReplace : IfThere::kFail; }
// As fail(), and says how a file that is there can be replaced.
int fail_to_write(const Error& error, bool force);

// On standard output: "x.forktable: 98 events"; nothing, where that is what was written.
int say_what_was_written(const std::string& path, const std::string& what);

// Writes to standard output; fails, with a message, when that can't be written (a full disk).
int print(const std::string& text);

}  // namespace forktable
