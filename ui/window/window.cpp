#include "ui/window/window.hpp"

#include <fmt/format.h>
#include <imgui.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>

#include "core/lesson/library.hpp"
#include "core/system/clock.hpp"
#include "ui/picture/cairo_painter.hpp"
#include "ui/window/clipboard.hpp"
#include "ui/window/comparing.hpp"
#include "ui/window/exporting.hpp"
#include "ui/window/gl_window.hpp"
#include "ui/window/keys.hpp"
#include "ui/window/lesson_rules.hpp"
#include "ui/window/live_runs.hpp"
#include "ui/window/log.hpp"
#include "ui/window/quit_signals.hpp"
#include "ui/window/replay.hpp"
#include "ui/window/saving.hpp"
#include "ui/window/screen.hpp"
#include "ui/window/screen_sayer.hpp"
#include "ui/window/settings_file.hpp"
#include "ui/window/view_changes.hpp"

namespace forktable {
namespace {

constexpr double kFrame = 1.0 / 60, kRestless = 0.25, kAtRest = 3600;  // seconds between frames
constexpr float kNarrowest = 620;    // width in which all that can be clicked has room, at normal size
constexpr float kWideEnough = 1240;  // for a column beside the picture, at normal size
constexpr int kFramesPerWake = 3;    // ImGui needs a few to come to rest

class Window {
 public:
  explicit Window(const WindowOptions& options) : options_(options) {}

  Result<void> run() {
    auto fonts = Fonts::load();
    if (!fonts) return tl::make_unexpected(fonts.error());
    fonts_ = std::move(*fonts);
    if (!fonts_->missing().empty()) spdlog::warn("not installed: {}; other fonts are used instead", fonts_->missing());
    runs_.first().model.settings = settings_file_.load();
    if (auto opened = open(); !opened) return opened;
    screen_.emplace(*fonts_);
    quit_signals_.emplace(GlWindow::wake);
    if (!options_.recording.empty())
      replay_.begin_with(options_.recording);
    else if (auto started = start_session(); !started)
      return started;
    name_window();

    while (!window_->wants_to_close() && !quit_signals_->came() && !quit_) {
      take_news();
      look_at_replay();
      if (exporting_.work(model())) frames_due_ = kFramesPerWake;
      if (comparing_.work(model())) frames_due_ = kFramesPerWake;
      act();
      play();
      if (window_->is_visible()) draw();
      wait();
    }
    note_placement();
    settings_file_.save(model().settings);
    return {};
  }

 private:
  // ---- beginning and end ----

  Result<void> start_session() {
    if (auto started = runs_.start(options_.server, options_.port); !started) return started;
    load_lessons();
    Model& model = runs_.first().model;
    model.lecture = options_.lecture.empty() ? model.lessons : options_.lecture;
    runs_.first().control().begin(options_.lecture.empty() ? options_.lesson : options_.lecture.front());
    if (options_.beside) carry_out(PutBeside{*options_.beside});
    return {};
  }

  void load_lessons() {
    if (auto lessons = read_lessons()) {
      runs_.first().model.lessons = std::move(*lessons);
    } else {
      spdlog::warn("{}", lessons.error().message());
      tell(runs_.first().model, lessons.error().message(), true);
    }
  }

  void note_placement() {
    model().settings.maximized = window_->is_maximized();
    if (model().settings.maximized || full_screen_) return;
    const Size size = window_->size();
    model().settings.width = static_cast<int>(size.width);
    model().settings.height = static_cast<int>(size.height);
  }

  Result<void> open() {
    GlWindow::Request request;
    request.width = model().settings.width;
    request.height = model().settings.height;
    request.maximized = model().settings.maximized;
    request.heard.on_key = [this](int key, int modifiers) {
      if (auto action = action_for_key(key, modifiers)) actions_.push_back(*action);
    };
    request.heard.on_character = [this](unsigned character) {
      if (auto action = action_for_character(character)) actions_.push_back(*action);
    };
    request.on_drop = [this](const std::string& path) { actions_.push_back(OpenRecording{path}); };
    request.on_change = [this] { frames_due_ = kFramesPerWake; };
    auto window = GlWindow::open(std::move(request));
    if (!window) return tl::make_unexpected(window.error());
    window_ = std::move(*window);
    return {};
  }

