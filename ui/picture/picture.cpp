#include "ui/picture/picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"
#include "ui/picture/crowd.hpp"
#include "ui/picture/diagnoses.hpp"
#include "ui/picture/kernel_mark.hpp"
#include "ui/picture/sockets.hpp"

namespace forktable {
namespace {

constexpr float kTop = 44;  // of the first row; the headings are above it
constexpr float kGap = 16;  // between rows
constexpr float kBottom = 12;
constexpr float kRightMargin = 16;
constexpr float kLaunchHeight = 50;
constexpr float kAbsentHeight = 30;
constexpr float kSharedHeading = 24;
// In a lesson, of a client's row: what a connection and a client need, and what the states of their sockets do.
constexpr float kSlot = 90, kSlotWithTcp = 114, kListeningWithQueue = 112;
constexpr float kNarrowest = 940;  // the three columns with their texts, at scale 1
constexpr std::size_t kMostRows = 7;
constexpr float kStep = 0.94f;          // between the scales that are tried
constexpr float kSmallestStage = 0.4f;  // scale: a lesson's rows are never grouped
constexpr std::size_t kMostHigh = 2;    // clients, with which there is room for high cards

// In a lesson, what is wrong: one in full, the others by their names.
float room_for_warnings(const Stage& stage) { return stage.warnings == 0 ? 0 : stage.warnings == 1 ? 84.f : 112.f; }

struct Columns {
  float processes, processes_width, files, files_width, clients, clients_width;
};

// In a lesson, cards are as wide as there is room for.
Columns columns(float width, bool lesson) {
  const float left = 26, right = kRightMargin;
  const float room = width - left - right;
  Columns all{};
  if (lesson) {
    all.processes = left;
    all.processes_width = room * 0.39f;
    all.files_width = room * 0.27f;
    all.clients_width = room * 0.20f;
    all.files = left + room * 0.47f;
    all.clients = width - right - all.clients_width;
    return all;
  }
  all.processes = left;
  all.processes_width = std::min(room * 0.36f, 430.f);
  all.files_width = std::min(room * 0.27f, 330.f);
  all.clients_width = std::min(room * 0.22f, 270.f);
  const float gaps = room - all.processes_width - all.files_width - all.clients_width;
  all.files = all.processes + all.processes_width + gaps * 0.6f;
  all.clients = width - right - all.clients_width;
  return all;
}

// All cards in full: a row for the server and one for each party.
class Rows {
 public:
  Rows(Canvas& canvas, const PictureRequest& request, const Cast& cast, Absent absent)
      : canvas_(canvas),
        request_(request),
        cast_(cast),
        absent_(absent),
        cards_(canvas, request),
        diagnoses_(canvas, request),
        mark_(canvas, request.world, request.live_now, request.past),
        theme_(request.theme),
        stage_(request.stage) {
    cards_.flatten(stage_.slots > kMostHigh);
    if (stage_.slots > 0) {
      slot_height_ =
          std::max(cards_.process_height(stage_.child_rows), stage_.show.has(Topic::kTcp) ? kSlotWithTcp : kSlot);
      parties_.assign(stage_.slots, &empty_);
    }
    for (const Party& party : cast.parties) {
      if (natural_height(party) == 0) continue;
      const std::uint32_t client = client_of(party).value;
      if (client >= 1 && client <= stage_.slots && parties_[client - 1] == &empty_)
        parties_[client - 1] = &party;
      else
        parties_.push_back(&party);
    }
    const auto alone = [](const Party* party) { return party->processes.empty(); };
    server_alone_ = !forks(request.world.kind) && std::all_of(parties_.begin(), parties_.end(), alone);
  }

  std::size_t size() const { return parties_.size(); }
  // Diagnoses are to stand below the processes, instead of below all the others.
  void put_diagnoses_left(bool left) { diagnoses_left_ = left; }

  // With so many diagnoses in full.
  float height(float width, std::size_t full) const {
    float height = rows_bottom(width);
    if (stage_.slots > 0) return height + kGap + std::max(warning_height(width), room_for_warnings(stage_)) + kBottom;
    if (!diagnoses_.empty()) height = std::max(height, place_of_diagnoses(width, full).bottom);
    if (absent_.any()) height = std::max(height, mark_top(width, full) - kGap);
    if (const float mark = mark_height(width); mark > 0) height = std::max(height, mark_top(width, full) + mark);
    return height + kBottom;
  }

