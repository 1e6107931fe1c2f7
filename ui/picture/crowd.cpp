#include "ui/picture/crowd.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"
#include "ui/picture/diagnoses.hpp"
#include "ui/picture/kernel_mark.hpp"
#include "ui/picture/server_strip.hpp"
#include "ui/picture/sockets.hpp"

namespace forktable {
namespace {

constexpr float kMargin = 16, kStripTop = 12, kHeading = 34;
constexpr float kBelowStrip = kStripTop + kStripHeight + 14, kLookHeight = 70, kLookPitch = kLookHeight + 10;
constexpr std::size_t kEnoughLooks = 3;   // and no smaller type for more of them
constexpr float kWidest = 1000;           // of the crowd, at the largest scale that is worth trying
constexpr float kStep = 0.94f;            // between the scales that are tried
constexpr float kDiagnosesShare = 0.25f;  // of the height, at most, if they can be shorter
constexpr float kMarkGap = 8;             // above and below the kernel's mark, together

// The sizes a tile may have, the one that says most first.
struct TileSize {
  float width, height, gap;
  enum Detail { kLarge, kMedium, kCell } detail;
};
constexpr TileSize kTiles[] = {{232, 84, 10, TileSize::kLarge},
                               {112, 50, 7, TileSize::kMedium},
                               {34, 26, 4, TileSize::kCell},
                               {22, 18, 3, TileSize::kCell}};

class Crowd {
 public:
  Crowd(Canvas& canvas, const PictureRequest& request, const Cast& cast)
      : canvas_(canvas),
        request_(request),
        world_(request.world),
        theme_(request.theme),
        cast_(cast),
        cards_(canvas, request) {
    for (const Party& party : cast.parties) (party.differs ? differing_ : alike_).push_back(&party);
  }

  // How it can be done in the area: how many of those that differ are shown, and how large the tiles are.
  struct Plan {
    std::size_t looks = 0;
    const TileSize* tiles = nullptr;
    std::size_t columns = 1, rows = 1;
    bool all = false;  // everything is shown
  };

  Plan plan(const TileSize& size) const {
    Plan plan;
    // A few of those that differ are shown, even if that takes smaller type, and more of them if there is room.
    const float looks_room = (request_.area.height - looks_top()) * 0.45f - kHeading;
    const auto room_for = static_cast<std::size_t>(std::max(0.f, std::floor(looks_room / kLookPitch)));
    plan.looks = std::min(differing_.size(), std::max(kEnoughLooks, room_for));
    while (plan.looks > 1 && tiles_top(plan) > request_.area.height) --plan.looks;
    const bool enough = plan.looks == differing_.size() || plan.looks >= kEnoughLooks;
    plan.tiles = &size;
    const float width = request_.area.width - 2 * kMargin, height = request_.area.height - tiles_top(plan) - 6;
    const auto fitting = [&](float room, float one) {
      return static_cast<std::size_t>(std::max(1.f, std::floor((room + size.gap) / (one + size.gap))));
    };
    plan.columns = fitting(width, size.width);
    plan.rows = fitting(height, size.height);
    plan.all = enough && plan.columns * plan.rows >= alike_.size() && (alike_.empty() || height >= size.height);
    return plan;
  }

  void draw(const Plan& plan) {
    if (!world_.shape.has_children() && !threaded() && cast_.server != nullptr)
      for (const Descriptor& descriptor : cast_.server->descriptors) descriptors_.emplace(descriptor.file, &descriptor);
    draw_server_strip(canvas_, request_, cast_, cards_,
                      {kMargin, kStripTop, request_.area.width - 2 * kMargin, kStripHeight});
    if (shows_segment())
      cards_.draw_shared_memory({kMargin, kBelowStrip, inner_width(), cards_.shared_height(inner_width())});
    needing_a_look(plan);
    tiles(plan);
  }

 private:
  // ---- what differs, in full ----

  float inner_width() const { return request_.area.width - 2 * kMargin; }
  bool shows_segment() const { return world_.segment && count_attached(world_) > 0; }
  float looks_top() const { return kBelowStrip + (shows_segment() ? cards_.shared_height(inner_width()) + 14 : 0); }