  // ---- the runs ----

  void take_news() {
    const LiveRun::News news = runs_.take_news();
    if (news.any) frames_due_ = kFramesPerWake;
    if (news.began_anew) screen_->start_over();
  }

  void carry_out(const PutBeside& what) {
    if (model().in_hand) return tell(model(), "A lesson has the window for itself. Esc leaves it.");
    if (auto put = runs_.put_beside(with_server(options_.server, what.server)); !put)
      return tell(model(), put.error().message(), true);
    screen_->start_over();
  }
  void carry_out(const PutAlone&) {
    runs_.put_alone();
    screen_->start_over();
  }
  void carry_out(const TurnToOther&) {
    if (runs_.beside() == nullptr)
      return tell(model(), "There is one server. F2, “Beside it”, puts another one beside it.");
    runs_.turn_to_other();
  }

  // ---- what is shown ----

  bool shows_recording() const { return replay_.stepper() != nullptr; }
  Model& model() { return shows_recording() ? replay_.model() : runs_.active().model; }
  Stepper& stepper() { return shows_recording() ? *replay_.stepper() : runs_.active().stepper(); }

  void look_at_replay() {
    if (model().loading) frames_due_ = kFramesPerWake;
    if (replay_.work()) show_another_run();
    if (!model().replayed) return;
    model().now = monotonic_now();
    drop_old_messages(model());
  }

  void show_another_run() {
    screen_->start_over();
    name_window();
    frames_due_ = kFramesPerWake;
  }

  void name_window() {
    const std::optional<Replayed>& replayed = model().replayed;
    window_->set_title(replayed ? file_name_of(replayed->path) + " - Forktable" : "Forktable");
  }

  void carry_out(const OpenRecording& what) { replay_.open(what.path); }

  // ---- what the user asked for ----

  void act() {
    for (const Action& wanted : std::exchange(actions_, {})) {
      const Action action = meant_by(wanted, model());
      model().open_menu.clear();
      // On a black screen, every key but that for black brings the picture back, and does nothing else.
      const bool asked_for = !std::holds_alternative<ViewTimeline>(action);  // that one follows what happens by itself
      if (model().black && asked_for && !std::holds_alternative<ToggleBlack>(action))
        model().black = false;
      else if (model().replayed && needs_server(action))
        tell(model(), runs_.are_started()
                          ? "This is a recording: nothing in it can be changed. Esc goes back to the live server."
                          : "This is a recording: nothing in it can be changed. `forktable` runs a live server.");
      else if (model().in_hand && model().in_hand->goes_on() && disturbs(action))
        tell(model(), "A lesson has its own clients and steps: Page Down goes on. Esc leaves it.");
      else
        std::visit([this](const auto& what) { hand_over(what); }, action);
      if (LiveRun* other = runs_.other()) other->model.settings = model().settings;
      frames_due_ = kFramesPerWake;
    }
  }

  // To who carries it out.
  template <class T>
  void hand_over(const T& what) {
    if constexpr (std::is_same_v<T, StartLesson> || std::is_same_v<T, StartChosenLesson>)
      if (runs_.beside() != nullptr) carry_out(PutAlone{});
    if constexpr (MovesTime<T>) {
      if (shows_recording())
        replay_.stepper()->carry_out(what);
      else
        runs_.carry_out(what);
    } else if constexpr (DoesToServer<T>) {
      runs_.carry_out(what);
    } else if constexpr (ChangesView<T>) {
      change_view(model(), what);
    } else {
      carry_out(what);
    }
  }

  void play() {
    const double clock = GlWindow::clock();
    if (shows_recording() ? replay_.stepper()->play(clock) : runs_.play(clock)) frames_due_ = kFramesPerWake;
  }

  // ---- in the lecture hall ----