  // `bottom`: of the picture, which may be lower than what it shows.
  void draw(float width, float bottom, std::size_t full) {
    at_ = columns(width, stage_.slots > 0);
    headings();
    float y = kTop;
    // Lines are painted last, over the cards, so that they are seen from end to end.
    if (cast_.server != nullptr) draw_process(*cast_.server, y, server_height(width));
    float file_y = y;
    for (const OpenFile* file : first_files()) file_y += draw_file(*file, file_y) + kGap;
    if (shows_segment()) shared_memory(width, file_y);
    if (request_.offer_client) launch_place({at_.clients, kTop, at_.clients_width, kLaunchHeight});
    y += server_row_height(width) + kGap;
    for (const Party* party : parties_) {
      draw(*party, y);
      y += row_height(*party) + kGap;
    }
    if (stage_.slots > 0) {
      diagnoses_.draw({at_.processes, y}, at_.clients + at_.clients_width - at_.processes, 1);
      if (request_.kernel_mark) mark_.draw_brief({at_.clients + at_.clients_width, 22});
      brackets();
      return arrows();
    }
    if (absent_.any()) absent(mark_top(width, full) - kGap);
    const Diagnosed place = place_of_diagnoses(width, full);
    diagnoses_.draw(place.at, place.width, full, place.beside);
    if (const float mark = mark_height(width); mark > 0)
      mark_.draw({at_.processes - 4, std::max(mark_top(width, full), bottom - kBottom - mark)}, mark_width(at_),
                 request_.selected.kind == Subject::kKernel);
    brackets();
    arrows();
  }

 private:
  struct Diagnosed {
    Point at;
    float width = 0;
    bool beside = false;  // two side by side
    float bottom = 0;
  };
  // Below files and clients, one beneath the other; or below everything, two side by side: whichever needs less.
  Diagnosed place_of_diagnoses(float width, std::size_t full) const {
    const Columns at = columns(width, stage_.slots > 0);
    const float right = at.clients + at.clients_width;
    if (diagnoses_left_) {
      Diagnosed left{{at.processes, processes_bottom(width) + kGap}, at.processes_width, false, 0};
      left.bottom = left.at.y + diagnoses_.height(left.width, full);
      return left;
    }
    Diagnosed stacked{{at.files, diagnoses_top(width)}, right - at.files, false, 0};
    stacked.bottom = stacked.at.y + diagnoses_.height(stacked.width, full);
    const float below = rows_bottom(width) + kGap;
    Diagnosed beside{{at.processes, below}, right - at.processes, true, 0};
    beside.bottom = below + diagnoses_.height(beside.width, full, true);
    return full == 2 && beside.bottom < stacked.bottom ? beside : stacked;
  }

  float mark_height(float width) const {
    return request_.kernel_mark ? mark_.height(mark_width(columns(width, stage_.slots > 0))) : 0;
  }
  static float mark_width(const Columns& at) { return at.files - at.processes - 20; }

  // Below the last process, and below diagnoses that reach under it.
  float mark_top(float width, std::size_t full) const {
    float bottom = processes_bottom(width);
    if (const Diagnosed place = place_of_diagnoses(width, full);
        !diagnoses_.empty() && (place.beside || diagnoses_left_))
      bottom = std::max(bottom, place.bottom);
    return bottom + (absent_.any() ? kAbsentHeight : 0) + kGap;
  }

  float processes_bottom(float width) const {
    float row = kTop, bottom = kTop + height_of(cast_.server);
    float height = server_row_height(width);
    for (const Party* party : parties_) {
      row += height + kGap;
      if (!party->processes.empty()) bottom = row + processes_height(*party);
      height = row_height(*party);
    }
    return bottom;
  }

