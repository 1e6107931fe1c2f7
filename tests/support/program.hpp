// Another program, run by a test: what it writes and how it ends.
#pragma once

#include <string>
#include <vector>

#include "core/event/ids.hpp"
#include "core/system/unique_fd.hpp"

namespace forktable::test {

struct Outcome {
  int status = -1;  // exit status; -1 if a signal ended it
  int signal = 0;   // that signal
  std::string out, err;
};

struct Command {
  std::vector<std::string> words;  // the program's path and its arguments
  std::string output = {};         // standard output goes to this file; empty: to Outcome::out
  bool output_closed = false;      // it has no standard output at all
  bool ordinary_user = false;      // not run as root, whoever runs the test
};

// Outcome::status of a program that this user may not run.
inline constexpr int kCouldNotRun = 126;

// Runs it to its end; SIGKILL, if the deadline passes before.
Outcome run(const Command& command);

// A program that goes on running while the test does other things, in a process group of its own. All of
// that group is killed when this is destroyed.
class RunningProgram {
 public:
  explicit RunningProgram(const Command& command);
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;
  ~RunningProgram();

  Pid pid() const { return pid_; }
  // The next line on standard output or standard error, without its newline; empty if there is none.
  std::string line_from_output() { return line_from(out_.get()); }
  std::string line_from_errors() { return line_from(err_.get()); }
  void send_signal(int signal) const;
  Outcome wait();

 private:
  static std::string line_from(int fd);

  Pid pid_ = 0;
  Pid group_ = 0;
  UniqueFd out_, err_;
};

}  // namespace forktable::test
