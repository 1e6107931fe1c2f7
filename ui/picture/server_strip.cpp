#include "ui/picture/server_strip.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/world/describe.hpp"

namespace forktable {
namespace {

constexpr float kWidestPitch = 20, kNarrowestPitch = 3, kCellShare = 0.8f;

class Strip {
 public:
  Strip(Canvas& canvas, const PictureRequest& request, const Cast& cast, Cards& cards)
      : canvas_(canvas), request_(request), world_(request.world), theme_(request.theme), cast_(cast), cards_(cards) {}

  void draw(Rect strip) {
    const float right = strip.right(), y = strip.y;
    const float listening_width = cast_.listening.empty() ? 0 : std::min(250.f, strip.width * 0.27f);
    const float server_right = right - (listening_width > 0 ? listening_width + 34 : 0);
    Point from{};
    if (cast_.server != nullptr) from = server({strip.x, y, server_right - strip.x, kStripHeight});
    if (cast_.listening.empty()) return;
    const OpenFile& file = *cast_.listening.front();
    const Rect rect{right - listening_width, y, listening_width, kStripHeight};
    canvas_.begin(subject_of(file), rect);
    cards_.frame(rect, cards_.disagreement(file).empty() ? theme_.ink : theme_.alarm, false, cards_.is_selected(file));
    const Point center{rect.right() - 36, y + 34};
    const float widest = center.x - 28 - rect.x - 16;
    const std::string dispute = cards_.disagreement(file);
    const TextStyle address{Face::kMono, 13.5f, theme_.muted};
    canvas_.tight_text("title", {rect.x + 16, y + 24}, title_of(file), {Face::kBold, 15, theme_.ink}, widest);
    // Of a long address, the port is what matters.
    canvas_.text(
        "address", {rect.x + 16, y + 43},
        canvas_.wording({fmt::format("127.0.0.1:{}", file.port), fmt::format(":{}", file.port)}, address, widest),
        address, widest);
    canvas_.text("holders", {rect.x + 16, y + 61}, dispute.empty() ? cards_.holders(file) : dispute,
                 cards_.line_style(dispute), widest);
    cards_.backlog(file, {rect.x + 16, y + 79}, widest, 12.5f);
    cards_.reference_count(center, 22, count_references(world_, file.id), theme_.ink);
    canvas_.text("refcnt", {center.x, y + 74}, "refcnt", {Face::kSemiBold, 13, theme_.muted, Align::kCenter});
    if (from.x > 0) {
      canvas_.begin("arrows");
      canvas_.arrow("listening", {from, {rect.x - 1, y + kStripHeight / 2}, theme_.ink, 2.2f, Dash::kSolid, true});
    }
  }

 private:
  // Watched, and nothing to do there, while others are ready.
  static bool idle(const Process& process, int fd) {
    return !process.ready.empty() && !std::binary_search(process.ready.begin(), process.ready.end(), fd);
  }