  float tiles_top(const Plan& plan) const {
    return looks_top() + (plan.looks == 0 ? 0 : kHeading - 2 + static_cast<float>(plan.looks) * kLookPitch) + kHeading -
           8;
  }

  void needing_a_look(const Plan& plan) {
    if (plan.looks == 0) return;
    float y = looks_top();
    canvas_.begin("needs a look");
    canvas_.text("heading", {kMargin, y + 16}, "NEEDS A LOOK", {Face::kBold, 12, theme_.alarm, Align::kLeft, 1.5f});
    if (differing_.size() > plan.looks)
      canvas_.text("more", {kMargin + 140, y + 16}, fmt::format("{} of {}", plan.looks, differing_.size()),
                   {Face::kRegular, 12, theme_.muted});
    y += kHeading - 8;
    for (std::size_t i = 0; i < plan.looks; ++i) {
      look({kMargin, y, request_.area.width - 2 * kMargin, kLookHeight}, *differing_[i]);
      y += kLookPitch;
    }
  }

  void look(Rect rect, const Party& party) {
    canvas_.begin("look " + std::to_string(party.number) + " " +
                  std::to_string(party.client != nullptr ? party.client->id.value : 0));
    canvas_.box("panel", {rect, 10, theme_.alarm_soft, theme_.alarm, 2});
    const float inner = rect.width - 28, gap = inner * 0.085f;
    const float process_width = inner * 0.30f, file_width = inner * 0.28f;
    const float client_width = inner - process_width - file_width - 2 * gap;
    float x = rect.x + 14;
    const float y = rect.y + 10, height = rect.height - 20;
    if (const Process* process = server_of(party); process != nullptr) mini({x, y, process_width, height}, *process);
    x += process_width;
    if (party.connection != nullptr) {
      canvas_.begin("look arrows");
      canvas_.text("held by", {x + gap / 2, y + 18}, threaded() ? "served by" : "held by",
                   {Face::kRegular, 11.5f, theme_.muted, Align::kCenter}, gap, party.number);
      canvas_.text("holder", {x + gap / 2, y + 34}, holder(party),
                   {Face::kSemiBold, 11.5f, theme_.alarm, Align::kCenter}, gap - 4, party.number);
      mini({x + gap, y, file_width, height}, *party.connection, party.references);
      if (party.client != nullptr) {
        const float link_y = y + height / 2;
        const bool open = look_of_link(world_, *party.connection, *party.client).kind == LinkLook::kOpen;
        canvas_.begin("links");
        canvas_.line("link",
                     {{{x + gap + file_width + 2, link_y}, {x + 2 * gap + file_width - 2, link_y}},
                      theme_.connection(party.number),
                      5,
                      open ? Dash::kSolid : Dash::kDotted},
                     party.connection->id.value);
      }
    } else {
      canvas_.begin("look arrows");
      canvas_.text("closed", {x + gap + file_width / 2, y + height / 2 + 5}, "connection closed",
                   {Face::kRegular, 12.5f, theme_.muted, Align::kCenter}, file_width, party.number);
    }
    if (party.client != nullptr) mini({rect.right() - 14 - client_width, y, client_width, height}, *party.client);
  }

  bool threaded() const { return world_.shape.has(Shape::kThreads); }

  std::string holder(const Party& party) const {
    if (threaded()) {
      const auto serving = std::count_if(party.threads.begin(), party.threads.end(),
                                         [](const Process* thread) { return thread->life == Life::kAlive; });
      return serving == 0 ? "no thread" : plural(static_cast<std::uint64_t>(serving), "thread", "threads");
    }
    for (const Process& process : world_.processes)
      for (const Descriptor& descriptor : process.descriptors)
        if (descriptor.file == party.connection->id) return Cards::holder(process);
    return "nobody";
  }

