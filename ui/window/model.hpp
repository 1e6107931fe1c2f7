// What the window shows: what has happened, at which moment of it the user looks, and what the user chose.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/lesson/captions.hpp"
#include "core/live/live_session.hpp"
#include "core/recording/recording.hpp"
#include "core/world/diagnose.hpp"
#include "core/world/history.hpp"
#include "core/world/narrate.hpp"
#include "core/world/timeline.hpp"
#include "ui/picture/scene.hpp"
#include "ui/window/compare_state.hpp"
#include "ui/window/settings.hpp"

namespace forktable {

// One event, told.
struct Said {
  std::uint64_t step = 0;
  std::uint32_t connection = 0;  // whose colour it has; 0: none
  Narration narration;
};

struct Message {
  std::string text;
  bool trouble = false;
  Nanoseconds until = 0;
};

// What went between a client and the server.
struct Utterance {
  bool sent = false;  // by the client; else received
  std::string text;
};

// A lesson that is being given.
struct LessonInHand {
  Lesson lesson;
  bool busy = false;         // its next step is under way
  bool over = false;         // its last step has been taken
  bool costs_shown = false;  // it was the last one's to measure what each server costs, and that was begun
  std::string trouble;       // why it can't go on; empty: it can
  bool goes_on() const { return !over && trouble.empty(); }
};

// A recording that is shown in place of a server. Nothing happens in it any more.
struct Replayed {
  std::string path;
  RecordingHeader header;
  Script script;        // its own
  Listing listing;      // that is shown: its own, or of one that has none, this Forktable's, and its name says so
  std::string trouble;  // why it can't be shown; empty: it can
  std::shared_ptr<const CostTable> costs = {};  // that its lesson has measured; none: it hasn't
};

// A recording that is being read.
struct Progress {
  std::string path;
  double part = 0;  // that has been read, 0 to 1
  std::uint64_t events = 0;
};

// The panel of exports.
struct ExportState {
  bool open = false;
  std::uint64_t first = 1, last = 1;  // the range that is offered
  std::optional<double> part;         // of the one that is under way
};

struct Model {
  std::uint32_t run = 0;  // what is shown beside the model is kept for one run: another number, another run
  std::optional<Replayed> replayed;
  std::optional<Progress> loading;
  History history;
  Timeline timeline;  // of the same events
  History beside;     // of the server beside that of a lesson; its times count from where those of `history` do
  std::optional<std::uint64_t>
      focus;  // the event that the user looks at; none: the latest, whatever comes. In a replay there is always one
  std::deque<Said> said;  // the latest, the oldest first
  Nanoseconds began = 0;  // CLOCK_MONOTONIC, of a live run: its times count from there
  Nanoseconds now = 0;
  Nanoseconds last_news = 0;
  std::uint64_t timeline_first = 0;  // the step at its left end
  float timeline_zoom = 0;           // units for a place; 0: all of it
  int timeline_wish = 0;             // by so many steps it is to be larger, or smaller
  bool playing = false;              // Run takes the steps, at the speed that was chosen

  std::vector<Lesson> lessons;               // that there are
  std::vector<Lesson> lecture;               // those that are given, one after the other
  std::optional<std::size_t> lecture_place;  // the one of them that was given last
  std::optional<LessonInHand> in_hand;
  std::size_t chosen_lesson = 0;  // in the list, while it is open

  Settings settings;
  Subject selected;
  std::vector<Utterance> transcript;  // of the selected client, the latest
  ExportState exporting;
  CompareState comparing;
  bool help_open = false, lessons_open = false, wild_open = false;
  bool next_lesson_open = false;  // which lesson comes next
  bool blackboard = false, black = false;
  std::string open_menu;      // asked for by a key: the menu that opens in the next frame
  bool listing_over = false;  // all of it: in a narrow window over the picture, in a wide one in a lesson
  std::vector<Message> messages;

  // As it is now, and as it was where the user looks. The latter is good until the next call.
  const World& live() const { return history.latest(); }
  // Which of the servers runs, or ran.
  ServerKind server() const;
  const World& world() const;
  // A lesson with a server beside its own is given, and something is known of that.
  bool has_beside() const { return in_hand && in_hand->lesson.beside && beside.size() > 0; }
  // That server at the moment of `world()`, or of an event of its own; null: there is none.
  const World* world_beside() const;
  const World* world_beside(std::uint64_t step) const;
  const Listing& listing() const;
  // The time that `world()` is shown at.
  Nanoseconds shown_now() const;
};

// With many clients, reads and writes are left out of the story; they would bury the rest.
bool narrates_io(const World& world);

// Takes in what has happened.
void take(Model& model, std::span<const Event> events);
// The same, at the server beside that of a lesson. Its launch begins it anew.
void take_beside(Model& model, std::span<const Event> events);

// ---- where the user looks ----

// The step that is looked at, of all those that are told of.
std::uint64_t told_step(const Model& model);
// The event whose picture is shown, a lesson's stop too.
std::uint64_t shown_step(const Model& model);
// To an event, or what is told next to it.
void go_to(Model& model, std::uint64_t step);
// The same; but the latest thing that is told is now: what happens next is shown when it does.
void go_to_told(Model& model, std::uint64_t step);
void go_to_end(Model& model);
// To the first thing that is told: in a lesson, its first step or question.
void go_to_first(Model& model);
// To the next or the previous one (`by` is 1 or -1): of a lesson's steps and questions while one is given, else of
// all that is told. False, at the end: what comes next hasn't happened yet.
bool go_by(Model& model, int by);
// The same, of all that is told, in a lesson too.
bool go_by_told(Model& model, int by);
// Nothing that is told of comes after what is looked at.
bool is_at_end(const Model& model);
// Looks at the moment that `leader`, another live run, is looked at: at now, or at the latest that was told by then.
void go_to_moment_of(Model& model, const Model& leader);
// Run goes on: step after step is shown.
bool is_running(const Model& model);
// What is said of the step that is looked at.
Said said_of(const Model& model, std::uint64_t step);
// The sentences up to the step that is looked at.
std::vector<Said> said_until(const Model& model, std::uint64_t step, std::size_t most);
// The step of the lesson that is looked at is the latest thing of the lesson that has happened by then.
LessonPlace lesson_place(const Model& model);
// The lesson that the lecture goes on with; null: it hasn't begun, its last lesson has been given, or this is a
// recording.
const Lesson* next_lesson(const Model& model);
// At the end of a lesson that none comes after: what can be done.
std::string words_at_the_last(const Model& model);
// It begins: which of the lecture's lessons it is. One that is none of them leaves the lecture where it was.
void take_place_in_lecture(Model& model, const Lesson& lesson);
// "lesson 5, The child keeps listenfd".
std::string mention_of(const Lesson& lesson);
// What is wrong in `world()`, as far as it is shown: in a lesson, not before it reveals it.
std::vector<Diagnosis> shown_diagnoses(const Model& model);
// What has happened is a matter of the lesson's step, and not of an event in between.
bool looks_at_lesson(const Model& model);

// The process that Step lets go on: the one that has waited longest at its gate, those that are held excepted.
const Process* next_to_step(const World& live);

// ---- what is selected ----

void select(Model& model, Subject subject);
// The next client, or process, that is there, by id; `by` is 1 or -1.
void select_next(Model& model, int by);
void select_next_process(Model& model, int by);

// A line at the lower edge, for some seconds.
void tell(Model& model, std::string text, bool trouble = false);
void drop_old_messages(Model& model);  // whose seconds are over

// Nothing moves by itself after this time: nothing fades, no message goes.
Nanoseconds restless_until(const Model& model);

}  // namespace forktable