  // Who is not shown, in a line that ends at `bottom`.
  void absent(float bottom) {
    const auto counted = [](std::size_t count, const char* one, const char* more) {
      return fmt::format("{} {}", count, count == 1 ? one : more);
    };
    std::string who;
    if (absent_.children > 0) who = counted(absent_.children, "reaped child", "reaped children");
    if (absent_.clients > 0)
      who += (who.empty() ? "" : " and ") + counted(absent_.clients, "closed client", "closed clients");
    const bool one = absent_.children + absent_.clients == 1;
    canvas_.begin("absent");
    canvas_.tight_text("absent", {at_.processes, bottom - 4}, who + (one ? " is not shown" : " are not shown"),
                       {Face::kRegular, 12.5f, theme_.muted}, at_.files - at_.processes - 20);
  }

  // Below the last open file and the last client; the processes beside them may reach further down.
  float diagnoses_top(float width) const {
    if (parties_.empty()) return kTop + std::max(files_height(width), kLaunchHeight) + kGap;
    float y = kTop + server_row_height(width) + kGap;
    for (const Party* party : parties_) {
      if (party == parties_.back())
        y += std::max(height_of(party->connection), height_of(party->client));
      else
        y += row_height(*party) + kGap;
    }
    return y + kGap;
  }

  // What stands beside the server, from top to bottom.
  std::vector<const OpenFile*> first_files() const {
    std::vector<const OpenFile*> all = cast_.listening;
    all.insert(all.end(), cast_.helpers.begin(), cast_.helpers.end());
    if (request_.show_plumbing) all.insert(all.end(), cast_.plumbing.begin(), cast_.plumbing.end());
    return all;
  }

  // It goes with the last process that has it attached, as it is marked for removal.
  bool shows_segment() const { return request_.world.segment && count_attached(request_.world) > 0; }

  float files_height(float width) const {
    float height = -kGap;
    for (const OpenFile* file : first_files()) height += cards_.height(*file) + kGap;
    if (shows_segment()) height += kSharedHeading + cards_.shared_height(shared_width(width)) + kGap;
    return height;
  }

  // What is wrong, in a strip below all.
  float warning_height(float width) const {
    return diagnoses_.height(width - columns(width, stage_.slots > 0).processes - kRightMargin, 1);
  }

  // Of the server's card. One that does all by itself has the whole column, in a lesson.
  float server_height(float width) const {
    if (stage_.slots == 0) return height_of(cast_.server);
    return std::max(height_of(cast_.server), server_alone_ ? rows_bottom(width) - kTop : server_row_height(width));
  }

  // A server that does all by itself may reach down beside the rows of its clients: nothing else is at the left.
  float server_row_height(float width) const {
    // The listening socket's place stays when it is gone.
    const float socket = stage_.slots == 0                ? kLaunchHeight
                         : stage_.show.has(Topic::kQueue) ? kListeningWithQueue
                                                          : kSlot;
    const bool apart = stage_.slots > 0 && !server_alone_;
    const float least =
        apart ? std::max(socket, cards_.process_height(stage_.server_rows, stage_.server_notes)) : socket;
    return std::max({server_alone_ ? 0 : height_of(cast_.server), files_height(width), least});
  }

  float rows_bottom(float width) const {
    float bottom = kTop + server_row_height(width);
    for (const Party* party : parties_) bottom += kGap + row_height(*party);
    const float threads = stage_.threads > 0 ? cards_.height_with_threads(stage_.threads, stage_.server_rows) : 0;
    return std::max(bottom, kTop + std::max(threads, height_of(cast_.server)));
  }

  float processes_height(const Party& party) const {
    float height = -kGap / 2;
    for (const Process* process : party.processes) height += cards_.height(*process) + kGap / 2;
    return height;
  }

  float natural_height(const Party& party) const {
    return std::max(
        {processes_height(party), height_of(party.connection), height_of(party.gone), height_of(party.client)});
  }
  float row_height(const Party& party) const { return std::max(slot_height_, natural_height(party)); }

  template <class T>
  float height_of(const T* card) const {
    return card != nullptr ? cards_.height(*card) : 0;
  }