  void mini(Rect rect, const Process& process) {
    const bool alive = process.life == Life::kAlive;
    canvas_.begin(subject_of(process), rect);
    cards_.frame(rect, alive ? cards_.color_of(process) : theme_.dead_line, alive,
                 cards_.is_selected(subject_of(process)),
                 alive ? (is_orphan(world_, process) ? Dash::kDashed : Dash::kSolid)
                       : (process.life == Life::kDead ? Dash::kDashed : Dash::kDotted));
    const std::string pid = std::to_string(process.pid);
    const float left = rect.x + 14, right = rect.right() - 10;
    const float pid_width = canvas_.fonts().width(Face::kMono, 12, pid);
    canvas_.text("title", {left, rect.y + 20}, title_of(process), {Face::kBold, 14, alive ? theme_.ink : theme_.muted},
                 right - left - pid_width - 8);
    canvas_.text("pid", {right, rect.y + 20}, pid, {Face::kMono, 12, theme_.muted, Align::kRight});
    const float button = cards_.step_button(process, {right, rect.y + 36});
    const float widest = right - left - (button > 0 ? button + 8 : 0);
    if (const std::string dispute = cards_.disagreement(process); !dispute.empty())
      canvas_.text("doing", {left, rect.y + 39}, dispute, cards_.line_style(dispute), widest);
    else
      canvas_.text("doing", {left, rect.y + 39}, doing(world_, process),
                   {Face::kRegular, 12.5f, alive ? theme_.muted : theme_.alarm}, widest);
  }

  void mini(Rect rect, const OpenFile& file, std::uint32_t references) {
    canvas_.begin(subject_of(file), rect);
    const bool leaking = cards_.leaks(file);
    const Color color = leaking ? theme_.alarm : cards_.color_of(file);
    cards_.frame(rect, color, false, cards_.is_selected(file));
    const float left = rect.x + 14, widest = rect.width - 70;
    canvas_.text("title", {left, rect.y + 20}, title_of(file), {Face::kBold, 14, theme_.ink}, widest);
    const TcpState known = present_state(world_, file);
    const std::string state(is_known(known) ? name_of(known) : "");
    if (leaking)
      canvas_.text("leak", {left, rect.y + 39}, state.empty() ? "no FIN until 0" : state + ": no FIN until 0",
                   {Face::kSemiBold, 12.5f, theme_.alarm}, widest);
    else if (state.empty())
      canvas_.text("address", {left, rect.y + 39}, fmt::format("{} ↔ {}", file.port, words_of(file.peer)),
                   {Face::kMono, 12, theme_.muted}, widest);
    else
      canvas_.text("state", {left, rect.y + 39}, state, {Face::kSemiBold, 12.5f, theme_.muted}, widest);
    cards_.reference_count({rect.right() - 30, rect.y + rect.height / 2}, 18, references, color);
  }

  void mini(Rect rect, const Client& client) {
    const bool over = has_ended(client);
    canvas_.begin(subject_of(client), rect);
    cards_.frame(rect, over ? theme_.dead_line : cards_.color_of(client), false, cards_.is_selected(subject_of(client)),
                 over ? Dash::kDotted : Dash::kSolid);
    canvas_.text("title", {rect.x + 14, rect.y + 20}, title_of(client),
                 {Face::kBold, 14, over ? theme_.muted : theme_.ink}, rect.width - 24);
    if (const std::string dispute = cards_.disagreement(client); !dispute.empty())
      canvas_.text("doing", {rect.x + 14, rect.y + 39}, dispute, cards_.line_style(dispute), rect.width - 24);
    else
      cards_.state(client, {rect.x + 14, rect.y + 39}, 12.5f, rect.width - 24);
  }

  // ---- the rest, as tiles ----