  void carry_out(const Present&) {
    model().blackboard = true;
    if (!full_screen_) carry_out(ToggleFullScreen{});
  }
  void carry_out(const ToggleListing&) {
    bool& open = model().settings.listing_open;
    bool& whole = model().listing_over;
    const bool enlarged = model().in_hand && shown_scale_ > window_->content_scale();  // which leaves no column
    if (enlarged || window_->size().width < kWideEnough * shown_scale_) {
      whole = !whole;
    } else if (!model().in_hand || most_lines(model().in_hand->lesson) == 0) {
      open = !open;
    } else {  // the lines that matter, then all of them, then none
      const bool folded = open && !whole;
      open = folded || !open;
      whole = folded;
    }
  }

  // ---- the window itself ----

  void carry_out(const ToggleFullScreen&) {
    window_->toggle_full_screen();
    full_screen_ = !full_screen_;
  }
  void carry_out(const ChangeScale& what) {
    constexpr float kStep = 1.1f, kLittle = 1.005f;
    float& scale = model().settings.scale;
    if (what.by == 0) {
      scale = 1;
      screen_->reset_zoom();
    } else {
      // From what is seen: there may have been no room for all that was asked for.
      const float seen = shown_scale_ > 0 ? std::min(scale, shown_scale_ / window_->content_scale()) : scale;
      if (what.by > 0 && scale > seen * kLittle) return tell(model(), "There is no room for larger type.");
      scale = std::clamp(what.by > 0 ? seen * kStep : seen / kStep, kSmallestScale, kLargestScale);
    }
  }
  // The innermost thing first.
  void carry_out(const Leave&) {
    if (exporting_.cancel()) {
      tell(model(), "The export is given up.");
    } else if (model().exporting.open) {
      model().exporting.open = false;
    } else if (comparing_.cancel()) {
      tell(model(), "The measurement is given up.");
    } else if (model().comparing.open) {
      model().comparing.open = false;
    } else if (replay_.cancel()) {
      if (model().replayed && model().history.size() == 0) model().replayed->trouble = "It was not read to its end.";
    } else if (close_innermost(model())) {
      return;  // one of those that cover the picture, or what is selected in it
    } else if (model().blackboard) {
      model().blackboard = false;
      if (full_screen_) carry_out(ToggleFullScreen{});
    } else if (full_screen_) {
      carry_out(ToggleFullScreen{});
    } else if (replay_.leave()) {
      show_another_run();
    } else if (model().replayed) {
      // There is nothing to go back to.
    } else if (model().in_hand) {
      runs_.active().control().ask_to_leave_lesson();
    } else {
      hand_over(LastStep{});
    }
  }
  void carry_out(const Quit&) { quit_ = true; }
  void carry_out(const SaveWindow&) { capture_ = true; }

  void carry_out(const StartExport&) { exporting_.begin(model()); }
  void carry_out(const CancelExport&) { exporting_.cancel(); }
  void carry_out(const MeasureForLesson&) {
    model().in_hand->costs_shown = true;
    change_view(model(), ToggleCompare{});
    if (!model().comparing.table) comparing_.begin(model());
  }
  void carry_out(const StartCompare&) { comparing_.begin(model()); }
  void carry_out(const CancelCompare&) { comparing_.cancel(); }
  void carry_out(const SaveChart& what) {
    save("costs", std::string(ending_of(what.format)), chart_of(model(), what.format, *fonts_));
  }
  void carry_out(const CopyPicture&) {
    const auto png = slide_of(model(), *fonts_);
    const Result<void> copied = png ? copy_picture(*png) : tl::make_unexpected(png.error());
    tell(model(), copied ? "Copied. Paste it into your slides." : copied.error().message(), !copied);
  }
  void carry_out(const SavePicture&) {
    const bool one_of_two = !shows_recording() && runs_.other() != nullptr;
    save(
        fmt::format("step-{}", shown_step(model())), ".png", slide_of(model(), *fonts_),
        one_of_two ? fmt::format(", the picture of the {} server; Shift+S saves both", name_of(model().server())) : "");
  }
  void carry_out(const SaveRecording&) { save("run", ".forktable", recording_of(model())); }
  void save(const std::string& what, const std::string& ending, const Result<std::string>& bytes,
            const std::string& remark = "") {
    const auto saved = save_new(what, ending, bytes);
    if (!saved) {
      spdlog::error("{}", saved.error().message());
      return tell(model(), saved.error().message(), true);
    }
    spdlog::info("saved {}", *saved);
    tell(model(), "Saved " + *saved + remark);
  }

