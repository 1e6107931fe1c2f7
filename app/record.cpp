#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "app/commands.hpp"
#include "app/interruption.hpp"
#include "core/program/listing.hpp"
#include "core/program/narrate_listing.hpp"
#include "core/recording/recording.hpp"
#include "core/session/session.hpp"
#include "core/system/clock.hpp"
#include "core/world/describe.hpp"
#include "core/world/failed_call.hpp"
#include "core/world/reduce.hpp"

namespace forktable {
namespace {

constexpr Port kUsualPort = 8080;
constexpr std::size_t kAtOnce = 64;  // clients in conversation with the server
constexpr Nanoseconds kPatience = 10 * kSecond, kRest = kSecond;

class Recorder {
 public:
  Recorder(const RecordOptions& options, ServerSetup setup, RecordingWriter writer)
      : options_(options), setup_(std::move(setup)), writer_(std::move(writer)) {}

  Result<void> run() {
    auto session = Session::create([this](const Event& event) { take(event); });
    if (!session) return tl::make_unexpected(session.error());
    session_ = std::move(*session);
    interruption_.emplace(session_.get());

    if (auto listening = listen(); !listening) return listening;
    auto served = serve();
    const bool good = served && (served_ == options_.clients || options_.bugs != Bugs{});
    auto written = good ? writer_.finish() : writer_.leave();
    if (!served) return served;
    if (!written) return written;
    if (good) return {};
    return failure(
        fmt::format("only {} of {} were served, as {} shows: {}", served_, clients(), writer_.where(), first_failure_));
  }

  // What was recorded, in words.
  std::string summary() const {
    const int served = served_ + still_there_with_echo();
    return fmt::format("{} of {}, {}in {} ms", plural(world_.step, "event", "events"), clients(),
                       served == options_.clients ? "" : fmt::format("{} of them served, ", served),
                       (last_news_ - began_) / kMillisecond);
  }

 private:
  void take(const Event& event) {
    reduce(world_, event);
    if (const auto* end = std::get_if<ClientEnded>(&event.what)) {
      ++ended_;
      const Client* client = find_client(world_, end->client);
      if (end->end == ClientEnd::kClosed && client != nullptr && client->received > 0)
        ++served_;
      else if (first_failure_.empty())
        first_failure_ = narrate_listing(world_, event).said;
    }
    pending_.push_back(event);
    last_news_ = monotonic_now();
  }

  // Starts the server and waits until it listens. What led to nothing doesn't get into the recording.
  Result<void> listen() {
    const bool may_choose = !options_.port;
    setup_.port = options_.port.value_or(kUsualPort);
    while (true) {
      pending_.clear();
      world_ = {};
      if (auto started = session_->start_server(setup_); !started) return started;
      const Nanoseconds deadline = monotonic_now() + kPatience;
      while (session_->port() == 0 && session_->server_alive() && !interruption_->came() && monotonic_now() < deadline)
        session_->pump(std::chrono::milliseconds(100));
      if (session_->port() != 0) return {};
      const auto* failed = world_.trouble ? std::get_if<CallFailed>(&world_.trouble->what) : nullptr;
      if (failed != nullptr && failed->error == EADDRINUSE && may_choose && setup_.port != 0) {
        setup_.port = 0;
        continue;
      }
      const std::string job = fmt::format("can't listen on 127.0.0.1:{}", setup_.port);
      if (failed == nullptr) return failure(job + ": the server ended, or says nothing");
      const char* advice = failed->error == EADDRINUSE ? " (choose another --port, or --port 0 for any free one)" : "";
      return failure(Error{job, failed->error}.message() + advice);
    }
  }

