#include "ui/picture/links.hpp"

#include <algorithm>

#include "ui/picture/sockets.hpp"

namespace forktable {
namespace {

constexpr float kBead = 13.5f;
// Of the ways to the accept queue, in the middle of the gap below the listening socket, and right of the clients.
constexpr float kBelowListening = 5, kBesideClients = 7, kLanePitch = 3;
constexpr std::size_t kMostLanes = 3;  // as many as the queue has slots
// Of the way to the shared segment: left of it, where arrows to open files are nearly level; above a card's lower edge;
// and the ends, squares as cells of memory are.
constexpr float kBesideSegment = 20, kAboveEdge = 12, kSquare = 7;

}  // namespace

// Around the clients: so it crosses no connection. The upper client's line is the inner one, and crosses no other's.
void Links::queued(const OpenFile& listening, const Client& client, Rect card) {
  const auto at = file_at_.find(listening.id);
  if (at == file_at_.end()) return;
  std::size_t place = 0, waiting = 0;
  for (const Client& one : request_.world.clients) {
    if (!waits_for_accept(one)) continue;
    ++waiting;
    place += one.id < client.id ? 1 : 0;
  }
  const std::size_t lanes = std::min(waiting, kMostLanes), lane = std::min(place, lanes - 1);
  const Point slot = Cards::queue_slot(at->second, place);
  const float below = at->second.bottom() + kBelowListening +
                      kLanePitch * (static_cast<float>(lanes - 1) / 2 - static_cast<float>(lane));
  const float beside = card.right() + kBesideClients + kLanePitch * static_cast<float>(lane);
  const float y = card.y + card.height / 2;
  canvas_.begin("links");
  canvas_.line("queued",
               {{{card.right() + 2, y}, {beside, y}, {beside, below}, {slot.x - 12, below}, {slot.x - 12, slot.y + 12}},
                theme_.muted,
                1.8f,
                Dash::kDashed},
               client.id.value);
}

void Links::farewell(const OpenFile& file, const Client& client, float y) {
  const char* word = words_of_end(client);
  if (*word == 0) return;
  const float middle = (from_ + to_) / 2;
  const Color color = theme_.connection(file.number);
  canvas_.begin("links");
  canvas_.arrow("farewell", {{from_ + 2, y}, {to_ - 2, y}, color, 3, Dash::kDotted, true}, file.id.value);
  canvas_.chip("bead", {middle - canvas_.chip_width(word, kBead) / 2, y}, word, color, kBead, file.id.value);
}

void Links::connection(const OpenFile& file, const Client& client, float y) {
  const LinkLook look = look_of_link(request_.world, file, client);
  canvas_.begin("links");
  const Color color = look.kind == LinkLook::kBroken
                          ? theme_.dead_line
                          : theme_.connection(file.number).faded(look.kind == LinkLook::kOpen ? 0.6f : 1.0f);
  canvas_.line("link",
               {{{from_ + 2, y}, {to_ - 2, y}}, color, 5, look.kind == LinkLook::kOpen ? Dash::kSolid : Dash::kDotted},
               file.id.value);
  // Above the line, or, where it is too wide, around it.
  const std::string label = request_.stage && look.kind == LinkLook::kOpen ? "" : look.label;
  const TextStyle style{Face::kSemiBold, 13.5f, theme_.muted, Align::kCenter};
  const bool whole = canvas_.width(style.face, style.size, label) < to_ - from_ - 12;
  const std::size_t space = whole ? std::string::npos : label.find(' ');
  const Point middle{(from_ + to_) / 2, y};
  canvas_.text("label", {middle.x, y - 10}, label.substr(0, space), style, to_ - from_ - 4, file.id.value);
  if (space != std::string::npos)
    canvas_.text("label below", {middle.x, y + 18}, label.substr(space + 1), style, to_ - from_ - 4, file.id.value);
}

void Links::forks() {
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

void Links::attachments() {
  if (!segment_at_) return;
  canvas_.begin("attachments");
  const Rect& segment = *segment_at_;
  const float middle = segment.y + segment.height / 2, turn = segment.x - kBesideSegment;
  const auto square = [&](const char* part, Point at, std::uint64_t index) {
    canvas_.box(part, {{at.x - kSquare / 2, at.y - kSquare / 2, kSquare, kSquare}, 1, theme_.muted}, index);
  };
  for (const auto& [id, rect] : process_at_) {
    const Process* process = find_present(request_.world, id);
    if (process == nullptr || !is_attached(request_.world, *process)) continue;
    const bool beside = middle >= rect.y && middle <= rect.bottom();
    const float y = beside ? middle : rect.bottom() - kAboveEdge;
    canvas_.line("attached", {{{rect.right(), y}, {turn, y}, {turn, middle}, {segment.x, middle}}, theme_.muted, 1.8f},
                 id.value);
    square("end", {rect.right(), y}, id.value);
  }
  square("segment's end", {segment.x, middle}, 0);
}

void Links::descriptors() {
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

}  // namespace forktable
