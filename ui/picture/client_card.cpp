#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"
#include "ui/picture/sockets.hpp"

namespace forktable {
namespace {

constexpr float kSaid = 42;
constexpr float kLessonSaid = 46, kSaidInOneLine = 26;  // in a lesson
constexpr float kClock = 7.5f;                          // its radius

}  // namespace

std::string brief_time(Nanoseconds time) {
  const double milliseconds = static_cast<double>(time) / static_cast<double>(kMillisecond);
  if (milliseconds < 1) return fmt::format("{:.1f} ms", milliseconds);
  return milliseconds < 1000 ? fmt::format("{:.0f} ms", milliseconds) : fmt::format("{:.1f} s", milliseconds / 1000);
}

const Difference* Cards::difference_of(const Client& client) const {
  // Told of our own only, which are known by their port: they all call from 127.0.0.1.
  const bool ours = !client.outsider && client.address.port != 0;
  return ours ? find_difference(world_, Differs::kSocket, 0, client.address.port) : nullptr;
}

std::string Cards::disagreement(const Client& client) const {
  const Difference* difference = difference_of(client);
  return difference != nullptr ? brief_words_of(*difference) : "";
}

// Below the chip: why its end is in that state, what it hasn't read, and what is left of the server's end.
std::vector<Cards::CardLine> Cards::lines_of(const Client& client) const {
  std::vector<CardLine> lines;
  if (!shows(Topic::kTcp)) return lines;
  if (client.unnamed) lines.push_back({origin_of(client), Face::kRegular, 13.5f, theme_.muted});
  if (std::string why = brief_meaning_of(client.socket.state); !why.empty())
    lines.push_back({std::move(why), Face::kRegular, 13.5f, theme_.muted});
  if (std::string unread = unread_words(client.socket); !unread.empty())
    lines.push_back({std::move(unread), Face::kSemiBold, 13.5f, theme_.ink});
  if (is_known(client.left))
    lines.push_back({fmt::format("the server's end: {}", name_of(client.left)), Face::kSemiBold, 13.5f, theme_.muted});
  return lines;
}

bool Cards::shows_state(const Client& client) const { return shows(Topic::kTcp) && is_known(client.socket.state); }

// In a lesson, and beside another server, it is told who was served.
bool Cards::says_still(const Client& client) const {
  return !has_ended(client) || ((request_.stage || request_.keeps_ended) && client.sent > 0);
}

float Cards::height(const Client& client) const {
  float height = lines_.client_header + (shows_state(client) ? lines_.client_socket : 0) +
                 lines_.client * static_cast<float>(lines_of(client).size()) +
                 (difference_of(client) != nullptr && !in_lesson() ? kDifferenceHeight + 8 : 0);
  if (!says_still(client)) return height + 2;
  return height + (in_lesson() ? kSaidInOneLine : kSaid + 6) + (shows_state(client) ? 4.f : 0.f);
}

float Cards::draw_wait(const Client& client, Point right) {
  const auto time = waited(world_, client);
  if (!in_lesson() || !shows(Topic::kWaits) || !time) return 0;
  const bool waits = client.answered_at == 0 && !has_ended(client);
  const Color color = waits ? theme_.ink : theme_.muted;
  const TextStyle style{waits ? Face::kBold : Face::kSemiBold, 15, color, Align::kRight};
  const std::string words = fmt::format("{:.1f} s", static_cast<double>(*time) / static_cast<double>(kSecond));
  const float width = canvas_.width(style.face, style.size, words);
  canvas_.text("waited", right, words, style);
  const Point middle{right.x - width - 14, right.y - 5.2f};
  canvas_.box("clock",
              {{middle.x - kClock, middle.y - kClock, 2 * kClock, 2 * kClock}, kClock, theme_.card, color, 1.8f});
  canvas_.line("hands", {{{middle.x, middle.y - 4.6f}, middle, {middle.x + 3.4f, middle.y + 1.6f}}, color, 1.6f});
  return width + 14 + kClock;
}

void Cards::draw(const Client& client, Rect rect) {
  const Subject subject = subject_of(client);
  canvas_.begin(subject, rect);
  const Difference* difference = difference_of(client);
  const bool over = has_ended(client), queued = client.connection_number == 0;
  const Color color = difference != nullptr ? theme_.alarm : over ? theme_.dead_line : color_of(client);
  frame(rect, color, false, is_selected(subject), over ? Dash::kDotted : queued ? Dash::kDashed : Dash::kSolid);
  if (over) canvas_.box("dead", {{rect.x + 2, rect.y + 2, rect.width - 4, rect.height - 4}, 8, theme_.dead});
  const float left = rect.x + 16, right = rect.right() - 14;
  const std::string port = in_lesson()                          ? ""
                           : client.outsider && client.pid != 0 ? fmt::format("pid {}", client.pid)
                           : client.address.ip == kLoopback     ? fmt::format(":{}", client.address.port)
                                                                : to_string(client.address);
  const float port_width = std::max(canvas_.width(Face::kMono, 13.5f, port), draw_wait(client, {right, rect.y + 27}));
  canvas_.tight_text("title", {left, rect.y + 27}, title_of(client),
                     {Face::kBold, 17, over ? theme_.muted : theme_.ink}, right - left - port_width - 8);
  canvas_.text("port", {right, rect.y + 27}, port, {Face::kMono, 13.5f, theme_.muted, Align::kRight});
  if (difference != nullptr && in_lesson())
    canvas_.tight_text("difference", {left, rect.y + lines_.client_state},
                       {brief_words_of(*difference), "kernel: " + printable(difference->kernel.view())},
                       {Face::kSemiBold, 13.5f, theme_.alarm}, right - left);
  else
    state(client, {left, rect.y + lines_.client_state}, 13.5f, right - left);
  float y = rect.y + lines_.client_header - 4;
  if (shows_state(client)) {
    if (const TcpState state = present_state(client); is_known(state))
      canvas_.chip("socket", {left, y + lines_.client_socket / 2}, std::string(name_of(state)), theme_.chip, 13.5f);
    y += lines_.client_socket;
  }
  std::uint64_t index = 0;
  for (CardLine& line : lines_of(client)) {
    canvas_.tight_text("line", {left, y + 14}, std::move(line.text), {line.face, line.size, line.color}, right - left,
                       index++);
    y += lines_.client;
  }
  if (difference != nullptr && !in_lesson()) draw_difference(*difference, {left - 4, y + 6}, right - left + 8, 0);
  if (!says_still(client)) return;
  if (in_lesson() && client.sent == 0 && client.received == 0) return;
  const bool one_line = in_lesson() && rect.bottom() - y < kSaid + 10;
  const float height = one_line ? kSaidInOneLine : in_lesson() ? kLessonSaid : kSaid;
  const Rect said{left, rect.bottom() - (in_lesson() ? 6 : 8) - height, right - left, height};
  canvas_.box("said", {said, 5, theme_.said});
  if (client.sent == 0 && client.received == 0)
    return canvas_.text("silence", {left + 10, said.y + 26}, "nothing said yet", {Face::kRegular, 13.5f, theme_.muted});
  const TextStyle words{Face::kMono, 13.5f, theme_.ink};
  if (one_line) {
    const auto [both, once, brief] = said_in_one_line(client);
    return canvas_.tight_text("sent", {left + 10, said.y + 17.5f}, {both, once, brief}, words, right - left - 20);
  }
  canvas_.text("sent", {left + 10, said.y + 17}, "→ " + strace_line(client.last_sent.view()), words, right - left - 20);
  if (client.received == 0) return;
  float widest = right - left - 20;
  if (request_.keeps_ended && client.answered_at != 0) {
    const TextStyle style{Face::kSemiBold, 13.5f, theme_.ink, Align::kRight};
    const std::string after = "after " + brief_time(waited(world_, client).value_or(0));
    canvas_.text("after", {said.right() - 10, said.bottom() - 7}, after, style);
    widest -= canvas_.width(style.face, style.size, after) + 8;
  }
  canvas_.text("received", {left + 10, said.bottom() - 7}, "← " + strace_line(client.last_received.view()), words,
               widest);
}

std::array<std::string, 3> Cards::said_in_one_line(const Client& client) {
  const std::string sent = strace_line(client.last_sent.view()), back = strace_line(client.last_received.view());
  const std::string both = "→ " + sent + (client.received > 0 ? "  ← " + back : "");
  const bool whole = client.received > 0 && back == sent;  // it went and came back
  const std::string once = whole ? "↔ " + back : both;
  // Rather than a part of what was said, the end of its line is left out.
  const std::string brief = (whole ? "↔ " : "→ ") + first_line(client.last_sent.view());
  return {both, once, whole || client.received == 0 ? brief : both};
}

void Cards::state(const Client& client, Point at, float size, float widest) {
  const bool waiting = client.state == Client::kHalfClosed && !client.outsider;
  const bool failed = client.state == Client::kFailed || client.state == Client::kReset;
  const OpenFile* file = find_file(world_, client.connection);
  const bool in_vain = waiting && file != nullptr && leaks(*file);
  std::string words = doing_now(client);
  std::string time;
  if (const double seconds = static_cast<double>(request_.now - client.since) / static_cast<double>(kSecond);
      waiting && request_.elapsed && seconds >= 0.1) {
    time = fmt::format("… {:.1f} s", seconds);
    // The time matters more than the full words.
    const bool fits = canvas_.width(Face::kSemiBold, size, words + time) <= widest;
    words = (fits ? words : "waiting for EOF") + time;
  }
  std::string brief = words;
  if (constexpr std::string_view kEnd = "end of file"; waiting && brief.ends_with(kEnd))
    brief.replace(brief.size() - kEnd.size(), kEnd.size(), "EOF");
  canvas_.tight_text(
      "doing", at, {words, brief, time.empty() ? brief : "no EOF" + time},
      {waiting || failed ? Face::kSemiBold : Face::kRegular, size, failed || in_vain ? theme_.alarm : theme_.muted},
      widest);
}

}  // namespace forktable
