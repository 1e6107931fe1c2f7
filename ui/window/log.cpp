#include "ui/window/log.hpp"

#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <csignal>
#include <memory>
#include <utility>

#include "core/recording/recording.hpp"
#include "core/system/file.hpp"
#include "core/system/folders.hpp"
#include "core/world/describe.hpp"
#include "ui/window/log_file.hpp"

namespace forktable {
namespace {

constexpr std::size_t kLines = 200;

std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> drawer;
std::string file_name;

}  // namespace

void start_log(bool verbose) {
  const auto console = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  console->set_pattern("forktable: %v");
  console->set_level(verbose ? spdlog::level::debug : spdlog::level::warn);
  drawer = std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(kLines);
  drawer->set_pattern("%H:%M:%S  %-7l  %v");
  drawer->set_level(verbose ? spdlog::level::debug : spdlog::level::info);
  auto logger = std::make_shared<spdlog::logger>("forktable", spdlog::sinks_init_list{console, drawer});
  logger->set_level(verbose ? spdlog::level::debug : spdlog::level::info);
  spdlog::set_default_logger(logger);
  // That nobody reads standard error any more is no reason to stop, nor is a full disk, or to complain at every line.
  std::signal(SIGPIPE, SIG_IGN);
  spdlog::set_error_handler([](const std::string&) {});

  const auto folder = state_folder();
  if (!folder) return spdlog::warn("no log file: there is no home folder");
  if (const auto made = make_folder(*folder); !made) return spdlog::warn("no log file: {}", made.error().message());
  auto file = LogFile::open(*folder + "/forktable");
  if (!file) return spdlog::warn("no log file: {}", file.error().message());
  (*file)->set_pattern("%Y-%m-%d %H:%M:%S.%e %-7l %v");
  logger->sinks().push_back(std::move(*file));
  file_name = *folder + "/forktable.log";
}

std::vector<std::string> latest_log_lines() { return drawer ? drawer->last_formatted() : std::vector<std::string>{}; }

const std::string& log_file() { return file_name; }

void log(const Event& event) {
  std::visit(
      Overloaded{
          [&](const ServerLaunched&) { spdlog::info("server started, process {}", event.pid); },
          [](const Listened& what) { spdlog::info("server listens on 127.0.0.1:{}", what.port); },
          [&](const CallFailed& what) {
            if (what.call == Call::kWaitpid) return;
            spdlog::info("{} failed in process {}: {}", name_of(what.call), event.pid, error_name(what.error));
          },
          [&](const SignalSent& what) { spdlog::info("{} sent to process {}", signal_name(what.signal), event.pid); },
          [&](const Collected& what) { spdlog::info("process {}: {}", event.pid, ending_of(what.status)); },
          [&](const ReportsLost& what) { spdlog::error("{} reports of process {} lost", what.count, event.pid); },
          [](const LessonAsked& what) { spdlog::info("lesson: question before step {}", what.step); },
          [](const LessonStepped& what) { spdlog::info("lesson: step {}", what.step); },
          [](const GarbageSkipped& what) { spdlog::error("{} bytes on the report pipe are no report", what.bytes); },
          [](const auto&) {}},
      event.what);
  if (spdlog::should_log(spdlog::level::debug)) {
    std::string line = line_of(event);
    line.pop_back();
    spdlog::debug("{}", line);
  }
}

}  // namespace forktable
