#include "ui/window/window.hpp"

#include <fmt/format.h>
#include <imgui.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <ctime>

#include "core/event/recording.hpp"
#include "core/system/clock.hpp"
#include "core/system/file.hpp"
#include "core/system/folders.hpp"
#include "core/world/describe.hpp"
#include "ui/picture/cairo_painter.hpp"
#include "ui/picture/slide.hpp"
#include "ui/window/gl_window.hpp"
#include "ui/window/keys.hpp"
#include "ui/window/screen.hpp"

namespace forktable {
namespace {

constexpr Port kUsualPort = 8080;
constexpr double kFrame = 1.0 / 60, kRestless = 0.25, kAtRest = 3600;  // seconds between frames
constexpr double kSavePause = 1;   // seconds between two times that the settings are saved
constexpr float kNarrowest = 620;  // width in which all that can be clicked has room, at normal size
constexpr int kFramesPerWake = 3;  // ImGui needs a few to come to rest

// Set by SIGINT and SIGTERM; the session is there to be nudged.
volatile std::sig_atomic_t asked_to_quit = 0;
LiveSession* to_nudge = nullptr;

void ask_to_quit(int) {
  asked_to_quit = 1;
  if (to_nudge != nullptr) to_nudge->nudge();
}

class Window {
 public:
  explicit Window(const WindowOptions& options) : options_(options) {}
  ~Window() { to_nudge = nullptr; }

  Result<void> run() {
    auto fonts = Fonts::load();
    if (!fonts) return tl::make_unexpected(fonts.error());
    fonts_ = std::move(*fonts);
    if (!fonts_->missing().empty()) spdlog::warn("not installed: {}; other fonts are used instead", fonts_->missing());
    load_settings();
    if (auto opened = open(); !opened) return opened;
    screen_.emplace(*fonts_);
    auto session = LiveSession::start(GlWindow::wake);
    if (!session) return tl::make_unexpected(session.error());
    session_ = std::move(*session);
    to_nudge = session_.get();
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) std::signal(signal, ask_to_quit);
    may_choose_port_ = !options_.port;
    start_server(options_.port.value_or(kUsualPort));

    while (!window_->wants_to_close() && !asked_to_quit && !quit_) {
      take_news();
      act();
      if (window_->is_visible()) draw();
      wait();
    }
    save_settings();
    return {};
  }

 private:
  // ---- beginning and end ----

  void load_settings() {
    const auto folder = settings_folder();
    if (!folder) return spdlog::warn("settings are not kept: there is no home folder");
    settings_file_ = *folder + "/settings.json";
    if (auto settings = forktable::load_settings(settings_file_))
      model_.settings = saved_ = *settings;
    else
      spdlog::warn("{}", settings.error().message());
  }

  void save_settings() {
    const bool normal = !window_->is_maximized() && !full_screen_;
    if (normal) {
      const Size size = window_->size();
      model_.settings.width = static_cast<int>(size.width);
      model_.settings.height = static_cast<int>(size.height);
    }
    model_.settings.maximized = window_->is_maximized();
    if (settings_file_.empty() || model_.settings == saved_) return;
    if (auto saved = forktable::save_settings(model_.settings, settings_file_); !saved)
      spdlog::warn("{}", saved.error().message());
    saved_ = model_.settings;
  }

  Result<void> open() {
    GlWindow::Request request;
    request.width = model_.settings.width;
    request.height = model_.settings.height;
    request.maximized = model_.settings.maximized;
    request.on_key = [this](int key, int modifiers) {
      if (auto action = action_for_key(key, modifiers)) actions_.push_back(*action);
    };
    request.on_character = [this](unsigned character) {
      if (auto action = action_for_character(character)) actions_.push_back(*action);
    };
    request.on_change = [this] { frames_due_ = kFramesPerWake; };
    auto window = GlWindow::open(std::move(request));
    if (!window) return tl::make_unexpected(window.error());
    window_ = std::move(*window);
    return {};
  }

  // ---- the session ----

  void start_server(Port port) {
    ServerSetup setup = options_.server;
    setup.port = port;
    session_->start_server(setup);
  }

  void take_news() {
    model_.now = session_->now();
    LiveSession::News news = session_->take_news();
    if (!news.events.empty() || !news.errors.empty()) frames_due_ = kFramesPerWake;
    for (const Event& event : news.events) log(event);
    take(model_, news.events);
    for (const Error& error : news.errors) {
      spdlog::error("{}", error.message());
      tell(model_, error.message(), true);
    }
    if (may_choose_port_) choose_port(news.events);
    for (const Event& event : news.events) {
      if (std::holds_alternative<ServerLaunched>(event.what)) listening_ = false;
      if (std::holds_alternative<Listened>(event.what)) listening_ = true;
    }
    if (listening_ && waiting_clients_ > 0) carry_out(LaunchClients{std::exchange(waiting_clients_, 0)});
    std::erase_if(model_.messages, [&](const Message& message) { return message.until < model_.now; });
  }