  void headings() {
    canvas_.begin("headings");
    const TextStyle bold{Face::kBold, 12, theme_.muted, Align::kLeft, 1.5f};
    const TextStyle plain{Face::kRegular, 12, theme_.muted};
    const auto heading = [&](float x, float widest, const char* title, const char* gloss, std::uint64_t index) {
      canvas_.text("heading", {x, 26}, title, bold, 0, index);
      Text measured{{}, title, Face::kBold, 12, {}, Align::kLeft, 1.5f, false};
      const float used = canvas_.fonts().width(measured) + 14;
      if (used + canvas_.fonts().width(Face::kRegular, 12, gloss) < widest)
        canvas_.text("gloss", {x + used, 26}, gloss, plain, 0, index);
    };
    const bool threads = request_.world.kind == ServerKind::kThread;
    heading(at_.processes, at_.processes_width, server_alone_ ? "PROCESS" : "PROCESSES",
            threads         ? "one descriptor table for all threads"
            : server_alone_ ? "one descriptor table"
                            : "one descriptor table each",
            0);
    heading(at_.files, at_.clients - at_.files - 10, "OPEN FILE TABLE", "one, in the kernel", 1);
    heading(at_.clients, at_.clients_width, "CLIENTS", "", 2);
  }

  float shared_width(float width) const { return width - kRightMargin - columns(width, stage_.slots > 0).files; }

  void shared_memory(float width, float y) {
    canvas_.begin("shared memory");
    canvas_.text("heading", {at_.files, y + 12}, "SHARED MEMORY", {Face::kBold, 12, theme_.muted, Align::kLeft, 1.5f});
    Text measured{{}, "SHARED MEMORY", Face::kBold, 12, {}, Align::kLeft, 1.5f, false};
    const float used = canvas_.fonts().width(measured) + 14;
    canvas_.tight_text("gloss", {at_.files + used, y + 12}, "one, in the kernel, attached by each process",
                       {Face::kRegular, 12, theme_.muted}, shared_width(width) - used);
    const float wide = shared_width(width);
    cards_.draw_shared_memory({at_.files, y + kSharedHeading, wide, cards_.shared_height(wide)});
  }

  void launch_place(Rect rect) {
    canvas_.begin({Subject::kLaunch, 0}, rect);
    canvas_.box("place", {rect, 10, kTransparent, theme_.line, 2, Dash::kDashed});
    canvas_.text("words", {rect.x + rect.width / 2, rect.y + 30}, "+ launch a client",
                 {Face::kSemiBold, 13.5f, theme_.muted, Align::kCenter}, rect.width - 16);
  }

  float draw_process(const Process& process, float y, float height) {
    const Rect rect{at_.processes, y, at_.processes_width, height};
    cards_.draw(process, rect, dots_);
    process_at_[process.id] = rect;
    return rect.height;
  }

  float draw_file(const OpenFile& file, float y, float least = 0) {
    const Rect rect{at_.files, y, at_.files_width, std::max(least, cards_.height(file))};
    cards_.draw(file, count_references(request_.world, file.id), rect);
    file_at_[file.id] = rect;
    return rect.height;
  }

  void draw(const Party& party, float top) {
    float y = top;
    const float least = party.processes.size() == 1 ? slot_height_ : 0;
    for (const Process* process : party.processes)
      y += draw_process(*process, y, std::max(least, cards_.height(*process))) + kGap / 2;
    if (party.connection != nullptr) draw_file(*party.connection, top, slot_height_);
    if (party.connection == nullptr && party.gone != nullptr) {
      const Rect rect{at_.files, top, at_.files_width, std::max(slot_height_, cards_.height(*party.gone))};
      cards_.draw_gone(*party.gone, rect);
      file_at_[party.gone->id] = rect;
    }
    if (party.client == nullptr) return;
    const Rect rect{at_.clients, top, at_.clients_width, std::max(slot_height_, cards_.height(*party.client))};
    cards_.draw(*party.client, rect);
    if (stage_.slots > 0 && waits_for_accept(*party.client)) queued(*party.client, rect);
    if (party.connection != nullptr)
      link(*party.connection, *party.client, top + std::min(rect.height, row_height(party)) / 2);
    else if (party.gone != nullptr)
      farewell(*party.gone, *party.client, top + std::min(rect.height, row_height(party)) / 2);
  }

