// What Forktable costs, measured here and now. Ratios are medians of alternated rounds of one run.
//
//   bench [--json] [--quick]
//
// Standard output has the figures; what is under way is told on standard error.
#include <fcntl.h>
#include <fmt/format.h>
#include <imgui.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <sstream>
#include <thread>

#include "core/event/wire.hpp"
#include "core/session/session.hpp"
#include "core/system/clock.hpp"
#include "core/system/limits.hpp"
#include "core/system/spawn.hpp"
#include "core/world/reduce.hpp"
#include "tests/support/story.hpp"
#include "ui/window/screen.hpp"

namespace forktable::bench {
namespace {

struct Figure {
  std::string name;
  double value;
  std::string unit;
  std::optional<double> goal;
  bool at_least = true;  // the goal is a lower bound; else an upper one
  bool met() const { return !goal || (at_least ? value >= *goal : value <= *goal); }
};

std::vector<Figure> figures;

void add(std::string name, double value, std::string unit, std::optional<double> goal = {}, bool at_least = true) {
  figures.push_back({std::move(name), value, std::move(unit), goal, at_least});
  std::fprintf(stderr, "  %s: %.4g %s\n", figures.back().name.c_str(), value, figures.back().unit.c_str());
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double cpu_seconds() {
  timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// ---- connections per second ----

bool converse(Port port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  char line[16];
  const bool good = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                    write(fd, "hello\n", 6) == 6 && read(fd, line, sizeof line) == 6;
  // Reset rather than closed: ten thousand sockets in TIME_WAIT would slow down whoever comes next.
  const linger no_goodbye{1, 0};
  shutdown(fd, SHUT_WR);
  while (read(fd, line, sizeof line) > 0) {
  }
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &no_goodbye, sizeof no_goodbye);
  close(fd);
  return good;
}

// Connects, sends a line, reads the echo and closes, over and over, so many clients at once. Per second.
double connection_rate(Port port, int connections, int clients = 4) {
  std::atomic<int> left = connections;
  std::atomic<bool> failed = false;
  const Nanoseconds began = monotonic_now();
  std::vector<std::thread> threads;
  for (int i = 0; i < clients; ++i)
    threads.emplace_back([&] {
      while (left.fetch_sub(1) > 0 && !failed)
        if (!converse(port)) failed = true;
    });
  for (std::thread& thread : threads) thread.join();
  if (failed) std::fprintf(stderr, "  a connection failed\n");
  return connections / (static_cast<double>(monotonic_now() - began) * 1e-9);
}

Port free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
  socklen_t length = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
  close(fd);
  return ntohs(address.sin_port);
}

void wait_for_listener(Port port) {
  const Nanoseconds deadline = monotonic_now() + 10 * kSecond;
  while (!converse(port) && monotonic_now() < deadline) usleep(10000);
}

// The server alone, by itself or below a tracer.
class PlainServer {
 public:
  explicit PlainServer(std::vector<std::string> tracer = {}) : port(free_port()) {
    Program program;
    tracer.push_back(FORKTABLE_SERVER);
    tracer.push_back(std::to_string(port));
    program.path = tracer.front();
    program.arguments.assign(tracer.begin() + 1, tracer.end());
    const int errors = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(null, STDERR_FILENO);  // the server says where it listens, and the tracer what it sees
    if (const auto pid = spawn(program)) pid_ = *pid;
    dup2(errors, STDERR_FILENO);
    close(errors);
    close(null);
    wait_for_listener(port);
  }
  ~PlainServer() {
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  const Port port;

 private:
  Pid pid_ = 0;
};

// The server with a session that reads and reduces all that it reports.
class ReportingServer {
 public:
  ReportingServer() {
    thread_ = std::thread([this] {
      World world;
      auto session = Session::create([&](const Event& event) { reduce(world, event); });
      ServerSetup setup;
      setup.program = FORKTABLE_SERVER;
      (void)(*session)->start_server(setup);
      while (!ending_) {
        (*session)->pump(std::chrono::milliseconds(100));
        port = (*session)->port();
      }
      anomalies = world.anomaly_count;
    });
    while (port == 0) usleep(1000);
  }
  ~ReportingServer() {
    ending_ = true;
    thread_.join();
    if (anomalies > 0) std::fprintf(stderr, "  %lu anomalies\n", anomalies);
  }
  std::atomic<Port> port = 0;
  unsigned long anomalies = 0;