  // Returns where the arrow to the listening socket begins.
  Point server(Rect rect) {
    const Process& process = *cast_.server;
    const bool alive = process.life == Life::kAlive;
    canvas_.begin(subject_of(process), rect);
    cards_.frame(rect, alive ? theme_.ink : theme_.dead_line, alive, cards_.is_selected(subject_of(process)),
                 alive ? Dash::kSolid : Dash::kDotted);
    const float left = rect.x + 20, text_width = std::min(210.f, rect.width * 0.35f);
    canvas_.text("title", {left, rect.y + 29}, title_of(process), {Face::kBold, 17, alive ? theme_.ink : theme_.muted},
                 text_width);
    canvas_.text(
        "doing", {left, rect.y + 52}, doing(world_, process),
        {process.stopped ? Face::kSemiBold : Face::kRegular, 13.5f, process.stopped ? theme_.alarm : theme_.muted},
        text_width);
    const std::string pid = fmt::format("pid {}", process.pid);
    canvas_.text("pid", {left, rect.y + 73}, pid, {Face::kMono, 13.5f, theme_.muted});
    if (!alive) return {};
    cards_.step_button(process, {left + text_width, rect.y + 69});

    const float cells = left + text_width + 20, cells_right = rect.right() - 20;
    std::vector<const Descriptor*> shown;
    for (const Descriptor& descriptor : process.descriptors) {
      const OpenFile* file = find_file(world_, descriptor.file);
      if (file != nullptr && (request_.show_plumbing || file->kind != FileKind::kPlumbing))
        shown.push_back(&descriptor);
    }
    // A table that grows is shown whole, in narrower cells.
    const float wanted = (cells_right - cells) / static_cast<float>(std::max<std::size_t>(1, shown.size()));
    const float pitch = std::clamp(wanted, kNarrowestPitch, kWidestPitch);
    const int room = std::max(1, static_cast<int>((cells_right - cells) / pitch + 0.01f));
    const float width = pitch * kCellShare;
    Point listening{};
    for (int i = 0; i < room; ++i) {
      const Rect cell{cells + static_cast<float>(i) * pitch, rect.y + 16, width, 30};
      const auto index = static_cast<std::size_t>(i);
      if (index >= shown.size()) {
        canvas_.box("empty", {cell, 3, kTransparent, theme_.line, 1}, index);
        continue;
      }
      const Descriptor& descriptor = *shown[index];
      const OpenFile& file = *find_file(world_, descriptor.file);
      const bool selected = cards_.is_selected(subject_of(process, descriptor));
      const bool disputed = find_difference(world_, Differs::kDescriptor, process.pid, descriptor.fd) != nullptr;
      canvas_.area(subject_of(process, descriptor), cell);
      canvas_.box("cell",
                  {cell, std::min(3.f, width / 4),
                   disputed             ? theme_.alarm_soft
                   : cards_.leaks(file) ? theme_.alarm
                                        : cards_.color_of(file).faded(idle(process, descriptor.fd) ? 0.35f : 1),
                   selected   ? theme_.panel_accent
                   : disputed ? theme_.alarm
                              : kTransparent,
                   selected   ? 3.f
                   : disputed ? 2.f
                              : 0,
                   disputed ? Dash::kDashed : Dash::kSolid},
                  static_cast<std::uint64_t>(descriptor.fd));
      const bool named = index == 0 || index + 1 == shown.size() || i + 1 == room;
      if (named)
        canvas_.text("fd", {cell.x + width / 2, cell.bottom() + 15}, std::to_string(descriptor.fd),
                     {Face::kMono, 13, theme_.muted, Align::kCenter}, 0, static_cast<std::uint64_t>(descriptor.fd));
      if (file.kind == FileKind::kListening) listening = {rect.right(), rect.y + kStripHeight / 2};
    }
    const std::string dispute = cards_.disagreement(process), pending = cards_.pending(process);
    std::string words = fmt::format("descriptor table: {} open", shown.size());
    if (process.shape.has(Shape::kThreads))
      words += ", for " + plural(1 + threads_of(world_, process).size(), "thread", "threads");
    if (const std::string counter = cards_.counter(process); !counter.empty()) words += "; " + counter;
    if (const std::string ready = readiness_of(process); !ready.empty()) words += "; " + ready;
    if (process.shape.has(Shape::kListsJobs)) words += "; " + plural(process.jobs.size(), "job", "jobs");
    for (const OpenFile* helper : cast_.helpers)
      if (helper->kind == FileKind::kFifo)
        words += fmt::format("; FIFO: refcnt {}", count_references(world_, helper->id));
    if (!pending.empty()) words += "; " + pending;
    if (!dispute.empty()) words = dispute + "; " + words;
    canvas_.tight_text("table", {cells, rect.y + 78}, std::move(words), cards_.line_style(dispute),
                       cells_right - cells);
    return listening;
  }

  Canvas& canvas_;
  const PictureRequest& request_;
  const World& world_;
  const Theme& theme_;
  const Cast& cast_;
  Cards& cards_;
};

}  // namespace

void draw_server_strip(Canvas& canvas, const PictureRequest& request, const Cast& cast, Cards& cards, Rect rect) {
  Strip(canvas, request, cast, cards).draw(rect);
}

}  // namespace forktable