  // Nobody asked for 8080 by name: if it is taken, another one does as well.
  void choose_port(const std::vector<Event>& events) {
    for (const Event& event : events) {
      if (std::holds_alternative<Listened>(event.what)) may_choose_port_ = false;
      const auto* failed = std::get_if<CallFailed>(&event.what);
      if (failed == nullptr || failed->call != Call::kBind || failed->error != EADDRINUSE) continue;
      may_choose_port_ = false;
      tell(model_, fmt::format("Port {} is in use by another program. The server takes a free one.", kUsualPort));
      start_server(0);
      return;
    }
  }

  static void log(const Event& event) {
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
            [](const GarbageSkipped& what) { spdlog::error("{} bytes on the report pipe are no report", what.bytes); },
            [](const auto&) {}},
        event.what);
    if (spdlog::should_log(spdlog::level::debug)) {
      std::string line = line_of(event);
      line.pop_back();
      spdlog::debug("{}", line);
    }
  }

  // ---- what the user asked for ----

  void act() {
    for (const Action& action : std::exchange(actions_, {}))
      std::visit([this](const auto& what) { carry_out(what); }, action);
  }

  void carry_out(const StartServer& what) {
    may_choose_port_ = false;
    start_server(what.port);
  }
  void carry_out(const StopServer&) {
    session_->post([](Session& session) { session.stop_server(); });
  }
  void carry_out(const LaunchClients& what) {
    const Process* server = find_process(model_.world, model_.world.server);
    if (server != nullptr && server->life != Life::kAlive)
      return tell(model_, "There is no server to connect to. Start it first: Server, Start.", true);
    if (!listening_) {  // it is starting: they come when it listens
      waiting_clients_ += what.count;
      return;
    }
    session_->post([count = what.count, behaviour = model_.settings.behaviour](Session& session) {
      for (int i = 0; i < count; ++i) session.launch_client(behaviour);
    });
  }
  void carry_out(const SendLine& what) {
    session_->post([what](Session& session) { session.clients().send_line(what.client, what.line); });
  }
  void carry_out(const HalfCloseClient& what) {
    session_->post([what](Session& session) { session.clients().half_close(what.client); });
  }
  void carry_out(const CloseClient& what) {
    session_->post([what](Session& session) { session.clients().close(what.client); });
  }
  void carry_out(const ResetClient& what) {
    session_->post([what](Session& session) { session.clients().reset(what.client); });
  }
  void carry_out(const SendSignal& what) {
    session_->post([what](Session& session) { session.send_signal(what.pid, what.signal); });
  }
  void carry_out(const Select& what) { select(model_, what.subject); }
  void carry_out(const SelectNext& what) { select_next(model_, what.by); }
  void carry_out(const ChooseBehaviour& what) { model_.settings.behaviour = what.behaviour; }
  void carry_out(const ToggleTheme&) { model_.settings.dark = !model_.settings.dark; }
  void carry_out(const ToggleMotion&) { model_.settings.reduced_motion = !model_.settings.reduced_motion; }
  void carry_out(const TogglePlumbing&) { model_.settings.show_plumbing = !model_.settings.show_plumbing; }
  void carry_out(const ToggleLog&) { model_.settings.log_open = !model_.settings.log_open; }
  void carry_out(const ToggleHelp&) { model_.help_open = !model_.help_open; }
  void carry_out(const ToggleFullScreen&) {
    window_->toggle_full_screen();
    full_screen_ = !full_screen_;
  }
  void carry_out(const ChangeScale& what) {
    constexpr float kStep = 1.1f;
    float& scale = model_.settings.scale;
    if (what.by == 0) {
      scale = 1;
      screen_->reset_zoom();
    } else {
      scale = std::clamp(what.by > 0 ? scale * kStep : scale / kStep, kSmallestScale, kLargestScale);
    }
  }
  void carry_out(const Leave&) {
    if (model_.help_open)
      model_.help_open = false;
    else if (model_.selected)
      select(model_, {});
    else if (full_screen_)
      carry_out(ToggleFullScreen{});
  }
  void carry_out(const Quit&) { quit_ = true; }
  void carry_out(const SaveWindow&) { capture_ = true; }

  void carry_out(const SavePicture&) {
    Narration caption;
    if (!model_.said.empty()) caption = model_.said.back().narration;
    const Scene slide = draw_slide({model_.world, caption, fmt::format("step {}", model_.world.step), slide_theme(),
                                    *fonts_, model_.settings.show_plumbing});
    save(fmt::format("step-{}", model_.world.step), ".png", paint_png(slide, slide_theme().paper, *fonts_, 2));
  }

  void carry_out(const SaveRecording&) {
    std::string text = line_of(RecordingHeader{});
    for (const Event& event : model_.events) text += line_of(event);
    save("run", ".jsonl", std::move(text));
  }

  // Under a name that is not taken, and says where.
  void save(const std::string& what, const std::string& ending, const Result<std::string>& bytes) {
    const std::string folder = pictures_folder();
    Result<void> saved = bytes ? make_folder(folder) : tl::make_unexpected(bytes.error());
    char now[32] = "";
    const std::time_t time = std::time(nullptr);
    std::tm local{};
    std::strftime(now, sizeof now, "%Y-%m-%d-%H%M%S", localtime_r(&time, &local));
    for (int i = 1; saved && i <= 100; ++i) {
      const std::string name =
          fmt::format("{}/{}-{}{}{}", folder, now, what, i == 1 ? "" : fmt::format("-{}", i), ending);
      if (auto written = write_new_file(name, *bytes, "can't save")) {
        spdlog::info("saved {}", name);
        return tell(model_, "Saved " + name);
      } else if (written.error().number != EEXIST) {
        saved = written;
      }
    }
    const std::string message = saved ? "can't find a free name in " + folder : saved.error().message();
    spdlog::error("{}", message);
    tell(model_, message, true);
  }

  // ---- frames ----

  void draw() {
    // No larger than the window has room for.
    const float most = std::max(kSmallestScale * window_->content_scale(), window_->size().width / kNarrowest);
    const Screen::Frame frame{window_->size(), std::min(window_->content_scale() * model_.settings.scale, most),
                              window_->pixels_per_unit(), window_->texture_of(screen_->glyphs()), GlWindow::clock()};
    if (screen_->prepare(model_, frame)) window_->renew_fonts();
    window_->begin_frame();
    const Actions wanted = screen_->draw(model_, frame);
    actions_.insert(actions_.end(), wanted.begin(), wanted.end());
    ImGui::Render();
    // Letters that were drawn for the first time in this frame.
    const std::uint32_t generation = generation_;
    generation_ = screen_->glyphs().generation();
    window_->texture_of(screen_->glyphs());
    window_->end_frame((model_.settings.dark ? dark_theme() : light_theme()).paper);
    if (generation != generation_) frames_due_ = kFramesPerWake;
    if (std::exchange(capture_, false)) {
      const GlWindow::Pixels pixels = window_->read_pixels();
      save("window", ".png", encode_png(pixels.rgbx, pixels.width, pixels.height));
      frames_due_ = kFramesPerWake;
    }
    window_->show();
    if (!std::exchange(has_shown_, true))
      spdlog::info("first frame after {} ms", (monotonic_now() - options_.started_at) / kMillisecond);
    if (frames_due_ > 0) --frames_due_;
  }

  void wait() {
    double seconds = kAtRest;
    if (!actions_.empty())
      seconds = 0;
    else if (!window_->is_visible())
      seconds = kAtRest;
    else if (screen_->is_moving() || frames_due_ > 0)
      seconds = kFrame;
    else if (ImGui::GetIO().WantTextInput || session_->now() < restless_until(model_))
      seconds = kRestless;
    if (!(model_.settings == saved_)) {
      if (GlWindow::clock() > next_save_) {
        save_settings();
        next_save_ = GlWindow::clock() + kSavePause;
      } else {
        seconds = std::min(seconds, kSavePause);
      }
    }
    window_->wait(seconds);
  }

  const WindowOptions& options_;
  std::unique_ptr<Fonts> fonts_;
  Model model_;
  Settings saved_;
  double next_save_ = 0;  // not before, on GlWindow::clock()
  std::string settings_file_;
  std::unique_ptr<GlWindow> window_;
  std::optional<Screen> screen_;
  Actions actions_;
  int frames_due_ = kFramesPerWake;
  std::uint32_t generation_ = 0;  // of the glyphs
  bool may_choose_port_ = false, full_screen_ = false, quit_ = false;
  bool has_shown_ = false;
  bool capture_ = false;  // the next frame is to be saved
  bool listening_ = false;
  int waiting_clients_ = 0;               // wanted before the server listened
  std::unique_ptr<LiveSession> session_;  // ends first: it wakes the window
};

}  // namespace

Result<void> run_window(const WindowOptions& options) { return Window(options).run(); }

}  // namespace forktable