 private:
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

template <class Server>
double fresh_rate(int connections, int clients) {
  Server server;  // a new one each time: how fast one is depends a little on where its memory happens to lie
  connection_rate(server.port, connections / 10, clients);
  return connection_rate(server.port, connections, clients);
}

void bench_connections(int rounds, int connections) {
  // One client after the other, and as many at once as keep every processor busy: then nothing is for free.
  for (const int clients : {1, 4}) {
    const std::string who = clients == 1 ? "one client after the other" : fmt::format("{} clients at once", clients);
    std::fprintf(stderr, "connections, with reporting and without, %s\n", who.c_str());
    std::vector<double> ratios, plain_rates, reporting_rates;
    for (int i = 0; i < rounds; ++i) {
      // Each round has both, in turn, and begins with the other one every time.
      double off = 0;
      if (i % 2 == 0) off = fresh_rate<PlainServer>(connections, clients);
      const double on = fresh_rate<ReportingServer>(connections, clients);
      if (i % 2 != 0) off = fresh_rate<PlainServer>(connections, clients);
      plain_rates.push_back(off);
      reporting_rates.push_back(on);
      ratios.push_back(on / off);
    }
    add("connections, reporting off, " + who, median(plain_rates), "1/s");
    add("connections, reporting on and read, " + who, median(reporting_rates), "1/s");
    add("reporting on / off, " + who, median(ratios), "ratio", 0.95);
  }

  if (access("/usr/bin/strace", X_OK) != 0) return;
  std::fprintf(stderr, "the same under strace\n");
  PlainServer traced({"/usr/bin/strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e",
                      "trace=accept,clone,fork,vfork,close,read,write,exit_group,wait4,rt_sigreturn"});
  PlainServer plain;
  std::vector<double> traced_ratios;
  for (int i = 0; i < std::max(3, rounds / 3); ++i)
    traced_ratios.push_back(connection_rate(traced.port, connections) / connection_rate(plain.port, connections));
  add("strace -f --seccomp-bpf / off, 4 clients at once", median(traced_ratios), "ratio");
}

// ---- decode and reduce ----

void bench_reduce(int rounds) {
  std::fprintf(stderr, "decode and reduce\n");
  // What a server reports while ten clients come and go, over and over.
  std::vector<WireRecord> records;
  const auto report = [&](Pid pid, std::uint32_t sequence, const auto& what) {
    WireRecord record = encode(what);
    record.pid = pid;
    record.sequence = sequence;
    record.at = static_cast<std::int64_t>(records.size()) * 1000;
    seal(record);
    records.push_back(record);
  };
  std::uint32_t server_sequence = 0, fork = 0;
  constexpr Pid kServer = 100;
  const auto serve = [&](const auto& what) { report(kServer, server_sequence++, what); };
  serve(Listened{3, 8080, 1024});
  for (int batch = 0; batch < 2000; ++batch) {
    for (int i = 0; i < 10; ++i) {
      ++fork;
      const Pid child = 1000 + i;
      std::uint32_t sequence = 0;
      serve(AcceptCalled{3});
      serve(Accepted{3, 4, static_cast<Port>(1024 + fork % 60000)});
      serve(ForkCalled{fork});
      serve(Forked{fork, child});
      serve(Closed{4});
      report(child, sequence++, ChildStarted{kServer, fork});
      report(child, sequence++, Closed{3});
      report(child, sequence++, ReadCalled{4});
      report(child, sequence++, Read{4, 6, ShortText("hello\n")});
      report(child, sequence++, WriteCalled{4});
      report(child, sequence++, Wrote{4, 6});
      report(child, sequence++, ReadCalled{4});
    }
    for (int i = 0; i < 10; ++i) {
      const Pid child = 1000 + i;
      report(child, 7, EndOfFile{4});
      report(child, 8, Closed{4});
      report(child, 9, ExitCalled{0});
      serve(SignalDelivered{SIGCHLD});
      serve(Reaped{child, 0});
      serve(NothingToReap{});
      serve(HandlerReturned{SIGCHLD});
    }
  }
  std::vector<double> rates;
  for (int i = 0; i < rounds; ++i) {
    World world;
    WireDecoder decoder(0);
    const EventSink sink = [&](const Event& event) { reduce(world, event); };
    reduce(world, {0, kServer, 0, ServerLaunched{8080}});
    const double began = cpu_seconds();
    const auto bytes = std::as_bytes(std::span(records));
    for (std::size_t at = 0; at < bytes.size(); at += 1 << 16)
      decoder.feed(bytes.subspan(at, std::min<std::size_t>(1 << 16, bytes.size() - at)), sink);
    rates.push_back(static_cast<double>(records.size()) / (cpu_seconds() - began));
    if (world.anomaly_count > 0 || world.counts.reaped != fork) std::fprintf(stderr, "  the run makes no sense\n");
  }
  add("decode and reduce", median(rates), "events/s", 1e6);
}

// ---- frames ----

// A frame of the whole window, of what is new.
class FrameDrawer {
 public:
  explicit FrameDrawer(const Fonts& fonts) : screen_(fonts) {
    ImGui::GetIO().IniFilename = nullptr;
    ImGui::GetIO().DisplaySize = {1600, 900};
    ImGui::GetIO().BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
    ImGui::GetIO().DeltaTime = 1.f / 60;
  }
  void draw(const Model& model) {
    const Screen::Frame frame{{1600, 900}, 1, 1, nullptr, clock_ += 1.0 / 60};
    if (screen_.prepare(model, frame)) {
      unsigned char* pixels = nullptr;
      int width = 0, height = 0;
      ImGui::GetIO().Fonts->GetTexDataAsAlpha8(&pixels, &width, &height);
    }
    ImGui::NewFrame();
    screen_.draw(model, frame);
    ImGui::Render();
  }