  void tiles(const Plan& plan) {
    const auto count = alike_.size();
    float y = tiles_top(plan) - kHeading + 8;
    canvas_.begin("tiles");
    canvas_.text("heading", {kMargin, y + 16}, "SERVED", {Face::kBold, 12, theme_.muted, Align::kLeft, 1.5f});
    const auto queued = static_cast<std::size_t>(std::count_if(alike_.begin(), alike_.end(), [](const Party* party) {
      return party->number == 0 && server_of(*party) == nullptr;
    }));
    std::string gloss = count == queued
                            ? "nobody at the moment"
                            : fmt::format("{} like this: {}", count - queued,
                                          threaded() ? "a thread, its client, and the refcnt of their connection"
                                          : world_.shape.has_children()
                                              ? "a child, its client, and the refcnt of their connection"
                                              : "a descriptor, its client, and the refcnt of their connection");
    if (queued > 0) gloss += fmt::format("; {} not accepted yet", queued);
    canvas_.text("gloss", {kMargin + 76, y + 16}, gloss, {Face::kRegular, 12, theme_.muted},
                 request_.area.width - kMargin * 2 - 76);
    y += kHeading - 8;
    const TileSize& size = *plan.tiles;
    if (count == 0 || request_.area.height - y < size.height) return;
    const float width = request_.area.width - 2 * kMargin;
    // What doesn't fit even as cells is counted, in the last row.
    const bool all = plan.columns * plan.rows >= count;
    const std::size_t rows = all ? plan.rows : std::max<std::size_t>(plan.rows, 2) - 1;
    const std::size_t shown = all ? count : plan.columns * rows;
    const auto columns = static_cast<float>(plan.columns);
    const float tile_width = std::min((width - (columns - 1) * size.gap) / columns, size.width * 1.3f);
    for (std::size_t i = 0; i < shown; ++i) {
      const std::size_t column = i % plan.columns, row = i / plan.columns;
      const Rect rect{kMargin + static_cast<float>(column) * (tile_width + size.gap),
                      y + static_cast<float>(row) * (size.height + size.gap), tile_width, size.height};
      tile(rect, *alike_[i], size.detail);
    }
    if (all) return;
    canvas_.begin("tiles");
    canvas_.text("more", {kMargin, y + static_cast<float>(rows) * (size.height + size.gap) + 13},
                 fmt::format("and {} more", count - shown), {Face::kSemiBold, 12.5f, theme_.ink});
  }

  void tile(Rect rect, const Party& party, TileSize::Detail detail) {
    const Process* process = server_of(party);
    // One process serves all of them: a tile is the descriptor that it has for this one.
    const Descriptor* descriptor = process == nullptr && party.connection != nullptr ? descriptor_of(party) : nullptr;
    const Subject clicked = party.client != nullptr ? subject_of(*party.client)
                            : process != nullptr    ? subject_of(*process)
                                                    : subject_of(*party.connection);
    const Key key = process != nullptr ? key_of(subject_of(*process)) : key_of(clicked);
    canvas_.begin(key, clicked, rect, process != nullptr ? key_of({Subject::kProcess, process->parent.value}) : 0);
    const bool alive = descriptor != nullptr || (process != nullptr && process->life == Life::kAlive);
    const bool ready = descriptor != nullptr && is_ready(*descriptor);
    const Color color = !alive ? theme_.dead_line : theme_.connection(party.number);
    const Dash dash = alive || party.connection != nullptr ? Dash::kSolid : party.over ? Dash::kDotted : Dash::kDashed;
    if (cards_.is_selected(clicked))
      canvas_.box("selected",
                  {{rect.x - 3, rect.y - 3, rect.width + 6, rect.height + 6}, 9, kTransparent, theme_.panel_accent, 3});
    if (detail == TileSize::kCell) return cell(rect, party, alive, color, dash);

    canvas_.box("card", {rect, 6, alive ? theme_.card : theme_.dead, color, ready ? 4.f : 2.f, dash});
    if (alive) canvas_.box("bar", {{rect.x - 1, rect.y + 1, 6, rect.height - 2}, 3, color});
    const bool large = detail == TileSize::kLarge;
    const float left = rect.x + (large ? 16 : 13), radius = large ? 18 : 12;
    const float widest = rect.width - (left - rect.x) - 2 * radius - 16;
    const std::string who = party.client != nullptr ? title_of(*party.client) : "no client";
    const std::string pid = process != nullptr            ? std::to_string(process->pid)
                            : descriptor != nullptr       ? fmt::format("fd {}", descriptor->fd)
                            : party.number == 0           ? "queued"
                            : party.connection == nullptr ? "ended"
                            : threaded()                  ? "none"
                                                          : "no child";
    if (large) {
      canvas_.text("title", {left, rect.y + 23}, who, {Face::kBold, 14.5f, alive ? theme_.ink : theme_.muted}, widest);
      canvas_.text("pid", {left, rect.y + 44},
                   process != nullptr                          ? mention_of(*process)
                   : ready                                     ? pid + " ready"
                   : party.number == 0                         ? "not accepted yet"
                   : threaded() && party.connection != nullptr ? "no thread"
                                                               : pid,
                   {Face::kMono, 12, theme_.muted}, widest);
      canvas_.text("doing", {left, rect.y + 65},
                   process != nullptr        ? doing(world_, *process)
                   : party.client != nullptr ? doing_now(*party.client)
                   : threaded()              ? "accepted, without a thread"
                                             : "accepted, without a child",
                   {Face::kRegular, 12.5f, theme_.muted}, rect.width - (left - rect.x) - 10);
    } else {
      canvas_.text("pid", {left, rect.y + 20}, pid,
                   {ready ? Face::kMonoBold : Face::kMono, 12.5f, alive ? theme_.ink : theme_.muted}, widest);
      canvas_.text("title", {left, rect.y + 38}, who, {Face::kRegular, 12, theme_.muted}, widest);
    }
    if (party.connection != nullptr)
      cards_.reference_count({rect.right() - radius - 9, rect.y + (large ? 30 : rect.height / 2)}, radius,
                             party.references, cards_.color_of(*party.connection));
  }

