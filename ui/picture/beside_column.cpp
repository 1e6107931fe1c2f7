#include "ui/picture/beside_column.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"
#include "ui/picture/wrap.hpp"

namespace forktable {
namespace {

// As large as a lesson's cards have it.
constexpr float kType = 18.2f, kTitle = 21.7f, kPitch = 22;
constexpr float kEdge = 12, kHeadingBaseline = 23;  // the latter below the top of the panel
constexpr float kSaid = 26;                         // the height of what was said

class BesideColumn {
 public:
  BesideColumn(const Canvas& canvas, const PictureRequest& request)
      : canvas_(canvas.with_plain_type()), world_(*request.beside), theme_(request.theme) {}

  void draw_server(Rect rect) {
    const Process* server = find_process(world_, world_.server);
    if (server == nullptr) return;
    begin("beside server", 0, rect);
    const bool alive = server->life == Life::kAlive;
    canvas_.box("card", {rect, 10, theme_.card, alive ? theme_.ink : theme_.dead_line, 2.5f});
    const float left = rect.x + kEdge, widest = rect.width - 2 * kEdge;
    const auto title = wrap_largest(capital(program_of(world_)), Face::kBold, {kType}, 2, widest, canvas_.fonts());
    float y = rect.y + 4;
    for (std::size_t line = 0; line < title.lines.size(); ++line)
      canvas_.text("title", {left, y += kPitch}, title.lines[line], {Face::kBold, kType, theme_.ink}, widest, line);
    line_of(*server, {left, y + kPitch + 2}, widest, Cards::holder(*server) + ": ");
  }

  void draw_client(const Client& client, Rect rect) {
    begin("beside client", client.id.value, rect);
    const bool over = has_ended(client), queued = client.connection_number == 0;
    const Color color = over ? theme_.dead_line : theme_.connection(client.connection_number);
    canvas_.box("card", {rect, 10, over ? theme_.dead : theme_.card, color, 2.5f,
                         over     ? Dash::kDotted
                         : queued ? Dash::kDashed
                                  : Dash::kSolid});
    const float left = rect.x + kEdge, right = rect.right() - kEdge, widest = right - left;
    canvas_.text("name", {left, rect.y + 28}, title_of(client), {Face::kBold, kTitle, over ? theme_.muted : theme_.ink},
                 widest);
    if (const Process* server = server_of(client)) {
      canvas_.text("server", {right, rect.y + 27}, title_of(*server),
                   {Face::kRegular, kType, theme_.muted, Align::kRight}, widest);
      line_of(*server, {left, rect.y + 49}, widest, "");
    } else {
      canvas_.text("state", {left, rect.y + 49}, doing(client), {Face::kRegular, kType, theme_.muted}, widest);
    }
    draw_said(client, {left, rect.bottom() - 6 - kSaid, widest, kSaid});
  }

  const World& world() const { return world_; }

 private:
  // A card, which isn't to be clicked on: what can be selected is at the first server.
  void begin(std::string_view name, std::uint64_t index, Rect rect) {
    canvas_.begin(key_of(key_of(name), "card", index), Subject{}, rect, 0);
  }

  // What it does; with `whose` before it, where there is room for that.
  void line_of(const Process& process, Point at, float widest, const std::string& whose) {
    const TextStyle style{Face::kRegular, kType, theme_.muted};
    const std::string words = doing(world_, process);
    constexpr std::string_view kBlocked = "blocked ";
    const std::string brief = words.starts_with(kBlocked) ? words.substr(kBlocked.size()) : words;
    canvas_.text("doing", at, canvas_.wording({whose + words, whose + brief, words}, style, widest), style, widest);
  }

  // The process or thread that serves it, and is there.
  const Process* server_of(const Client& client) const {
    const auto found = std::find_if(world_.processes.begin(), world_.processes.end(), [&](const Process& process) {
      return process.id != world_.server && client.connection_number != 0 &&
             process.connection == client.connection_number;
    });
    return found != world_.processes.end() ? &*found : nullptr;
  }

  // What it said and what came back, and how long that took.
  void draw_said(const Client& client, Rect rect) {
    if (client.sent == 0) return;
    canvas_.box("said", {rect, 5, theme_.said});
    const float baseline = rect.bottom() - 7.5f, left = rect.x + 8, right = rect.right() - 8;
    float widest = right - left;
    if (const auto time = waited(world_, client); client.answered_at != 0 && time) {
      const TextStyle style{Face::kSemiBold, kType, theme_.ink, Align::kRight};
      const std::string after = "in " + brief_time(*time);
      canvas_.text("after", {right, baseline}, after, style);
      widest -= canvas_.width(style.face, style.size, after) + 8;
    }
    const TextStyle words{Face::kMono, kType, theme_.ink};
    const auto [both, once, brief] = Cards::said_in_one_line(client);
    canvas_.text("words", {left, baseline}, canvas_.wording({both, once, brief}, words, widest), words, widest);
  }

  Canvas canvas_;
  const World& world_;
  const Theme& theme_;
};

}  // namespace

void draw_beside(const Canvas& canvas, const PictureRequest& request, Rect panel, std::span<const Rect> rows) {
  Canvas plain = canvas.with_plain_type();
  plain.begin("beside");
  plain.box("panel", {panel, 14, request.theme.row, request.theme.line, 2});
  plain.text("heading", {panel.x + kEdge, panel.y + kHeadingBaseline}, "BESIDE IT",
             {Face::kBold, kType, request.theme.muted, Align::kLeft, 1.5f});
  if (request.beside == nullptr || rows.empty()) return;
  BesideColumn column(canvas, request);
  column.draw_server(rows[0]);
  for (std::uint32_t client = 1; client < rows.size(); ++client)
    if (const Client* there = find_client(column.world(), ClientId{client})) column.draw_client(*there, rows[client]);
}

}  // namespace forktable