  // From a client to its place in the accept queue.
  void queued(const Client& client, Rect card) {
    if (!stage_.show.has(Topic::kQueue) || cast_.listening.empty()) return;
    const auto at = file_at_.find(cast_.listening.front()->id);
    if (at == file_at_.end()) return;
    std::size_t place = 0;
    for (const Client& one : request_.world.clients) place += waits_for_accept(one) && one.id < client.id ? 1 : 0;
    const Point slot = Cards::queue_slot(at->second, place);
    const float gutter = (at_.files + at_.files_width + at_.clients) / 2, y = card.y + card.height / 2;
    const float below = at->second.bottom() + kGap / 2;
    canvas_.begin("links");
    canvas_.line("queued",
                 {{{card.x - 2, y}, {gutter, y}, {gutter, below}, {slot.x - 12, below}, {slot.x - 12, slot.y + 12}},
                  theme_.muted,
                  1.8f,
                  Dash::kDashed},
                 client.id.value);
  }

  // What the kernel sent to the client when the last reference was gone.
  void farewell(const OpenFile& file, const Client& client, float y) {
    const char* word = words_of_end(client);
    if (*word == 0) return;
    const float from = at_.files + at_.files_width, to = at_.clients, middle = (from + to) / 2;
    const Color color = theme_.connection(file.number);
    canvas_.begin("links");
    canvas_.arrow("farewell", {{from + 2, y}, {to - 2, y}, color, 3, Dash::kDotted, true}, file.id.value);
    const float width = canvas_.fonts().width(Face::kBold, 12, word) + 16;
    canvas_.box("bead", {{middle - width / 2, y - 11, width, 22}, 11, color}, file.id.value);
    canvas_.text("bead word", {middle, y + 4.3f}, word, {Face::kBold, 12, readable_on(color), Align::kCenter}, 0,
                 file.id.value);
  }

  // The TCP connection between the server's open file and the client's.
  void link(const OpenFile& file, const Client& client, float y) {
    const float from = at_.files + at_.files_width, to = at_.clients;
    const LinkLook look = look_of_link(file, client);
    canvas_.begin("links");
    const Color color = look.kind == LinkLook::kBroken
                            ? theme_.dead_line
                            : theme_.connection(file.number).faded(look.kind == LinkLook::kOpen ? 0.6f : 1.0f);
    canvas_.line("link",
                 {{{from + 2, y}, {to - 2, y}}, color, 5, look.kind == LinkLook::kOpen ? Dash::kSolid : Dash::kDotted},
                 file.id.value);
    // Above the line, or, where it is too wide, around it.
    const std::string label = stage_.slots > 0 && look.kind == LinkLook::kOpen ? "" : look.label;
    const TextStyle style{Face::kSemiBold, 11.5f, theme_.muted, Align::kCenter};
    const bool whole = canvas_.fonts().width(style.face, style.size, label) < to - from - 12;
    const std::size_t space = whole ? std::string::npos : label.find(' ');
    const Point middle{(from + to) / 2, y};
    canvas_.text("label", {middle.x, y - 10}, label.substr(0, space), style, to - from - 4, file.id.value);
    if (space != std::string::npos)
      canvas_.text("label below", {middle.x, y + 18}, label.substr(space + 1), style, to - from - 4, file.id.value);
  }

  // From each parent to its children, at the far left.
  void brackets() {
    canvas_.begin("brackets");
    for (const auto& [id, rect] : process_at_) {
      const Process* process = find_process(request_.world, id);
      if (process == nullptr || process->life == Life::kReaped || is_orphan(request_.world, *process)) continue;
      const auto parent = process_at_.find(process->parent);
      if (parent == process_at_.end()) continue;
      const float x = 10, from = parent->second.y + std::min(parent->second.height / 2, 66.f);
      const float to = rect.y + std::min(rect.height / 2, 40.f);
      canvas_.line("fork",
                   {{{parent->second.x, from}, {x, from}, {x, to}, {rect.x, to}},
                    theme_.faint,
                    1.8f,
                    process->life == Life::kDead ? Dash::kDashed : Dash::kSolid},
                   id.value);
    }
  }

