// The log: to standard error, to a file, and to the drawer in the window.
#pragma once

#include <string>
#include <vector>

#include "core/event/event.hpp"

namespace forktable {

// Warnings and worse go to standard error, everything with `verbose`; the file, forktable.log in the state
// folder, gets what matters to find out later what happened. A file that can't be written is a warning.
void start_log(bool verbose);

// What an event is worth in the log, if anything; with `verbose`, all of it.
void log(const Event& event);

// The latest lines, the oldest first.
std::vector<std::string> latest_log_lines();
// Where the file is; empty if there is none.
const std::string& log_file();

}  // namespace forktable
