#include "ui/picture/rows.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/world/describe.hpp"
#include "ui/picture/beside_column.hpp"

namespace forktable {
namespace {

constexpr float kTop = 44, kLessonTop = 40, kGap = 14, kLessonGap = 10;
constexpr float kBottom = 12;
constexpr float kRightMargin = 16;
constexpr float kLaunchHeight = 50;
constexpr float kAbsentHeight = 30;
constexpr float kSharedHeading = 24, kClientsHeading = 96;
// In a lesson, of a client's row: what a connection and a client need, and what the states of their sockets do.
constexpr float kSlot = 86, kSlotWithTcp = 142;
constexpr float kNarrowestStage = 1030, kNarrowestFlatStage = 1175;
constexpr float kWarningsWidth = 303, kWarningsGap = 21;  // beside the clients

Stage stage_in(const PictureRequest& request) {
  Stage stage = request.stage;
  if (!request.warns) stage.warnings = 0;
  return stage;
}

// In a lesson, what is wrong: one in full, the others by their names.
float room_for_warnings(const Stage& stage) { return stage.warnings == 0 ? 0 : stage.warnings == 1 ? 116.f : 154.f; }

}  // namespace

Rows::Rows(Canvas& canvas, const PictureRequest& request, const Cast& cast, Absent absent)
    : canvas_(canvas),
      request_(request),
      cast_(cast),
      absent_(absent),
      cards_(canvas, request),
      diagnoses_(canvas, request),
      mark_(canvas, request.world, request.live_now, request.past),
      links_(canvas, request),
      theme_(request.theme),
      stage_(stage_in(request)),
      top_(stage_ ? kLessonTop : kTop),
      gap_(stage_ ? kLessonGap : kGap) {
  cards_.flatten(stage_.slots > kMostHighSlots);
  if (stage_) {
    slot_height_ = std::max(cards_.process_height(stage_.child_rows, stage_.child_notes),
                            stage_.show.has(Topic::kTcp) ? kSlotWithTcp : kSlot);
    parties_.assign(stage_.slots, &empty_);
  }
  if (stage_ && request.world.shape.has(Shape::kPool))
    take_places();
  else
    for (const Party& party : cast.parties) {
      if (natural_height(party) == 0) continue;
      const std::uint32_t client = client_of(party).value;
      if (client >= 1 && client <= stage_.slots && parties_[client - 1] == &empty_)
        parties_[client - 1] = &party;
      else
        parties_.push_back(&party);
    }
  const auto alone = [](const Party* party) { return party->processes.empty(); };
  server_alone_ = request.world.program.length > 0 && !request.world.shape.has_children() &&
                  std::all_of(parties_.begin(), parties_.end(), alone);
}

// A child that accepts for itself has its row for whomever it serves, and a client has its own: so neither moves when
// they meet.
void Rows::take_places() {
  places_.resize(stage_.slots);
  std::vector<Party> others;
  for (const Party& party : cast_.parties) {
    Party rest = party;
    std::erase_if(rest.processes, [&](const Process* process) {
      if (process->place == 0 || process->place > places_.size()) return false;
      auto& there = places_[process->place - 1].processes;
      // Not the one that has gone, when another has come for it.
      if (there.empty() || there.front()->id < process->id) there.assign(1, process);
      return true;
    });
    if (natural_height(rest) == 0) continue;
    const std::uint32_t client = client_of(rest).value;
    if (client == 0 || client > places_.size() || !rest.processes.empty()) {
      others.push_back(std::move(rest));
      continue;
    }
    rest.processes = std::move(places_[client - 1].processes);
    places_[client - 1] = std::move(rest);
  }
  for (Party& party : others) places_.push_back(std::move(party));
  parties_.clear();
  for (const Party& party : places_) parties_.push_back(&party);
}

// In a lesson, cards are as wide as there is room for.
Rows::Columns Rows::columns(float width) const {
  const float left = 26, right = kRightMargin;
  const float room = width - left - right - width_at_the_right();
  Columns all{};
  if (stage_) {
    all.processes = left;
    all.processes_width = room * 0.40f;
    all.files_width = room * 0.26f;
    all.clients_width = room * 0.195f;
    all.files = left + room * 0.47f;
    all.clients = left + room - all.clients_width;
    all.beside = width - right - kBesideWidth;
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

float Rows::narrowest() const {
  return (stage_.slots > kMostHighSlots ? kNarrowestFlatStage : kNarrowestStage) + width_at_the_right();
}

// In a lesson, of what stands beside the clients.
float Rows::width_at_the_right() const {
  return (warnings_beside_ ? kWarningsWidth + kWarningsGap : 0) + (stage_.beside ? kBesideWidth + kBesideGap : 0);
}

float Rows::height(float width, std::size_t full) const {
  float height = rows_bottom(width);
  if (stage_.warnings > 0 || !diagnoses_.empty()) height = std::max(height, place_of_diagnoses(width, full).bottom);
  if (absent_.any()) height = std::max(height, mark_top(width, full) - gap_);
  if (const float mark = mark_height(width); mark > 0) height = std::max(height, mark_top(width, full) + mark);
  return height + kBottom;
}

void Rows::draw(float width, float bottom, std::size_t full) {
  at_ = columns(width);
  links_.between(at_.files + at_.files_width, at_.clients);
  headings();
  float y = top_;
  if (cast_.server != nullptr) draw_process(*cast_.server, y, server_height(width));
  float file_y = y;
  if (cast_.gone_listening != nullptr) {
    draw_gone_file(*cast_.gone_listening, y, 0);
    file_y += height_of(cast_.gone_listening) + gap_;
  }
  for (const OpenFile* file : first_files()) file_y += draw_file(*file, file_y, 0) + gap_;
  if (shows_segment()) shared_memory(width, file_y);
  if (request_.offer_client) launch_place({at_.clients, top_, at_.clients_width, kLaunchHeight});
  y += server_row_height(width) + gap_;
  for (const Party* party : parties_) {
    draw(*party, y);
    y += row_height(*party) + gap_;
  }
  if (stage_.beside) beside(width);
  if (absent_.any()) absent(mark_top(width, full) - gap_);
  const Diagnosed place = place_of_diagnoses(width, full);
  diagnoses_.draw(place.at, place.width, full, place.beside);
  if (const float mark = mark_height(width); mark > 0)
    mark_.draw({at_.processes - 4, std::max(mark_top(width, full), bottom - kBottom - mark)}, mark_width(at_),
               request_.selected.kind == Subject::kKernel);
  if (stage_ && request_.kernel_mark)
    mark_.draw_brief({at_.clients + at_.clients_width, 22}, at_.clients_width - kClientsHeading);
  links_.forks();
  links_.attachments();
  links_.descriptors();
}

// In a lesson, a strip below everything, or a column. Else below files and clients, one beneath the other; or below
// everything, two side by side: whichever needs less.
Rows::Diagnosed Rows::place_of_diagnoses(float width, std::size_t full) const {
  const Columns at = columns(width);
  const float right = at.clients + at.clients_width;
  if (warnings_beside_) {
    Diagnosed column{{right + kWarningsGap, top_}, kWarningsWidth, false, 0};
    const float height = diagnoses_.height(column.width, full);
    column.at.y = std::max(top_, rows_bottom(width) - height);
    column.bottom = column.at.y + height;
    return column;
  }
  if (stage_) {
    Diagnosed strip{{at.processes, rows_bottom(width) + gap_}, right - at.processes, false, 0};
    strip.bottom = strip.at.y + std::max(diagnoses_.height(strip.width, full), room_for_warnings(stage_));
    return strip;
  }
  if (diagnoses_left_) {
    Diagnosed left{{at.processes, processes_bottom(width) + gap_}, at.processes_width, false, 0};
    left.bottom = left.at.y + diagnoses_.height(left.width, full);
    return left;
  }
  Diagnosed stacked{{at.files, diagnoses_top(width)}, right - at.files, false, 0};
  stacked.bottom = stacked.at.y + diagnoses_.height(stacked.width, full);
  const float below = rows_bottom(width) + gap_;
  Diagnosed beside{{at.processes, below}, right - at.processes, true, 0};
  beside.bottom = below + diagnoses_.height(beside.width, full, true);
  return full == 2 && beside.bottom < stacked.bottom ? beside : stacked;
}

float Rows::mark_height(float width) const {
  return request_.kernel_mark && !stage_ ? mark_.height(mark_width(columns(width))) : 0;
}
float Rows::mark_width(const Columns& at) { return at.files - at.processes - 20; }

// Below the last process, and below diagnoses that reach under it.
float Rows::mark_top(float width, std::size_t full) const {
  float bottom = processes_bottom(width);
  if (const Diagnosed place = place_of_diagnoses(width, full); !diagnoses_.empty() && (place.beside || diagnoses_left_))
    bottom = std::max(bottom, place.bottom);
  return bottom + (absent_.any() ? kAbsentHeight : 0) + gap_;
}

float Rows::processes_bottom(float width) const {
  float row = top_, bottom = top_ + height_of(cast_.server);
  float height = server_row_height(width);
  for (const Party* party : parties_) {
    row += height + gap_;
    if (!party->processes.empty()) bottom = row + processes_height(*party);
    height = row_height(*party);
  }
  return bottom;
}

// Who is not shown, in a line that ends at `bottom`.
void Rows::absent(float bottom) {
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
                     {Face::kRegular, 13.5f, theme_.muted}, at_.files - at_.processes - 20);
}

// Below the last open file and the last client; the processes beside them may reach further down.
float Rows::diagnoses_top(float width) const {
  if (parties_.empty()) return top_ + std::max(files_height(width), kLaunchHeight) + gap_;
  float y = top_ + server_row_height(width) + gap_;
  for (const Party* party : parties_) {
    if (party == parties_.back())
      y += std::max(height_of(party->connection), height_of(party->client));
    else
      y += row_height(*party) + gap_;
  }
  return y + gap_;
}

// What stands beside the server, from top to bottom.
std::vector<const OpenFile*> Rows::first_files() const {
  std::vector<const OpenFile*> all = cast_.listening;
  all.insert(all.end(), cast_.helpers.begin(), cast_.helpers.end());
  if (request_.show_plumbing) all.insert(all.end(), cast_.plumbing.begin(), cast_.plumbing.end());
  return all;
}

// It goes with the last process that has it attached, as it is marked for removal.
bool Rows::shows_segment() const { return request_.world.segment && count_attached(request_.world) > 0; }

float Rows::files_height(float width) const {
  float height = cast_.gone_listening != nullptr ? height_of(cast_.gone_listening) : -gap_;
  for (const OpenFile* file : first_files()) height += cards_.height(*file) + gap_;
  if (shows_segment()) height += kSharedHeading + cards_.shared_height(shared_width(width)) + gap_;
  return height;
}

// Of the server's card. One that does all by itself has the whole column, in a lesson.
float Rows::server_height(float width) const {
  if (!stage_) return height_of(cast_.server);
  return std::max(height_of(cast_.server), server_alone_ ? rows_bottom(width) - top_ : server_row_height(width));
}

// A server that does all by itself may reach down beside the rows of its clients: nothing else is at the left.
float Rows::server_row_height(float width) const {
  // The listening socket's place stays when it is gone.
  const float socket = !stage_                          ? kLaunchHeight
                       : stage_.show.has(Topic::kQueue) ? Cards::kListeningWithQueueHeight
                                                        : Cards::kListeningHeight;
  const bool apart = stage_ && !server_alone_;
  const float least = apart ? std::max(socket, cards_.process_height(stage_.server_rows, stage_.server_notes)) : socket;
  return std::max({server_alone_ ? 0 : height_of(cast_.server), files_height(width), least});
}

float Rows::rows_bottom(float width) const {
  float bottom = top_ + server_row_height(width);
  for (const Party* party : parties_) bottom += gap_ + row_height(*party);
  const float threads = stage_.threads > 0 ? cards_.height_with_threads(stage_.threads, stage_.server_rows) : 0;
  return std::max(bottom, top_ + std::max(threads, height_of(cast_.server)));
}

float Rows::processes_height(const Party& party) const {
  float height = -gap_ / 2;
  for (const Process* process : party.processes) height += cards_.height(*process) + gap_ / 2;
  return height;
}

float Rows::natural_height(const Party& party) const {
  return std::max(
      {processes_height(party), height_of(party.connection), height_of(party.gone), height_of(party.client)});
}
float Rows::row_height(const Party& party) const { return std::max(slot_height_, natural_height(party)); }

void Rows::headings() {
  canvas_.begin("headings");
  const TextStyle bold{Face::kBold, 13.5f, theme_.muted, Align::kLeft, 1.5f};
  const TextStyle plain{Face::kRegular, 13.5f, theme_.muted};
  const auto heading = [&](float x, float widest, const char* title, const char* gloss, std::uint64_t index) {
    canvas_.text("heading", {x, 26}, title, bold, 0, index);
    Text measured{{}, title, Face::kBold, 13.5f, {}, Align::kLeft, 1.5f, false};
    const float used = canvas_.width(measured) + 14;
    if (used + canvas_.width(Face::kRegular, 13.5f, gloss) < widest)
      canvas_.text("gloss", {x + used, 26}, gloss, plain, 0, index);
  };
  const bool threads = request_.world.shape.has(Shape::kThreads);
  heading(at_.processes, at_.processes_width, server_alone_ ? "PROCESS" : "PROCESSES",
          threads         ? "one descriptor table for all threads"
          : server_alone_ ? "one descriptor table"
                          : "one descriptor table each",
          0);
  heading(at_.files, at_.clients - at_.files - 10, "OPEN FILE TABLE", "one, in the kernel", 1);
  heading(at_.clients, at_.clients_width, "CLIENTS", "", 2);
}

float Rows::shared_width(float width) const {
  const Columns at = columns(width);
  return at.clients + at.clients_width - at.files;
}

void Rows::shared_memory(float width, float y) {
  canvas_.begin("shared memory");
  const bool two = request_.world.semaphore.has_value();
  const char* heading = two ? "SHARED MEMORY, SEMAPHORE" : "SHARED MEMORY";
  canvas_.text("heading", {at_.files, y + 12}, heading, {Face::kBold, 13.5f, theme_.muted, Align::kLeft, 1.5f});
  Text measured{{}, heading, Face::kBold, 13.5f, {}, Align::kLeft, 1.5f, false};
  const float used = canvas_.width(measured) + 14;
  canvas_.tight_text("gloss", {at_.files + used, y + 12},
                     {two ? "in the kernel, for all processes" : "one, in the kernel, attached by each process",
                      two ? "in the kernel" : "one, in the kernel", ""},
                     {Face::kRegular, 13.5f, theme_.muted}, shared_width(width) - used);
  const float wide = shared_width(width);
  const Rect place{at_.files, y + kSharedHeading, wide, cards_.shared_height(wide)};
  cards_.draw_shared_memory(place);
  links_.put_segment(cards_.place_of_segment(place));
}

// Beside the server and each of its clients.
void Rows::beside(float width) {
  constexpr float kTopEdge = 4, kSideEdge = 10;
  std::vector<Rect> places{{at_.beside, top_, kBesideWidth, server_row_height(width)}};
  for (std::size_t slot = 0; slot < stage_.slots; ++slot)
    places.push_back({at_.beside, places.back().bottom() + gap_, kBesideWidth, row_height(*parties_[slot])});
  draw_beside(
      canvas_, request_,
      {at_.beside - kSideEdge, kTopEdge, kBesideWidth + 2 * kSideEdge, rows_bottom(width) + kSideEdge - kTopEdge},
      places);
}

void Rows::launch_place(Rect rect) {
  canvas_.begin({Subject::kLaunch, 0}, rect);
  canvas_.box("place", {rect, 10, kTransparent, theme_.line, 2, Dash::kDashed});
  canvas_.text("words", {rect.x + rect.width / 2, rect.y + 30}, "+ launch a client",
               {Face::kSemiBold, 13.5f, theme_.muted, Align::kCenter}, rect.width - 16);
}

float Rows::draw_process(const Process& process, float y, float height) {
  const Rect rect{at_.processes, y, at_.processes_width, height};
  cards_.draw(process, rect, links_.dots());
  links_.put(process, rect);
  return rect.height;
}

float Rows::draw_file(const OpenFile& file, float y, float least) {
  const Rect rect{at_.files, y, at_.files_width, std::max(least, cards_.height(file))};
  cards_.draw(file, count_references(request_.world, file.id), rect);
  links_.put(file, rect);
  return rect.height;
}

void Rows::draw_gone_file(const OpenFile& file, float y, float least) {
  const Rect rect{at_.files, y, at_.files_width, std::max(least, cards_.height(file))};
  cards_.draw_gone(file, rect);
  links_.put(file, rect);
}

void Rows::draw(const Party& party, float top) {
  float y = top;
  const float least = party.processes.size() == 1 ? slot_height_ : 0;
  for (const Process* process : party.processes)
    y += draw_process(*process, y, std::max(least, cards_.height(*process))) + gap_ / 2;
  if (party.connection != nullptr) draw_file(*party.connection, top, slot_height_);
  if (party.connection == nullptr && party.gone != nullptr) draw_gone_file(*party.gone, top, slot_height_);
  if (party.client == nullptr) return;
  const Rect rect{at_.clients, top, at_.clients_width, std::max(slot_height_, cards_.height(*party.client))};
  cards_.draw(*party.client, rect);
  if (stage_ && stage_.show.has(Topic::kQueue) && waits_for_accept(*party.client) && !cast_.listening.empty())
    links_.queued(*cast_.listening.front(), *party.client, rect);
  if (party.connection != nullptr)
    links_.connection(*party.connection, *party.client, top + std::min(rect.height, row_height(party)) / 2);
  else if (party.gone != nullptr)
    links_.farewell(*party.gone, *party.client, top + std::min(rect.height, row_height(party)) / 2);
}

}  // namespace forktable
