// The cards of the picture: a process with its descriptor table, an open file with its reference count, a
// client with what it said.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "ui/picture/canvas.hpp"
#include "ui/picture/parties.hpp"
#include "ui/picture/picture.hpp"

namespace forktable {

// Where an arrow to an open file begins: the dot of a descriptor.
struct Dot {
  FileId file;
  Point at;
  Color color;
  float width = 2.2f;
  Key key = 0;  // of the descriptor
  Dash dash = Dash::kSolid;
};

// How high the lines of cards are; in a lesson they are close, and their type is large for them.
struct LineHeights {
  float title = 37, header = 62, foot = 6;       // of a process: above its calls, above its threads, below all
  float returned = 26, state = 23;               // its calls
  float row = 24, pitch = 27, words = 18;        // of a descriptor table; where the words of a row stand in it
  float flat_top = 9;                            // above the table, where that stands beside the calls
  float thread = 44, thread_pitch = 48;          // a row of a thread
  float thread_doing = 35, thread_heading = 21;  // in it, what it does; above threads and above their table
  float file = 19, client = 18;                  // of an open file, and of a client
  float disc = 40, refcnt = 82;                  // the middle of a reference count, and the word below it
  float client_header = 62, client_state = 49, client_socket = 23;
  float shared = 20;
};
inline constexpr LineHeights kLessonLines{.title = 35,
                                          .header = 62,
                                          .foot = 4,
                                          .returned = 25,
                                          .state = 22,
                                          .row = 22,
                                          .pitch = 24,
                                          .words = 16,
                                          .flat_top = 8,
                                          .thread = 50,
                                          .thread_pitch = 54,
                                          .thread_doing = 39,
                                          .thread_heading = 27,
                                          .file = 22,
                                          .client = 21,
                                          .disc = 36,
                                          .refcnt = 78,
                                          .client_header = 58,
                                          .client_state = 47,
                                          .client_socket = 26,
                                          .shared = 22};

// "0.4 ms", "3 ms", "2.4 s"
std::string brief_time(Nanoseconds time);

class Cards {
 public:
  Cards(Canvas& canvas, const PictureRequest& request);

  // A process's calls stand beside its descriptor table, and not above it.
  void flatten(bool flat) { flat_ = flat; }
  // Where there are no arrows, a descriptor says to which open file it refers.
  void name_targets() { names_targets_ = true; }

  // How high a card has to be.
  float height(const Process& process) const;
  float height(const OpenFile& file) const;
  float height(const Client& client) const;
  // The same, of one with so many descriptors, and so many lines of other things.
  float process_height(std::size_t rows, std::size_t notes = 0) const;
  // Of one with so many threads beside its first one.
  float height_with_threads(std::size_t threads, std::size_t rows) const;

  void draw(const Process& process, Rect rect, std::vector<Dot>& dots);
  void draw(const OpenFile& file, std::uint32_t references, Rect rect);
  // One to which nothing refers any more: hollow, with 0.
  void draw_gone(const OpenFile& file, Rect rect);
  void draw(const Client& client, Rect rect);
  // The shared segment and its semaphore: side by side, or, where that is too narrow, one below the other.
  float shared_height(float width) const;
  void draw_shared_memory(Rect rect);
  Rect place_of_segment(Rect shared) const;  // in what both have

  Color color_of(const Process& process) const;
  Color color_of(const OpenFile& file) const;
  Color color_of(const Client& client) const;