  const Descriptor* descriptor_of(const Party& party) const {
    const auto found = descriptors_.find(party.connection->id);
    return found != descriptors_.end() ? found->second : nullptr;
  }

  bool is_ready(const Descriptor& descriptor) const {
    return std::binary_search(cast_.server->ready.begin(), cast_.server->ready.end(), descriptor.fd);
  }

  void cell(Rect rect, const Party& party, bool alive, Color color, Dash dash) {
    const bool filled = alive && party.connection != nullptr;
    canvas_.box("card", {rect, 4, filled ? color : theme_.dead, filled ? kTransparent : color, 1.2f, dash});
    if (party.connection == nullptr || rect.height < 24) return;
    canvas_.text("count", {rect.x + rect.width / 2, rect.y + rect.height / 2 + 4.5f}, std::to_string(party.references),
                 {Face::kSemiBold, 12.5f, filled ? readable_on(color) : theme_.muted, Align::kCenter});
  }

  Canvas& canvas_;
  const PictureRequest& request_;
  const World& world_;
  const Theme& theme_;
  const Cast& cast_;
  Cards cards_;
  std::vector<const Party*> differing_, alike_;
  std::map<FileId, const Descriptor*> descriptors_;  // of a process that serves all of them
};

}  // namespace

void draw_crowd(Canvas& canvas, const PictureRequest& request, const Cast& cast, Scene& scene) {
  PictureRequest scaled = request;
  const float largest = std::clamp(request.area.width / kWidest, request.smallest_scale, request.largest_scale);
  DiagnosisCards diagnoses(canvas, request);
  KernelMark mark(canvas, request.world, request.live_now, request.past);
  // Larger tiles first, then larger type.
  for (const TileSize& size : kTiles)
    for (float s = largest;; s *= kStep) {
      const bool last = s * kStep < request.smallest_scale;
      const Size area{request.area.width / s, request.area.height / s};
      const float width = area.width - 2 * kMargin;
      std::size_t full = kMostFullDiagnoses;
      while (full > 0 && diagnoses.height(width, full) > area.height * kDiagnosesShare) --full;
      const float below = diagnoses.empty() ? 0 : diagnoses.height(width, full) + kMargin;
      const float mark_height = request.kernel_mark ? mark.height(width) : 0;
      scaled.area = {area.width, area.height - below - (mark_height > 0 ? mark_height + kMarkGap : 0)};
      Crowd crowd(canvas, scaled, cast);
      const auto plan = crowd.plan(size);
      if (plan.all || (last && &size == std::end(kTiles) - 1)) {
        crowd.draw(plan);
        diagnoses.draw({kMargin, scaled.area.height}, width, full);
        if (mark_height > 0)
          mark.draw({kMargin - 4, area.height - mark_height - kMarkGap / 2}, width,
                    request.selected.kind == Subject::kKernel);
        transform(scene, s, {});
        return;
      }
      if (last) break;
    }
}

}  // namespace forktable