 private:
  Screen screen_;
  double clock_ = 0;
};

// Going to any step of a long session, and drawing it.
void bench_seeking(int rounds) {
  std::fprintf(stderr, "seeking\n");
  const auto fonts = Fonts::load();
  if (!fonts) return;
  ImGui::CreateContext();
  {
    FrameDrawer drawer(**fonts);
    test::Story story;
    while (story.events.size() < 100'000) story.leave(story.client());
    Model model;
    model.now = story.time;
    take(model, story.events);
    drawer.draw(model);
    std::vector<double> costs;
    std::mt19937 random(1);
    for (int i = 0; i < rounds * 20; ++i) {
      const double began = cpu_seconds();
      go_to(model, random() % model.history.size());
      drawer.draw(model);
      costs.push_back((cpu_seconds() - began) * 1000);
    }
    add("CPU time of a seek in 100,000 events and its frame", median(costs), "ms", 16.7, false);
    add("the same, slowest", *std::max_element(costs.begin(), costs.end()), "ms");
  }
  ImGui::DestroyContext();
}

void bench_frames(int rounds) {
  std::fprintf(stderr, "frames\n");
  const auto fonts = Fonts::load();
  if (!fonts) return;
  for (const int processes : {10, 100, 1000}) {
    ImGui::CreateContext();
    std::optional<FrameDrawer> drawer(**fonts);
    test::Story story;
    std::vector<Pid> children;
    for (int i = 0; i < processes; ++i) children.push_back(story.client());
    Model model;
    model.now = story.time;
    take(model, story.events);
    std::vector<double> costs;
    for (int i = 0; i < rounds * 20; ++i) {
      // Every frame has news, so that every frame is laid out anew, and everything is in motion.
      const Pid child = children[static_cast<std::size_t>(i) % children.size()];
      const std::vector<Event> news{{model.now += kMillisecond, child, 12, Read{4, 6, ShortText("hello\n")}},
                                    {model.now, child, 13, Wrote{4, 6}},
                                    {model.now, child, 12, ReadCalled{4}}};
      const double began = cpu_seconds();
      take(model, news);
      drawer->draw(model);
      if (i >= 20) costs.push_back((cpu_seconds() - began) * 1000);
    }
    const bool counted = processes == 100;
    add(fmt::format("CPU time of a frame, {} processes", processes), median(costs), "ms",
        counted ? std::optional<double>(2) : std::nullopt, false);
    drawer.reset();
    ImGui::DestroyContext();
  }
}

// ---- the program as a whole ----

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

double number_behind(const std::string& text, const std::string& words) {
  const auto at = text.find(words);
  return at == std::string::npos ? -1 : std::atof(text.c_str() + at + words.size());
}

long ticks_of(Pid pid) {
  const std::string stat = text_of(fmt::format("/proc/{}/stat", pid));
  std::istringstream fields(stat.substr(stat.rfind(')') + 2));
  std::string skipped;
  long user = 0, system = 0;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  fields >> user >> system;
  return user + system;
}

void bench_program(int rounds, int connections) {
  std::fprintf(stderr, "the window\n");
  if (std::getenv("DISPLAY") == nullptr) {
    std::fprintf(stderr, "  no display: run scripts/bench, which has one\n");
    return;
  }
  const std::string folder = "/tmp/forktable-bench-" + std::to_string(getpid());
  std::filesystem::create_directories(folder);
  std::vector<double> starts;
  for (int i = 0; i < std::max(3, rounds / 3); ++i) {
    const Port port = free_port();
    Program program;
    program.path = FORKTABLE_PROGRAM;
    program.arguments = {"--port", std::to_string(port)};
    program.environment = {"HOME=" + folder, "XDG_STATE_HOME=" + folder, "XDG_CONFIG_HOME=" + folder};
    const auto pid = spawn(program);
    if (!pid) return;
    wait_for_listener(port);
    const std::string log = folder + "/forktable/forktable.log";
    const Nanoseconds deadline = monotonic_now() + 10 * kSecond;
    while (number_behind(text_of(log), "first frame after ") < 0 && monotonic_now() < deadline) usleep(10000);
    starts.push_back(number_behind(text_of(log), "first frame after "));
    const bool last = i + 1 >= std::max(3, rounds / 3);
    if (last) {
      connection_rate(port, connections);
      sleep(6);  // until nothing fades any more
      const long before = ticks_of(*pid);
      sleep(5);
      add("CPU time of an idle window", static_cast<double>(ticks_of(*pid) - before) * 10 / 5, "ms/s", 1, false);
      add(fmt::format("resident memory after {} connections", connections),
          number_behind(text_of(fmt::format("/proc/{}/status", *pid)), "VmRSS:") / 1024, "MiB");
    }
    kill(*pid, SIGTERM);
    waitpid(*pid, nullptr, 0);
    std::filesystem::remove(log);
  }
  add("time to the first frame", median(starts), "ms");
  std::filesystem::remove_all(folder);
}

void print(bool json) {
  if (json) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const Figure& figure : figures)
      all.push_back({{"name", figure.name},
                     {"value", figure.value},
                     {"unit", figure.unit},
                     {"goal", figure.goal ? nlohmann::ordered_json(*figure.goal) : nlohmann::ordered_json(nullptr)},
                     {"met", figure.met()}});
    std::printf("%s\n", all.dump(2).c_str());
    return;
  }
  for (const Figure& figure : figures) {
    const std::string goal = figure.goal ? fmt::format("goal: {} {:g}, {}", figure.at_least ? "at least" : "at most",
                                                       *figure.goal, figure.met() ? "met" : "MISSED")
                                         : "";
    std::printf("%-66s %12.4g %-10s %s\n", figure.name.c_str(), figure.value, figure.unit.c_str(), goal.c_str());
  }
}

}  // namespace
}  // namespace forktable::bench

int main(int argc, char** argv) {
  using namespace forktable::bench;
  forktable::raise_descriptor_limit();
  bool json = false, quick = false;
  for (int i = 1; i < argc; ++i) {
    json = json || std::strcmp(argv[i], "--json") == 0;
    quick = quick || std::strcmp(argv[i], "--quick") == 0;
  }
  bench_connections(quick ? 3 : 31, quick ? 300 : 1500);
  bench_reduce(quick ? 3 : 9);
  bench_frames(quick ? 3 : 15);
  bench_seeking(quick ? 3 : 15);
  bench_program(quick ? 3 : 9, quick ? 500 : 10000);
  print(json);
  return 0;
}
