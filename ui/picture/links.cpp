#include "ui/picture/links.hpp"

#include <algorithm>

#include "ui/picture/sockets.hpp"

namespace forktable {
namespace {

constexpr float kBead = 13.5f;
constexpr float kBelow = 8;  // the listening socket, for the way to its queue

}  // namespace

void Links::queued(const OpenFile& listening, const Client& client, Rect card) {
  const auto at = file_at_.find(listening.id);
  if (at == file_at_.end()) return;
  std::size_t place = 0;
  for (const Client& one : request_.world.clients) place += waits_for_accept(one) && one.id < client.id ? 1 : 0;
  const Point slot = Cards::queue_slot(at->second, place);
  const float gutter = (from_ + to_) / 2, y = card.y + card.height / 2;
  const float below = at->second.bottom() + kBelow;
  canvas_.begin("links");
  canvas_.line("queued",
               {{{card.x - 2, y}, {gutter, y}, {gutter, below}, {slot.x - 12, below}, {slot.x - 12, slot.y + 12}},
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