  // "2", as large as the circle allows.
  void reference_count(Point center, float radius, std::uint32_t references, Color color);
  // The border of a card, thicker when it is selected, with a bar at its left end.
  void frame(Rect rect, Color color, bool bar, bool selected, Dash dash = Dash::kSolid);
  // "fork: 1 → 2" for a moment after it happened, else who holds it.
  std::string holders(const OpenFile& file) const;
  // "kept by thread 3's read", "kept by thread 3"; empty: descriptors are all that refers to it.
  std::string kept_by(const OpenFile& file, bool brief) const;
  // Who holds a descriptor: "parent", "child 1", "server".
  static std::string holder(const Process& process);
  // What a client said and what came back, in one line: from the longest wording to the shortest.
  static std::array<std::string, 3> said_in_one_line(const Client& client);
  // "watches 3 descriptors": what a FIFO or an epoll instance is there for.
  std::string purpose(const OpenFile& helper) const;
  // "served 2"; empty: nobody has counted yet.
  std::string counter(const Process& process) const;
  static std::string loaded(const Process& process);  // "n = 4"
  // "3 stores, value 2: an update is lost"; empty: none is.
  std::string lost_update() const;
  std::string semaphore_holder() const;  // "held by child 1"
  std::string segment_users() const;     // "attached by 3, kernel: 3"
  bool just_changed(const OpenFile& file) const;
  // It happened in the step that is shown; without a lesson, a moment ago.
  bool is_recent(Nanoseconds at) const;
  // Of the listening socket's card, in a lesson.
  static constexpr float kListeningHeight = 86, kListeningWithQueueHeight = 102;
  // In a lesson, only what it is about is shown.
  bool in_lesson() const { return static_cast<bool>(request_.stage); }
  bool shows(Topic topic) const { return !in_lesson() || request_.stage.show.has(topic); }
  // Of the listening socket, where a client waits for accept: the middle of its slot's right edge.
  static Point queue_slot(Rect card, std::size_t place);
  // How many wait for accept, in words and as a bar, from `at`, the left end of the words' baseline.
  void backlog(const OpenFile& listening, Point at, float widest, float size);
  // The same as slots, in a lesson.
  void queue(Rect card);
  // "SIGCHLD pending"; empty: no signal is.
  std::string pending(const Process& process) const;
  // In what the kernel disagrees about it, for a card with one line; empty: in nothing.
  std::string disagreement(const Process& process) const;
  // How many it has in the kernel: without those that are none there, with those that nobody has reported.
  std::uint32_t references_in_kernel(const OpenFile& file, std::uint32_t references) const;
  std::string disagreement(const OpenFile& file) const;
  std::string disagreement(const Client& client) const;

  // A button to let a process that waits at its gate go on; `at` is the middle of its right end. Returns its width,
  // 0 if there is none.
  float step_button(const Process& process, Point at);
  // "waiting for end of file… 4.1 s"
  void state(const Client& client, Point at, float size, float widest);

  // Of a small line that says a disagreement, or, if that is empty, what it usually says.
  TextStyle line_style(const std::string& disagreement) const;

  bool leaks(const OpenFile& file) const;
  bool is_selected(Subject subject) const { return request_.selected == subject; }
  // An open file is selected with a descriptor that refers to it.
  bool is_selected(const OpenFile& file) const;

 private:
  // A row of a descriptor table: open, or closed, or one that nobody told of and the kernel has.
  struct TableRow {
    int fd = -1;
    const Descriptor* open = nullptr;
    const ClosedDescriptor* closed = nullptr;
    const Difference* difference = nullptr;
  };
  std::vector<TableRow> rows_of(const Process& process) const;
  float table_height(std::size_t rows) const;
  void draw_table(const Process& process, Rect place, std::vector<Dot>& dots);
  std::string in_use(const Process& process) const;
  // The middle of the row of the descriptor that it is blocked in a call on, below the table's top; nothing: there is
  // none.
  std::optional<float> place_of_waited(const Process& process) const;
  // How high the parts of a process's card are, and, from the card's top, where they begin.
  struct ProcessParts {
    bool flat = false;      // the calls stand beside the table
    bool threaded = false;  // the calls are told for each thread
    float calls = 0, notes = 0, threads = 0, table = 0;
    LineHeights lines = {};
    float notes_top() const;
    float threads_top() const;
    float table_top() const;
    float height() const;
  };
  bool is_flat(const Process& process) const;
  ProcessParts parts_of(const Process& process) const;
  // A line of its own: "runs cat"; or, in a flat card, whose rows have no room for it, "3: close-on-exec". Or none.
  std::string exec_words(const Process& process) const;
  bool draw_title(const Process& process, Rect words);
  // The threads of a process: rows in full for the first few, and the rest as cells in one strip.
  struct Threads {
    std::vector<const Process*> rows, cells;
    bool shown = false;  // the server has threads, or would have
  };
  Threads threads_in(const Process& process) const;
  float threads_height(const Process& process) const;
  float threads_height(std::size_t rows, bool cells) const;
  void draw_threads(const Process& process, Rect place, std::vector<Dot>& dots);
  void draw_thread(const Process& process, const Process& thread, Rect place, std::vector<Dot>& dots);
  // Returns how much room it takes.
  float keep_dot(const Process& thread, Point middle, std::vector<Dot>& dots);
  bool passes_address(const Process& process) const;
  void draw_variable(const Process& process, Rect box);
  void point_to_variable(const Process& thread, Rect row, Rect box);
  void draw_thread_cells(const std::vector<const Process*>& cells, Rect place);
  // Of a row of a descriptor table, ending at `right`: which threads use it, or whether it is watched and ready.
  void draw_use(const Process& process, const Descriptor& descriptor, const OpenFile& file, Point right, float widest);
  float cell_width(const Process& process) const;
  // The cell with how many it has served, and what it has loaded of a shared one, ending at `right`.
  float counter_width(const Process& process) const;
  void draw_counter(const Process& process, Point right);

