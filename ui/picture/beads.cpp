#include "ui/picture/beads.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <csignal>

#include "core/world/describe.hpp"
#include "ui/picture/motion.hpp"
#include "ui/picture/strokes.hpp"

namespace forktable {
namespace {

constexpr float kSize = 13.5f;            // of its word
constexpr std::size_t kMostLetters = 10;  // of bytes that are text; of more, it is said how many they are

std::string words_of_bytes(std::uint64_t bytes, const ShortText& text) {
  const std::string line = strace_line(text.view());
  return !line.empty() && line.size() <= kMostLetters ? line : fmt::format("{} bytes", bytes);
}

std::vector<Point> reversed(std::vector<Point> way) {
  std::reverse(way.begin(), way.end());
  return way;
}

// Along a descriptor's arrow, from the process to the open file.
std::vector<Point> along(const Arrow& arrow) {
  constexpr int kParts = 12;
  const ArrowShape shape = shape_of(arrow);
  std::vector<Point> way;
  for (int i = 0; i <= kParts; ++i) {
    const float t = static_cast<float>(i) / kParts, u = 1 - t;
    const auto at = [&](float a, float b, float c, float d) {
      return u * u * u * a + 3 * u * u * t * b + 3 * u * t * t * c + t * t * t * d;
    };
    way.push_back({at(shape.from.x, shape.control1.x, shape.control2.x, shape.to.x),
                   at(shape.from.y, shape.control1.y, shape.control2.y, shape.to.y)});
  }
  return way;
}

class Ways {
 public:
  Ways(const World& world, const Scene& picture) : world_(world), picture_(picture) {}

  // From the open file of its connection to the client; empty: they aren't both in the picture.
  std::vector<Point> to_client(const Client& client) const {
    const auto connection = std::find_if(world_.files.begin(), world_.files.end(),
                                         [&](const OpenFile& one) { return one.client == client.id; });
    if (connection == world_.files.end()) return {};
    const Group* card = picture_.find({Subject::kClient, client.id.value});
    const Group* file = picture_.find({Subject::kFile, connection->id.value});
    if (card == nullptr || file == nullptr || file->rect.right() >= card->rect.x) return {};
    const float y = std::clamp(file->rect.y + file->rect.height / 2, card->rect.y, card->rect.bottom());
    return {{file->rect.right(), y}, {card->rect.x, y}};
  }

  // From a process to the open file that its descriptor refers to.
  std::vector<Point> to_file(const Process& process, const OpenFile& file) const {
    const Group* from = picture_.find({Subject::kProcess, process.id.value});
    const Group* to = picture_.find({Subject::kFile, file.id.value});
    if (from == nullptr || to == nullptr) return {};
    for (const Item& item : picture_.items)
      if (const auto* arrow = std::get_if<Arrow>(&item.what);
          arrow != nullptr && from->rect.contains(arrow->from) && std::abs(arrow->to.x - to->rect.x) < 3 &&
          arrow->to.y > to->rect.y && arrow->to.y < to->rect.bottom())
        return along(*arrow);
    return {};
  }

  // From a child to its parent, along the bracket between them.
  std::vector<Point> to_parent(const Process& child) const {
    const Key bracket = key_of(key_of("brackets"), "fork", child.id.value);
    for (const Item& item : picture_.items)
      if (const auto* line = std::get_if<Line>(&item.what); line != nullptr && item.key == bracket)
        return reversed(line->points);
    return {};
  }

 private:
  const World& world_;
  const Scene& picture_;
};

class Sent {
 public:
  Sent(std::span<const Event> events, const World& world, const Scene& picture, const Theme& theme)
      : events_(events), event_(events.back()), world_(world), theme_(theme), ways_(world, picture) {}

  std::vector<Bead> beads;

