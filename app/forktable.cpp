// The program: reads its command line and calls one of the commands.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "app/commands.hpp"
#include "app/version.hpp"
#include "core/lesson/action.hpp"
#include "core/system/inherited.hpp"
#include "core/system/limits.hpp"

namespace forktable {
namespace {

constexpr const char* kWhichServer =
    "Which server runs: process, process-fifo, process-shm, process-jobs, iterative, event, event-epoll, thread, "
    "prefork or "
    "inetd";

template <class Server>
CLI::Option* add_server_option(CLI::App& app, const char* option, Server& server, const char* help) {
  return app.add_option_function<std::string>(
      option,
      [&server, option](const std::string& name) {
        const auto kind = parse_server(name);
        if (!kind) throw CLI::ValidationError(option, kind.error());
        server = *kind;
      },
      help);
}

CLI::Option* add_lesson_options(CLI::App& app, std::string& lesson, Bugs& bugs) {
  CLI::Option* option =
      app.add_option("--lesson", lesson, "A lesson's name or number, as `forktable lessons` lists them, or its file");
  app.add_option_function<std::vector<std::string>>(
         "--bug",
         [&bugs](const std::vector<std::string>& names) {
           for (const std::string& name : names) {
             const auto bug = parse_bug(name);
             if (!bug) throw CLI::ValidationError("--bug", bug.error());
             bugs.set(*bug, true);
           }
         },
         "A bug switch of the server; may be given more than once")
      ->allow_extra_args(false);
  return option;
}

void add_force(CLI::App& command, bool& force) {
  command.add_flag("--force", force, "Replace what is there; without it, that is an error, unless it is an empty file");
}

// Nothing is neither a name nor a number, and what stands for it would be a guess.
void refuse_empty_words(CLI::App& app) {
  const CLI::Validator not_empty(
      [](const std::string& word) { return word.empty() ? std::string("it is empty") : std::string(); }, "");
  for (CLI::Option* option : app.get_options())
    if (option->get_expected_max() > 0) option->check(not_empty);
  for (CLI::App* command : app.get_subcommands({})) refuse_empty_words(*command);
}

// One line: what is wrong, and who says what is right.
int refuse(const CLI::App& app, const CLI::ParseError& error) {
  std::string program = app.get_name();
  for (const CLI::App* command : app.get_subcommands()) program += " " + command->get_name();
  return fail(fmt::format("{} ({} --help tells what can be asked)", error.what(), program), kWrongArguments);
}

}  // namespace
}  // namespace forktable

