#include <fmt/format.h>

#include <algorithm>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"
#include "ui/picture/diagnoses.hpp"
#include "ui/picture/sockets.hpp"

namespace forktable {
namespace {

constexpr float kFirstLine = 97, kLeading = 19, kSmallHeight = 50, kNarrow = 210;
constexpr std::size_t kFewestLines = 2;  // there is room for: few cards change their height while things happen
constexpr const char* kLeakWords = "no FIN until this reaches 0";

// Its bytes and its end of file wait, and nothing comes of it any more.
bool is_alarming(TcpState state) { return state == TcpState::kCloseWait || state == TcpState::kClose; }

}  // namespace

const Difference* Cards::difference_of(const OpenFile& file) const {
  return file.kind == FileKind::kListening ? find_difference(world_, Differs::kSocket, 0, file.port) : nullptr;
}

std::uint32_t Cards::references_in_kernel(const OpenFile& file, std::uint32_t references) const {
  const std::string title = title_of(file);
  std::uint32_t missing = 0, more = 0;
  for (const Difference& one : world_.differences) {
    const Process* process = one.in == Differs::kDescriptor ? find_process(world_, one.pid) : nullptr;
    if (process == nullptr) continue;
    const Descriptor* descriptor = find_descriptor(*process, one.number);
    missing += descriptor != nullptr && descriptor->file == file.id ? 1 : 0;
    more += one.kernel.view() == title ? 1 : 0;
  }
  return references + more - std::min(references + more, missing);
}

std::string Cards::disagreement(const OpenFile& file) const {
  const Difference* difference = difference_of(file);
  return difference != nullptr ? brief_words_of(*difference) : "";
}

bool Cards::leaks(const OpenFile& file) const { return std::binary_search(leaked_.begin(), leaked_.end(), file.id); }

bool Cards::just_changed(const OpenFile& file) const {
  return file.change != Change::kOpened && request_.now - file.changed_at <= request_.recent;
}

std::string Cards::holders(const OpenFile& file) const {
  const std::uint32_t references = count_references(world_, file.id);
  if (just_changed(file)) {
    if (file.change == Change::kForked)
      return fmt::format("fork: {} → {}", references - (references > 0 ? 1 : 0), references);
    return fmt::format("{}: {} → {}", file.change == Change::kClosed ? "close" : "exit", references + 1, references);
  }
  std::string text;
  std::uint32_t named = 0;
  for (const Process& process : world_.processes)
    for (const Descriptor& descriptor : process.descriptors) {
      if (descriptor.file != file.id) continue;
      if (++named > 2) continue;
      text += (text.empty() ? "" : ", ") + holder(process);
    }
  if (named == 1 && world_.kind == ServerKind::kThread) text += ", for all its threads";
  return named > 2 ? fmt::format("{} and {} more", text, named - 2) : text;
}

std::string Cards::holder(const Process& process) {
  if (process.parent) return fmt::format("child {}", process.pid);
  return forks(process.server) ? "parent" : "server";
}

std::string Cards::purpose(const OpenFile& helper) const {
  if (helper.kind == FileKind::kPlumbing) return "not part of the lesson";
  if (helper.unread > 0) return plural(static_cast<std::uint64_t>(helper.unread), "byte", "bytes") + " to be read";
  if (just_changed(helper)) return holders(helper);
  if (helper.kind == FileKind::kFifo)
    return "held by " + plural(count_references(world_, helper.id), "process", "processes");
  for (const Process& process : world_.processes)
    for (const Descriptor& descriptor : process.descriptors)
      if (descriptor.file == helper.id) return "watches " + plural(process.watched.size(), "descriptor", "descriptors");
  return {};
}

// Below the one that says who holds it, each in the full width: what waits, and why it is in its state.
std::vector<Cards::CardLine> Cards::lines_of(const OpenFile& file) const {
  std::vector<CardLine> lines;
  if (file.kind == FileKind::kConnection)
    for (const std::string& words : {unread_words(file.socket), unacknowledged_words(file.socket, "the client")})
      if (!words.empty()) lines.push_back({words, Face::kSemiBold, 12.5f, theme_.ink});
  if (leaks(file))
    lines.push_back({kLeakWords, Face::kSemiBold, 13, theme_.alarm});
  else if (std::string why = brief_meaning_of(file.socket.state); !why.empty())
    lines.push_back({std::move(why), Face::kRegular, 12.5f, theme_.muted});
  return lines;
}

float Cards::height(const OpenFile& file) const {
  if (!is_socket(file.kind)) return kSmallHeight;
  const std::size_t lines = 1 + lines_of(file).size() + (file.kind == FileKind::kListening ? 1 : 0);
  return kFirstLine + kLeading * static_cast<float>(std::max(kFewestLines, lines) - 1) + 13 +
         (difference_of(file) != nullptr ? kDifferenceHeight + 6 : 0);
}

void Cards::backlog(const OpenFile& listening, Point at, float widest, float size) {
  const Backlog queue = backlog_of(world_, listening);
  const std::string words = words_of(queue);
  const Color color = queue.full() ? theme_.alarm : queue.waiting > 0 ? theme_.ink : theme_.muted;
  const Face face = queue.waiting > 0 ? Face::kSemiBold : Face::kRegular;
  const float used = std::min(widest, canvas_.fonts().width(face, size, words)) + 10;
  canvas_.text("backlog", at, words, {face, size, color}, widest);
  constexpr float kShortest = 24, kLongest = 110, kHeight = 8;
  if (queue.most == 0 || widest - used < kShortest) return;
  const Rect bar{at.x + used, at.y - size * 0.36f - kHeight / 2, std::min(widest - used, kLongest), kHeight};
  canvas_.box("backlog bar", {bar, kHeight / 2, kTransparent, queue.full() ? theme_.alarm : theme_.dead_line, 1.2f});
  if (queue.waiting > 0)
    canvas_.box("backlog filled", {{bar.x, bar.y, std::max(bar.height, bar.width * queue.share()), bar.height},
                                   kHeight / 2,
                                   queue.full() ? theme_.alarm : theme_.accent});
}

void Cards::draw(const OpenFile& file, std::uint32_t references, Rect rect) {
  const Subject subject = subject_of(file);
  canvas_.begin(subject, rect);
  const Difference* difference = difference_of(file);
  const bool leaking = leaks(file), alarming = leaking || difference != nullptr;
  const Color color = alarming ? theme_.alarm : color_of(file);
  frame(rect, color, false, is_selected(file));
  const bool small = !is_socket(file.kind);
  const float radius = small ? 16 : rect.width < kNarrow ? 21 : 26, left = rect.x + 18;
  const Point center{rect.right() - radius - 14, rect.y + (small ? kSmallHeight / 2 : 40)};
  const float widest = center.x - radius - 10 - left;
  canvas_.tight_text("title", {left, rect.y + (small ? 21 : 27)}, title_of(file),
                     {Face::kBold, small ? 15.f : 17.f, theme_.ink}, widest);
  reference_count(center, radius, references, color);
  if (small) {
    const bool changed = just_changed(file);
    std::string words = purpose(file);
    if (canvas_.fonts().width(Face::kRegular, 11.5f, words) > widest) words.resize(words.rfind(' '));
    canvas_.tight_text("holders", {left, rect.y + 40}, std::move(words),
                       {changed ? Face::kSemiBold : Face::kRegular, 13, changed ? theme_.ink : theme_.muted}, widest);
    return;
  }
  const std::uint32_t kernels = references_in_kernel(file, references);
  canvas_.text("refcnt", {center.x, rect.y + 82}, kernels == references ? "refcnt" : fmt::format("kernel: {}", kernels),
               {Face::kSemiBold, 12, kernels == references ? theme_.muted : theme_.alarm, Align::kCenter});
  const bool listening = file.kind == FileKind::kListening;
  std::string address =
      listening ? fmt::format("127.0.0.1:{}", file.port) : fmt::format("{} ↔ {}", file.port, words_of(file.peer));
  // Of a long address, the port is what matters.
  if (listening && canvas_.fonts().width(Face::kMono, 11.5f, address) > widest) address = fmt::format(":{}", file.port);
  canvas_.tight_text("address", {left, rect.y + 50}, std::move(address), {Face::kMono, 13, theme_.muted}, widest);
  const TcpState state = present_state(world_, file);
  if (is_known(state))
    canvas_.chip("state", {left, rect.y + 70}, std::string(name_of(state)),
                 leaking && is_alarming(state) ? theme_.alarm : theme_.chip, 11.5f);

  const float full_width = rect.right() - 14 - left;
  float y = rect.y + kFirstLine;
  if (listening) {
    backlog(file, {left, y}, full_width, 12.5f);
    y += kLeading;
  }
  const bool changed = just_changed(file);
  canvas_.tight_text("holders", {left, y}, holders(file),
                     {changed ? Face::kSemiBold : Face::kRegular, 13.5f, changed ? theme_.ink : theme_.muted},
                     full_width);
  std::uint64_t index = 0;
  for (CardLine& line : lines_of(file)) {
    y += kLeading;
    canvas_.tight_text("line", {left, y}, std::move(line.text), {line.face, line.size, line.color}, full_width,
                       index++);
  }
  if (difference != nullptr)
    draw_difference(*difference, {left - 4, rect.bottom() - kDifferenceHeight - 10}, full_width + 6, 0);
}

void Cards::reference_count(Point center, float radius, std::uint32_t references, Color color) {
  canvas_.box("disc", {{center.x - radius, center.y - radius, 2 * radius, 2 * radius}, radius, color});
  const std::string digits = std::to_string(references);
  const float size = radius * (digits.size() == 1 ? 1.3f : digits.size() == 2 ? 1.05f : 0.75f);
  canvas_.text("count", {center.x, center.y + size * 0.36f}, digits,
               {Face::kBold, size, readable_on(color), Align::kCenter, 0, false});
}

}  // namespace forktable