  void operator()(const ClientSent& what) {
    if (const Client* client = find_client(world_, what.client))
      put(words_of_bytes(what.bytes, what.text), *client, reversed(ways_.to_client(*client)));
  }
  void operator()(const ClientReceived& what) {
    if (const Client* client = find_client(world_, what.client))
      put(words_of_bytes(what.bytes, what.text), *client, ways_.to_client(*client));
  }
  void operator()(const ClientHalfClosed& what) { closes(what.client); }
  void operator()(const ClientEnded& what) {
    if (what.end == ClientEnd::kClosed) closes(what.client);
  }
  void operator()(const Read& what) { between(what.fd, words_of_bytes(what.bytes, what.text), true); }
  void operator()(const EndOfFile& what) { between(what.fd, "end of file", true); }
  void operator()(const Wrote& what) { between(what.fd, fmt::format("{} bytes", what.bytes), false); }
  void operator()(const ExitCalled&) {
    const Process* process = find_process(world_, event_.pid);
    if (process != nullptr && process->parent && !process->thread_of)
      put("SIGCHLD", theme_.connection(process->connection), ways_.to_parent(*process));
  }
  void operator()(const auto&) {}

 private:
  void put(std::string word, Color color, std::vector<Point> way, float from = 0, float to = 1) {
    if (way.size() > 1) beads.push_back({std::move(word), color, std::move(way), from, to});
  }
  void put(std::string word, const Client& client, std::vector<Point> way) {
    put(std::move(word), theme_.connection(client.connection_number), std::move(way));
  }

  // A FIN is sent once.
  void closes(ClientId id) {
    const auto before = events_.first(events_.size() - 1);
    const bool sent = std::any_of(before.begin(), before.end(), [&](const Event& event) {
      const auto* shut = std::get_if<ClientHalfClosed>(&event.what);
      return shut != nullptr && shut->client == id;
    });
    const Client* client = find_client(world_, id);
    if (client != nullptr && !sent) put("FIN", *client, reversed(ways_.to_client(*client)));
  }

  // A process and the open file of its descriptor `fd`; and what goes on to a client that has closed comes back as RST.
  void between(int fd, std::string word, bool to_process) {
    const Process* process = find_process(world_, event_.pid);
    const Descriptor* descriptor = process != nullptr ? find_descriptor(*process, fd) : nullptr;
    const OpenFile* file = descriptor != nullptr ? find_file(world_, descriptor->file) : nullptr;
    if (file == nullptr || file->kind != FileKind::kConnection) return;
    std::vector<Point> way = ways_.to_file(*process, *file);
    const Color color = theme_.connection(file->number);
    if (to_process) return put(std::move(word), color, reversed(std::move(way)));
    const Client* client = find_client(world_, file->client);
    if (client == nullptr || !is_reset(world_, *file)) return put(std::move(word), color, std::move(way));
    put(std::move(word), color, std::move(way), 0, 0.4f);
    put("RST", theme_.alarm, reversed(ways_.to_client(*client)), 0.5f, 1);
  }

  std::span<const Event> events_;
  const Event& event_;
  const World& world_;
  const Theme& theme_;
  Ways ways_;
};

// A point of the way, by the share of its length.
Point point_at(const std::vector<Point>& way, float share) {
  const auto distance = [](Point a, Point b) { return std::hypot(b.x - a.x, b.y - a.y); };
  float length = 0;
  for (std::size_t i = 1; i < way.size(); ++i) length += distance(way[i - 1], way[i]);
  float left = length * share;
  for (std::size_t i = 1; i < way.size(); ++i) {
    const float part = distance(way[i - 1], way[i]);
    if (left <= part && part > 0) {
      const float t = left / part;
      return {way[i - 1].x + (way[i].x - way[i - 1].x) * t, way[i - 1].y + (way[i].y - way[i - 1].y) * t};
    }
    left -= part;
  }
  return way.back();
}

}  // namespace

std::vector<Bead> beads_of(std::span<const Event> events, const World& world, const Scene& picture,
                           const Theme& theme) {
  Sent sent(events, world, picture, theme);
  std::visit(sent, events.back().what);
  return std::move(sent.beads);
}

void draw_beads(const std::vector<Bead>& beads, float progress, const Theme& theme, const Fonts& fonts, Scene& scene) {
  Canvas canvas(scene, theme, fonts);
  canvas.begin("beads");
  std::uint64_t index = 0;
  for (const Bead& bead : beads) {
    ++index;
    if (progress < bead.from || progress > bead.to || bead.way.empty()) continue;
    const Point at = point_at(bead.way, eased((progress - bead.from) / (bead.to - bead.from)));
    const float width = canvas.chip_width(bead.word, kSize);
    canvas.chip("bead", {at.x - width / 2, at.y}, bead.word, bead.color, kSize, index);
  }
}

}  // namespace forktable
