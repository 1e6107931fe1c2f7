#include "tests/support/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "tests/support/deadline.hpp"
#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

[[noreturn]] void become(const Command& command, int out, int err) {
  setpgid(0, 0);
  std::vector<char*> words;
  for (const std::string& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  if (!command.output.empty()) out = open(command.output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
  dup2(out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (command.output_closed) close(STDOUT_FILENO);
  close_range(STDERR_FILENO + 1, ~0u, 0);  // whatever leaked into the test is not to leak on
  if (command.ordinary_user) become_ordinary();
  execv(words[0], words.data());
  _exit(kCouldNotRun);
}

// Takes what there is; closes the descriptor at its end.
void drain(UniqueFd& fd, std::string& text) {
  char buffer[1 << 14];
  const ssize_t got = read(fd.get(), buffer, sizeof buffer);
  if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
  if (got == 0 || (got < 0 && errno != EINTR)) fd.close();
}

}  // namespace

Outcome run(const Command& command) { return RunningProgram(command).wait(); }

RunningProgram::RunningProgram(const Command& command) {
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) return;
  UniqueFd out_end(out[1]), err_end(err[1]);
  out_ = UniqueFd(out[0]);
  err_ = UniqueFd(err[0]);
  pid_ = group_ = fork();
  if (pid_ == 0) become(command, out_end.get(), err_end.get());
  setpgid(pid_, pid_);  // whoever comes first
}

RunningProgram::~RunningProgram() {
  if (group_ > 0) kill(-group_, SIGKILL);
  if (pid_ > 0) waitpid(pid_, nullptr, 0);
}

std::string RunningProgram::line_from(int fd) {
  const Deadline deadline;
  std::string line;
  char byte;
  while (!deadline.passed()) {
    pollfd ready{fd, POLLIN, 0};
    if (poll(&ready, 1, deadline.milliseconds_left()) <= 0) continue;
    if (read(fd, &byte, 1) != 1 || byte == '\n') break;
    line += byte;
  }
  return line;
}

void RunningProgram::send_signal(int signal) const { kill(pid_, signal); }

Outcome RunningProgram::wait() {
  Outcome outcome;
  const Deadline deadline;
  while ((out_ || err_) && !deadline.passed()) {
    pollfd ready[] = {{out_.get(), POLLIN, 0}, {err_.get(), POLLIN, 0}};
    if (poll(ready, 2, deadline.milliseconds_left()) < 0) continue;
    if (ready[0].revents != 0) drain(out_, outcome.out);
    if (ready[1].revents != 0) drain(err_, outcome.err);
  }
  if (deadline.passed()) kill(-group_, SIGKILL);
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = group_ = 0;
  if (WIFEXITED(status)) outcome.status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
  return outcome;
}

}  // namespace forktable::test