  bool stacks_shared(float width) const;
  float notes_height(const Process& process) const;  // of what stands above the table, or below it in a flat card
  void draw_notes(const Process& process, Rect place);
  bool shows_pending(const Process& process) const;
  // In a flat card's title there is no room for the counter and the pid, `width` wide.
  bool crowds_title(const Process& process, float width) const;
  bool shows_errno(const Process& process) const;
  void draw_sigchld(const Process& process, Rect place);
  // SIGCHLD was sent to it, and as it has no handler for it, nothing comes of that.
  bool shows_ignored_sigchld(const Process& process) const;
  bool shows_mask(const Process& process) const;
  void draw_mask(const Process& process, Rect place);
  bool shows_jobs(const Process& process) const;
  void draw_jobs(const Process& process, Rect place);
  // What it did last, and what it does now.
  float calls_height(const Process& process) const;
  void draw_returned(const Process& process, Rect place);
  static std::string brief_call(std::string returned);  // "accept = -1 EMFILE", without the descriptor
  // `waited`: the left end of the row of the descriptor that it is blocked on; none: there is no such row.
  void draw_calls(const Process& process, Rect place, std::optional<Point> waited);
  void draw_remains(const Process& process, Rect place);  // of one that has ended
  static bool was_sent_signal_dead(const Process& process);
  void draw_row(const Process& process, const TableRow& row, Rect place, std::vector<Dot>& dots);
  void closed_row(const Process& process, const ClosedDescriptor& closed, Rect place, std::vector<Dot>& dots);
  void open_row(const Process& process, const TableRow& row, Rect place, std::vector<Dot>& dots);
  void unreported_row(const TableRow& row, Rect place);
  // "connection 1 — kernel: closed"
  static std::string brief_words_of(const Difference& difference);
  static constexpr float kNote = 27;  // a line of what else is said of a process
  // What both say, in two lines, outlined in the colour of alarm; of this height.
  static constexpr float kDifferenceHeight = 42;
  void draw_difference(const Difference& difference, Point at, float width, std::uint64_t index);

  // A line of text in the lower part of an open file's card.
  struct CardLine {
    std::string text;
    Face face = Face::kRegular;
    float size = 13;
    Color color;
    std::string brief = {};  // the same where there is no room for that
  };
  std::vector<CardLine> lines_of(const OpenFile& file) const;
  std::vector<CardLine> lines_of(const Client& client) const;
  bool says_still(const Client& client) const;
  // How long it has waited for its echo, or had to: a clock and a figure that end at `right`, the right end of a
  // baseline. Returns its width, 0 if there is none.
  float draw_wait(const Client& client, Point right);
  void draw_in_lesson(const OpenFile& file, Rect rect, float widest);
  bool shows_state(const OpenFile& file) const;
  bool shows_state(const Client& client) const;
  const Difference* difference_of(const OpenFile& file) const;
  const Difference* difference_of(const Client& client) const;

  Canvas& canvas_;
  const PictureRequest& request_;
  const World& world_;
  const Theme& theme_;
  const LineHeights& lines_;
  bool flat_ = false, names_targets_ = false;
  std::uint64_t latest_act_ = 0;  // step of the latest thing that a process did
  std::vector<FileId> leaked_;    // by id
};

inline Subject subject_of(const Process& process, const Descriptor& descriptor) {
  return {Subject::kDescriptor, process.id.value, static_cast<std::uint32_t>(descriptor.fd)};
}
inline Subject subject_of(const Process& process) { return {Subject::kProcess, process.id.value}; }
inline Subject subject_of(const OpenFile& file) { return {Subject::kFile, file.id.value}; }
inline Subject subject_of(const Client& client) { return {Subject::kClient, client.id.value}; }

}  // namespace forktable