  // ---- frames ----

  void draw() {
    // No larger than the window has room for.
    const float most = std::max(kSmallestScale * window_->content_scale(), window_->size().width / kNarrowest);
    shown_scale_ = std::min(window_->content_scale() * model().settings.scale, most);
    Screen::Frame frame{window_->size(),
                        shown_scale_,
                        window_->pixels_per_unit(),
                        window_->texture_of(screen_->glyphs()),
                        GlWindow::clock(),
                        std::min(window_->content_scale(), most)};
    frame.scale = shown_scale_ = screen_->fitting_scale(model(), frame);
    if (screen_->prepare(model(), frame)) window_->renew_fonts();
    window_->begin_frame();
    const LiveRun* beside = shows_recording() ? nullptr : runs_.beside();
    const Actions wanted = beside != nullptr
                               ? screen_->draw_two(runs_.first().model, beside->model, runs_.beside_is_active(), frame)
                               : screen_->draw(model(), frame);
    actions_.insert(actions_.end(), wanted.begin(), wanted.end());
    ImGui::Render();
    model().open_menu.clear();
    // Letters that were drawn for the first time in this frame.
    const std::uint32_t generation = generation_;
    generation_ = screen_->glyphs().generation();
    window_->texture_of(screen_->glyphs());
    window_->end_frame((model().settings.dark ? dark_theme() : light_theme()).paper, screen_->awaits_field());
    if (generation != generation_) frames_due_ = kFramesPerWake;
    if (std::exchange(capture_, false)) {
      const GlWindow::Pixels pixels = window_->read_pixels();
      save("window", ".png", encode_png(pixels.rgbx, pixels.width, pixels.height));
      frames_due_ = kFramesPerWake;
    }
    window_->show();
    if (sayer_ && generation == generation_)
      sayer_->say(*ImGui::GetDrawData(), screen_->glyphs(), frame.texture, window_->answered());
    if (!std::exchange(has_shown_, true))
      spdlog::info("first frame after {} ms", (monotonic_now() - options_.started_at) / kMillisecond);
    if (frames_due_ > 0) --frames_due_;
  }

  void wait() {
    const auto is_restless = [](const Model& one) { return one.now < restless_until(one); };
    const LiveRun* other = runs_.other();
    double seconds = kAtRest;
    if (!actions_.empty())
      seconds = 0;
    else if (window_->is_visible() && (screen_->is_moving() || frames_due_ > 0))
      seconds = kFrame;
    else if (window_->is_visible() &&
             (ImGui::GetIO().WantTextInput || is_restless(model()) || (other != nullptr && is_restless(other->model))))
      seconds = kRestless;
    if (model().playing) seconds = std::min(seconds, std::max(0.001, stepper().next_play() - GlWindow::clock()));
    note_placement();
    if (const double soon = settings_file_.save_in_time(model().settings, GlWindow::clock()); soon > 0)
      seconds = std::min(seconds, soon);
    window_->wait(seconds);
  }

  const WindowOptions& options_;
  std::unique_ptr<Fonts> fonts_;
  SettingsFile settings_file_;
  std::unique_ptr<GlWindow> window_;
  Exporting exporting_{GlWindow::wake};
  Comparing comparing_{GlWindow::wake};
  std::optional<QuitSignals> quit_signals_;
  std::optional<Screen> screen_;
  std::optional<ScreenSayer> sayer_ = ScreenSayer::if_asked();
  Actions actions_;
  int frames_due_ = kFramesPerWake;
  std::uint32_t generation_ = 0;  // of the glyphs
  bool full_screen_ = false, quit_ = false;
  bool has_shown_ = false;
  bool capture_ = false;  // the next frame is to be saved
  float shown_scale_ = 1;
  // They end first: they wake the window.
  LiveRuns runs_{GlWindow::wake};
  Replay replay_{runs_.first().model, GlWindow::wake};
};

}  // namespace

Result<void> run_window(const WindowOptions& options) { return Window(options).run(); }

}  // namespace forktable