int main(int argc, char** argv) {
  using namespace forktable;
  repair_what_was_inherited();
  const int server_descriptor_limit = raise_descriptor_limit();

  CLI::App app("Forktable shows how a concurrent server really works.", "forktable");
  app.set_version_flag("--version", version_text());
  app.require_subcommand(0, 1);
  int status = kSuccess;

  LiveOptions live_options;
  app.add_option("--port", live_options.port, "Where the server listens; 0: any free port");
  CLI::Option* server = add_server_option(app, "--server", live_options.server, kWhichServer);
  CLI::Option* beside =
      add_server_option(app, "--beside", live_options.beside, "Another server beside it, in the same window");
  app.add_flag("--verbose", live_options.verbose, "Write everything that happens to standard error");

  CLI::Option* lesson =
      add_lesson_options(app, live_options.lesson, live_options.bugs)->excludes(server)->excludes(beside);
  app.add_option("--lessons", live_options.lessons, "A lecture: these lessons, one after the other, as in 12,1,2,3,4")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->excludes(lesson)
      ->excludes(server)
      ->excludes(beside);

  RecordOptions record_options;
  CLI::App* record_command =
      app.add_subcommand("record", "Run a server and clients for real, without a window, into a file");
  CLI::Option* recorded_server = add_server_option(*record_command, "--server", record_options.server, kWhichServer);
  record_command->add_option("--clients", record_options.clients, "How many clients say hello and leave")
      ->check(CLI::Range(0, 100000))
      ->capture_default_str();
  record_command->add_option("--port", record_options.port, "Where the server listens; 0: any free port");
  add_lesson_options(*record_command, record_options.lesson, record_options.bugs)
      ->excludes("--clients")
      ->excludes(recorded_server);
  record_command->add_option("-o,--output", record_options.output, "The recording to write")->required();
  add_force(*record_command, record_options.force);
  record_command->callback([&] { status = record(record_options, server_descriptor_limit); });

  ReplayOptions replay_options;
  CLI::App* replay_command = app.add_subcommand("replay", "Show a recording in the window, without a server");
  replay_command->add_option("recording", replay_options.recording, "The recording")->required();
  replay_command->add_flag("--verbose", replay_options.verbose, "Write everything that happens to standard error");
  replay_command->callback([&] { status = replay(replay_options); });

  InspectOptions inspect_options;
  CLI::App* inspect_command =
      app.add_subcommand("inspect", "Print processes, descriptors and reference counts at a step");
  inspect_command->add_option("recording", inspect_options.recording, "The recording")->required();
  inspect_command->add_option("--step", inspect_options.step,
                              "A number, \"last\", or \"telling\" for the step that shows most");
  inspect_command->add_flag("--json", inspect_options.json, "For programs");
  inspect_command->callback([&] { status = inspect(inspect_options); });

  ExportOptions export_options;
  CLI::App* export_command =
      app.add_subcommand("export", "Make pictures, slides, a handout, a film or a trace of a recording");
  export_command->add_option("recording", export_options.recording, "The recording")->required();
  CLI::Option* step = export_command->add_option(
      "--step", export_options.step, "Of one step: a number, \"last\", or \"telling\" for the step that shows most");
  const auto many = [&](CLI::Option* option) { option->excludes(step); };
  many(export_command->add_flag("--all", export_options.all,
                                "A page for each step that changes the picture: in one PDF, or numbered files"));
  many(export_command->add_option("--steps", export_options.steps, "Of the steps A-B only"));
  CLI::Option* stops = export_command->add_flag("--stops", export_options.stops, "Of a lesson, only where it stops");
  many(stops);
  CLI::Option* every =
      export_command->add_flag("--every-step", export_options.every_step, "Steps too that don't change the picture");
  many(every->excludes(stops));
  export_command->add_option("--theme", export_options.theme)
      ->check(CLI::IsMember({"light", "dark"}))
      ->capture_default_str();
  export_command->add_option("--scale", export_options.scale, "Of a PNG; 2: 3840 by 2160 pixels")
      ->check(CLI::Range(0.25, 8.0))
      ->capture_default_str();
  export_command->add_flag("--transparent", export_options.transparent, "Nothing behind the picture: PNG, SVG, PDF");
  export_command->add_flag("--outlines", export_options.outlines,
                           "SVG with letters as shapes, for programs that don't have the fonts");
  export_command
      ->add_option("-o,--output", export_options.output, "What to write: .png, .svg, .pdf, .html, .json, .gif or .mp4")
      ->required();
  add_force(*export_command, export_options.force);
  export_command->callback([&] { status = export_run(export_options); });

  CompareOptions compare_options;
  CLI::App* compare_command = app.add_subcommand("compare", "Measure what each server costs, here and now");
  compare_command->add_flag("--json", compare_options.json, "For programs");
  compare_command
      ->add_option("--clients", compare_options.clients, "How many clients at once, one run for each number: 1,10,100")
      ->delimiter(',')
      ->check(CLI::Range(1, kMostComparedClients));
  compare_command
      ->add_option_function<std::vector<std::string>>(
          "--servers",
          [&](const std::vector<std::string>& names) {
            for (const std::string& name : names) {
              const auto kind = parse_server(name);
              if (!kind) throw CLI::ValidationError("--servers", kind.error());
              compare_options.servers.push_back(*kind);
            }
          },
          "Which of them: iterative,process,event,event-epoll,thread; process-fifo, process-shm, process-jobs, prefork "
          "and inetd too")
      ->delimiter(',');
  compare_command->add_option("--theme", compare_options.theme, "Of the chart")
      ->check(CLI::IsMember({"light", "dark"}))
      ->capture_default_str();
  compare_command->add_option("-o,--output", compare_options.output,
                              "Write a chart (.png, .svg or .pdf) or the figures (.json)");
  add_force(*compare_command, compare_options.force);
  compare_command->callback([&] { status = compare_servers(compare_options); });

  bool lessons_as_json = false;
  CLI::App* lessons_command = app.add_subcommand("lessons", "List the lessons");
  lessons_command->add_flag("--json", lessons_as_json, "For programs");
  lessons_command->callback([&] { status = list_lessons(lessons_as_json); });

  app.add_subcommand("doctor", "Say what this machine allows, and how to get what it doesn't")->callback([&] {
    status = doctor(server_descriptor_limit);
  });

  refuse_empty_words(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app.exit(asked);
  } catch (const CLI::ParseError& error) {
    return refuse(app, error);
  }
  if (app.get_subcommands().empty()) status = open_window(live_options, server_descriptor_limit);
  return status;
}