  Result<void> serve() {
    began_ = last_news_ = monotonic_now();
    int launched = 0;
    Nanoseconds next_progress = began_ + kSecond / 2;
    while (true) {
      while (launched < options_.clients && session_->clients().count() < kAtOnce) {
        session_->launch_client(Behaviour::kHello);
        ++launched;
      }
      if (auto written = write_down(); !written) return written;
      if (all_served()) break;
      if (interruption_->came()) return failure("interrupted: " + writer_.so_far());
      // A server with a bug may end, or leave zombies and clients behind: that is what is to be recorded.
      const bool came_to_rest =
          launched == options_.clients && monotonic_now() - last_news_ > kRest && nothing_can_move();
      if (options_.bugs != Bugs{} && (came_to_rest || !session_->server_alive())) break;
      if (!session_->server_alive())
        return failure(
            fmt::format("the server ended before all clients were served: {}; {}", server_end(), writer_.so_far()));
      if (monotonic_now() - last_news_ > kPatience)
        return failure(fmt::format("nothing has happened for {} s, with {} of {} served: {}; {}", kPatience / kSecond,
                                   served_ + still_there_with_echo(), clients(), who_is_at_what(), writer_.so_far()));
      session_->pump(std::chrono::milliseconds(200));
      if (monotonic_now() > next_progress) {
        progress();
        next_progress += kSecond / 2;
      }
    }
    if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\033[K");
    session_->await_kernel();
    return write_down();
  }

  static bool waits_for_next(const Process& process) {
    return is_blocked(process) && (waits_for_clients(process.activity.call) || process.activity.call == Call::kWaitpid);
  }

  // Every client has gone, every child is reaped that was there for one, every thread has ended, and whoever accepts
  // waits for the next one.
  bool all_served() const {
    const std::size_t processes = world_.processes.size();
    const bool complete = world_.shape.has(Shape::kPool) ? processes > 1 : processes == 1;
    if (ended_ < options_.clients || !world_.expected.empty() || !complete) return false;
    const bool rest = std::all_of(world_.processes.begin(), world_.processes.end(), [&](const Process& one) {
      return (one.id == world_.server || one.place != 0) && waits_for_next(one);
    });
    const bool connected = std::any_of(world_.files.begin(), world_.files.end(),
                                       [](const OpenFile& file) { return file.kind == FileKind::kConnection; });
    return rest && !connected;
  }

  // Every process of the server waits for somebody else, or has ended: nothing comes by itself any more. One that
  // works, or sleeps, may be quiet for longer than one likes to wait, and goes on all the same.
  bool nothing_can_move() const {
    return world_.expected.empty() &&
           std::all_of(world_.processes.begin(), world_.processes.end(), [](const Process& process) {
             return process.life != Life::kAlive || (is_blocked(process) && process.activity.call != Call::kNanosleep);
           });
  }

  // Clients that have their echo, and wait for the end of file.
  int still_there_with_echo() const {
    return static_cast<int>(std::count_if(world_.clients.begin(), world_.clients.end(),
                                          [](const Client& client) { return client.received > 0; }));
  }

  // The first of the server's processes that doesn't wait for a client, or else the server.
  std::string who_is_at_what() const {
    const Process* who = find_process(world_, world_.server);
    for (const Process& process : world_.processes)
      if (process.life == Life::kAlive && !waits_for_next(process)) {
        who = &process;
        break;
      }
    return who != nullptr ? fmt::format("{} is {}", introduce(*who), doing(world_, *who)) : "no process is left";
  }

  Result<void> write_down() {
    for (const Event& event : pending_) writer_.append(event);
    pending_.clear();
    return writer_.flush();
  }

  void progress() const {
    if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\033[Kserved {} of {}", served_, options_.clients);
  }

  std::string clients() const { return plural(static_cast<std::uint64_t>(options_.clients), "client", "clients"); }

  std::string server_end() const {
    const Process* server = find_process(world_, world_.server);
    if (server == nullptr || !server->wait_status) return "unknown";
    const std::string why = why_it_gave_up(world_);
    return ending_of(*server->wait_status) + (why.empty() ? "" : ", as " + why);
  }

  const RecordOptions& options_;
  ServerSetup setup_;
  RecordingWriter writer_;
  std::unique_ptr<Session> session_;
  std::optional<Interruption> interruption_;
  World world_;
  std::vector<Event> pending_;
  int ended_ = 0, served_ = 0;  // clients
  std::string first_failure_;   // of a client, in words
  Nanoseconds began_ = 0, last_news_ = 0;
};

}  // namespace

int record(const RecordOptions& options, int server_descriptor_limit) {
  ServerSetup setup;
  setup.kind = options.server;
  setup.program = installed_server(options.server);
  setup.descriptor_limit = server_descriptor_limit;
  setup.bugs = options.bugs;
  if (!options.lesson.empty()) return record_lesson(options, setup);
  if (const auto known = check_switches(options.server, options.bugs); !known)
    return fail(known.error().message(), kWrongArguments);
  auto writer = RecordingWriter::create(options.output, head_of(options.server, nullptr), if_there(options.force));
  if (!writer) return fail_to_write(writer.error(), options.force);
  Recorder recorder(options, setup, std::move(*writer));
  if (const auto recorded = recorder.run(); !recorded) return fail(recorded.error());
  return say_what_was_written(options.output, recorder.summary());
}

}  // namespace forktable