  // From every descriptor to its open file. On a file's edge they arrive in the order in which they leave.
  void arrows() {
    canvas_.begin("arrows");
    std::map<FileId, std::vector<const Dot*>> arriving;
    for (const Dot& dot : dots_) arriving[dot.file].push_back(&dot);
    for (auto& [id, all] : arriving) {
      const auto file = file_at_.find(id);
      if (file == file_at_.end()) continue;
      std::stable_sort(all.begin(), all.end(), [](const Dot* a, const Dot* b) { return a->at.y < b->at.y; });
      const float step = file->second.height / static_cast<float>(all.size() + 1);
      for (std::size_t i = 0; i < all.size(); ++i) {
        const Point to{file->second.x - 1, file->second.y + step * static_cast<float>(i + 1)};
        canvas_.arrow("arrow", {all[i]->at, to, all[i]->color, all[i]->width, all[i]->dash, true}, all[i]->key);
      }
    }
  }

  Canvas& canvas_;
  const PictureRequest& request_;
  const Cast& cast_;
  const Absent absent_;
  Cards cards_;
  DiagnosisCards diagnoses_;
  KernelMark mark_;
  const Theme& theme_;
  const Stage stage_;
  const Party empty_ = {};
  float slot_height_ = 0;              // of each client's row, in a lesson
  std::vector<const Party*> parties_;  // those that have a row; in a lesson, also rows for those that are to come
  bool diagnoses_left_ = false;
  bool server_alone_ = false;  // no other process is drawn
  Columns at_{};
  std::vector<Dot> dots_;
  std::map<ProcessId, Rect> process_at_;
  std::map<FileId, Rect> file_at_;
};

// The largest down to `smallest` in which all have room; 0: none. Diagnoses are put where there is room for them.
float scale_for(Rows& rows, const PictureRequest& request, std::size_t full, float smallest) {
  if (rows.size() > kMostRows) return 0;
  for (const bool left : {false, true}) {
    if (left && full == 0) break;
    rows.put_diagnoses_left(left);
    for (float s = request.largest_scale; s >= smallest; s *= kStep) {
      const bool wide_enough = kNarrowest * s <= request.area.width || s * kStep < request.smallest_scale;
      if (wide_enough && rows.height(request.area.width / s, full) * s <= request.area.height) return s;
    }
  }
  return 0;
}

// False: there is no room for a row for each.
bool draw_rows(const PictureRequest& request, Cast cast, bool may_dismiss, Canvas& canvas, Scene& scene) {
  const std::size_t most_full = std::min(request.diagnoses.size(), kMostFullDiagnoses);
  const float width_allows = request.area.width / kNarrowest * kStep;
  const float good = std::max(request.smallest_scale, std::min(request.good_scale, width_allows));
  // Who has ended goes first, for type of a good size; then type gets smaller; then diagnoses get shorter.
  Absent absent;
  while (may_dismiss && cast.parties.size() <= 2 * kMostRows) {
    Rows rows(canvas, request, cast, absent);
    if (scale_for(rows, request, most_full, good) > 0 ||
        !dismiss_oldest(cast, request.now - request.recent, request.diagnoses, absent))
      break;
  }
  Rows rows(canvas, request, cast, absent);
  if (request.stage.slots > 0) {
    const float s = scale_for(rows, request, 0, kSmallestStage);
    if (s == 0) return false;
    rows.draw(request.area.width / s, request.area.height / s, 0);
    transform(scene, s, {});
    return true;
  }
  for (std::size_t full = most_full;; --full) {
    for (const float smallest : {good, request.smallest_scale})
      if (const float s = scale_for(rows, request, full, smallest); s > 0) {
        rows.draw(request.area.width / s, request.area.height / s, full);
        transform(scene, s, {});
        return true;
      }
    if (full == 0) return false;
  }
}

}  // namespace

Scene draw_picture(const PictureRequest& request) {
  Scene scene;
  scene.size = request.area;
  Canvas canvas(scene, request.theme, request.fonts);
  if (request.stage.slots > 0 &&
      draw_rows(request, gather(request.world, request.now, request.now - request.world.lesson_stopped_before), false,
                canvas, scene))
    return scene;
  if (request.keeps_ended &&
      draw_rows(request, gather(request.world, request.now, request.now + kSecond), false, canvas, scene))
    return scene;
  const Cast cast = gather(request.world, request.now);
  if (!draw_rows(request, cast, true, canvas, scene)) draw_crowd(canvas, request, cast, scene);
  return scene;
}

}  // namespace forktable
