#include <fmt/format.h>

#include <algorithm>

#include "core/world/describe.hpp"
#include "ui/picture/cards.hpp"
#include "ui/picture/diagnoses.hpp"
#include "ui/picture/sockets.hpp"

namespace forktable {
namespace {

constexpr float kFirstLine = 97, kSmallHeight = 50, kNarrow = 210;
constexpr float kLessonLine = 51;             // the first line below the title
constexpr float kBesideDisc = 82;             // from the right edge, left of the disc and its label
constexpr float kSlot = 24, kSlotPitch = 30;  // of the accept queue
constexpr std::size_t kQueueSlots = 3;
constexpr std::size_t kFewestLines = 2;  // there is room for: few cards change their height while things happen
constexpr const char *kLeakWords = "no FIN until this reaches 0", *kBriefLeakWords = "no FIN until 0";

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
  return file.change != Change::kOpened && is_recent(file.changed_at);
}

namespace {

const char* word_of(Change change) {
  switch (change) {
    case Change::kOpened: return "open";
    case Change::kForked: return "fork";
    case Change::kDuplicated: return "dup2";
    case Change::kPassed: return "recvmsg";
    case Change::kClosed: return "close";
    case Change::kExecuted: return "execve";
    case Change::kExited: return "exit";
    case Change::kEnded: return "ended";
    case Change::kReturned: return "returned";
  }
  return "";
}

}  // namespace

std::string Cards::holders(const OpenFile& file) const {
  const std::uint32_t references = count_references(world_, file.id);
  if (just_changed(file)) {
    // Where calls keep it, each has taken over a reference.
    const auto kept = static_cast<std::uint32_t>(keepers_of(world_, file.id).size());
    const std::uint32_t before = adds(file.change) ? std::max(references, file.changed_by) - file.changed_by
                                                   : std::max(references, references + file.changed_by - kept);
    if (before == references) return fmt::format("{}: stays {}", word_of(file.change), references);
    return fmt::format("{}: {} → {}", word_of(file.change), before, references);
  }
  std::string text;
  std::uint32_t named = 0;
  for (const Process& process : world_.processes)
    for (const Descriptor& descriptor : process.descriptors) {
      if (descriptor.file != file.id) continue;
      if (++named > 2) continue;
      text += (text.empty() ? "" : ", ") + holder(process);
    }
  if (named == 1 && world_.shape.has(Shape::kThreads)) text += ", for all its threads";
  return named > 2 ? fmt::format("{} and {} more", text, named - 2) : text;
}

std::string Cards::kept_by(const OpenFile& file, bool brief) const {
  const std::vector<const Process*> keepers = keepers_of(world_, file.id);
  if (keepers.empty()) return {};
  if (keepers.size() > 1) return fmt::format("kept by {} calls", keepers.size());
  const Process& keeper = *keepers.front();
  const std::string who = keeper.thread_of ? mention_of(keeper) : "main";
  return brief ? "kept by " + who : fmt::format("kept by {}'s {}", who, name_of(keeper.activity.call));
}

std::string Cards::holder(const Process& process) {
  if (process.parent) return mention_of(process);
  return process.shape.has_children() ? "parent" : "server";
}

std::string Cards::purpose(const OpenFile& helper) const {
  if (helper.kind == FileKind::kPlumbing) return "not part of the lesson";
  if (helper.unread > 0) return plural(static_cast<std::uint64_t>(helper.unread), "byte", "bytes") + " to be read";
  if (just_changed(helper)) return holders(helper);
  if (helper.kind != FileKind::kEpoll)
    return "held by " + plural(count_references(world_, helper.id), "process", "processes");
  for (const Process& process : world_.processes)
    for (const Descriptor& descriptor : process.descriptors)
      if (descriptor.file == helper.id) return "watches " + plural(process.watched.size(), "descriptor", "descriptors");
  return {};
}

// Below the one that says who holds it, each in the full width: what waits, and why it is in its state.
std::vector<Cards::CardLine> Cards::lines_of(const OpenFile& file) const {
  std::vector<CardLine> lines;
  if (std::string kept = kept_by(file, false); !kept.empty())
    lines.push_back({std::move(kept), Face::kSemiBold, 13.5f, theme_.ink, kept_by(file, true)});
  if (file.kind == FileKind::kConnection)
    for (const std::string& words : {unread_words(file.socket), unacknowledged_words(file.socket, "the client")})
      if (!words.empty()) lines.push_back({words, Face::kSemiBold, 13.5f, theme_.ink});
  if (is_reset(world_, file)) lines.push_back({"reset by RST", Face::kSemiBold, 13.5f, theme_.alarm});
  if (!shows(Topic::kTcp) && !leaks(file)) return lines;
  if (leaks(file))
    lines.push_back({kLeakWords, Face::kSemiBold, 13.5f, theme_.alarm, kBriefLeakWords});
  else if (std::string why = brief_meaning_of(file.socket.state); !why.empty())
    lines.push_back({std::move(why), Face::kRegular, 13.5f, theme_.muted});
  return lines;
}

float Cards::height(const OpenFile& file) const {
  if (!is_socket(file.kind)) return kSmallHeight;
  if (in_lesson()) {
    const bool listening = file.kind == FileKind::kListening;
    const float lines =
        lines_.file * static_cast<float>(lines_of(file).size() + (listening || just_changed(file) ? 1 : 0));
    return std::max(kListeningHeight, kLessonLine + lines + (listening && shows(Topic::kQueue) ? 33 : 0) +
                                          (shows_state(file) ? 26 : 0) - 9);
  }
  const std::size_t lines = 1 + lines_of(file).size() + (file.kind == FileKind::kListening ? 1 : 0);
  return kFirstLine + lines_.file * static_cast<float>(std::max(kFewestLines, lines) - 1) + 13 +
         (difference_of(file) != nullptr ? kDifferenceHeight + 6 : 0);
}

void Cards::backlog(const OpenFile& listening, Point at, float widest, float size) {
  const Backlog queue = backlog_of(world_, listening);
  const std::string words = words_of(queue);
  const Color color = queue.full() ? theme_.alarm : queue.waiting > 0 ? theme_.ink : theme_.muted;
  const Face face = queue.waiting > 0 ? Face::kSemiBold : Face::kRegular;
  const float used = std::min(widest, canvas_.width(face, size, words)) + 10;
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
  const Point center{rect.right() - radius - 14, rect.y + (small ? kSmallHeight / 2 : lines_.disc)};
  const float widest = center.x - radius - 10 - left;
  canvas_.tight_text("title", {left, rect.y + (small ? 21 : 27)}, title_of(file),
                     {Face::kBold, small ? 15.f : 17.f, theme_.ink}, widest);
  reference_count(center, radius, references, color);
  if (small) {
    const bool changed = just_changed(file);
    std::string words = purpose(file);
    if (canvas_.width(Face::kRegular, 13.5f, words) > widest) words.resize(words.rfind(' '));
    const TextStyle style{changed ? Face::kSemiBold : Face::kRegular, 13.5f, changed ? theme_.ink : theme_.muted};
    const float used = canvas_.width(style.face, style.size, words) + 8;
    canvas_.tight_text("holders", {left, rect.y + 40}, std::move(words), style, widest);
    for (int byte = 0; byte < file.unread; ++byte) {  // each is a cell, as far as there is room
      const Rect cell{left + used + 14 * static_cast<float>(byte), rect.y + 29, 11, 14};
      if (cell.right() > left + widest) break;
      canvas_.box("byte", {cell, 2, theme_.card, theme_.ink, 1.4f}, static_cast<std::uint64_t>(byte));
    }
    return;
  }
  const std::uint32_t kernels = references_in_kernel(file, references);
  canvas_.text("refcnt", {center.x, rect.y + lines_.refcnt},
               kernels == references ? "refcnt" : fmt::format("kernel: {}", kernels),
               {Face::kSemiBold, 13.5f, kernels == references ? theme_.muted : theme_.alarm, Align::kCenter});
  if (in_lesson()) return draw_in_lesson(file, rect, widest);
  const bool listening = file.kind == FileKind::kListening;
  std::string address =
      listening ? fmt::format("127.0.0.1:{}", file.port) : fmt::format("{} ↔ {}", file.port, words_of(file.peer));
  // Of a long address, the port is what matters.
  if (listening && canvas_.width(Face::kMono, 13, address) > widest) address = fmt::format(":{}", file.port);
  canvas_.tight_text("address", {left, rect.y + 50}, std::move(address), {Face::kMono, 13.5f, theme_.muted}, widest);
  const TcpState state = present_state(world_, file);
  if (is_known(state))
    canvas_.chip("state", {left, rect.y + 70}, std::string(name_of(state)),
                 leaking && is_alarming(state) ? theme_.alarm : theme_.chip, 13.5f);

  const float full_width = rect.right() - 14 - left;
  float y = rect.y + kFirstLine;
  if (listening) {
    backlog(file, {left, y}, full_width, 12.5f);
    y += lines_.file;
  }
  const bool changed = just_changed(file);
  canvas_.tight_text("holders", {left, y}, holders(file),
                     {changed ? Face::kSemiBold : Face::kRegular, 13.5f, changed ? theme_.ink : theme_.muted},
                     full_width);
  std::uint64_t index = 0;
  for (CardLine& line : lines_of(file)) {
    y += lines_.file;
    canvas_.tight_text("line", {left, y}, std::move(line.text), {line.face, line.size, line.color}, full_width,
                       index++);
  }
  if (difference != nullptr)
    draw_difference(*difference, {left - 4, rect.bottom() - kDifferenceHeight - 10}, full_width + 6, 0);
}

// The rest of a socket's card where there is little but what the lesson is about.
void Cards::draw_in_lesson(const OpenFile& file, Rect rect, float widest) {
  const float left = rect.x + 18, full_width = rect.right() - 14 - left;
  float y = rect.y + kLessonLine;
  const auto line = [&](const char* part, const std::string& text, const TextStyle& style, std::uint64_t index = 0,
                        const std::string& brief = "") {
    const float room = y < rect.y + lines_.refcnt + 4 ? widest : full_width;
    canvas_.tight_text(part, {left, y}, {text, brief.empty() ? text : brief}, style, room, index);
    y += lines_.file;
  };
  if (const std::string dispute = disagreement(file); !dispute.empty())
    line("difference", dispute, {Face::kSemiBold, 13.5f, theme_.alarm});
  else if (just_changed(file) && shows(Topic::kRefcnt))
    line("holders", holders(file), {Face::kSemiBold, 14, theme_.ink});
  else if (file.kind == FileKind::kListening)
    line("address", fmt::format(":{}", file.port), {Face::kMono, 13.5f, theme_.muted});
  std::uint64_t index = 0;
  for (CardLine& one : lines_of(file)) line("line", one.text, {one.face, one.size, one.color}, index++, one.brief);
  if (shows_state(file)) {
    const bool alarming = leaks(file) && is_alarming(present_state(world_, file));
    canvas_.chip("state", {left, y - 2}, std::string(name_of(present_state(world_, file))),
                 alarming ? theme_.alarm : theme_.chip, 13.5f);
  }
  if (file.kind == FileKind::kListening && shows(Topic::kQueue)) queue(rect);
}

bool Cards::shows_state(const OpenFile& file) const {
  return shows(Topic::kTcp) && file.kind == FileKind::kConnection && is_known(present_state(world_, file));
}

Point Cards::queue_slot(Rect card, std::size_t place) {
  const float left = card.x + 18;
  return {left + kSlotPitch * static_cast<float>(std::min(place, kQueueSlots - 1)) + kSlot,
          card.bottom() - 14 - kSlot / 2};
}

void Cards::queue(Rect card) {
  std::vector<const Client*> waiting;
  for (const Client& client : world_.clients)
    if (waits_for_accept(client)) waiting.push_back(&client);
  const float top = card.bottom() - 14 - kSlot;
  for (std::size_t place = 0; place < kQueueSlots; ++place) {
    const Rect slot{queue_slot(card, place).x - kSlot, top, kSlot, kSlot};
    const bool taken = place < waiting.size();
    canvas_.box("slot",
                {slot, 4, taken ? theme_.said : kTransparent, taken ? theme_.ink : theme_.line, taken ? 1.8f : 1.4f,
                 taken ? Dash::kSolid : Dash::kDashed},
                place);
    if (taken)
      canvas_.text("slot client", {slot.x + kSlot / 2, top + kSlot / 2 + 5}, std::to_string(waiting[place]->id.value),
                   {Face::kBold, 14, theme_.ink, Align::kCenter}, 0, place);
  }
  const float after = queue_slot(card, kQueueSlots - 1).x + 8;
  const TextStyle style{Face::kRegular, 13.5f, theme_.muted};
  const std::string count = fmt::format("{} in the accept queue", waiting.size());
  const float widest = card.right() - kBesideDisc - after;
  canvas_.text("queue", {after, top + 16},
               waiting.size() > kQueueSlots
                   ? canvas_.wording({count, fmt::format("{} wait", waiting.size()), ""}, style, widest)
               : waiting.empty() ? canvas_.wording({"accept queue: empty", "accept queue", "queue", ""}, style, widest)
                                 : canvas_.wording({"accept queue", "queue", ""}, style, widest),
               style);
}

void Cards::draw_gone(const OpenFile& file, Rect rect) {
  canvas_.begin(subject_of(file), rect);
  const Color color = color_of(file);
  canvas_.box("card", {rect, 10, kTransparent, color, 2.5f, Dash::kDashed});
  const float radius = rect.width < kNarrow ? 21 : 26, left = rect.x + 18;
  const Point center{rect.right() - radius - 14, rect.y + lines_.disc};
  const float widest = center.x - radius - 10 - left;
  canvas_.tight_text("title", {left, rect.y + 27}, title_of(file), {Face::kBold, 17, theme_.muted}, widest);
  canvas_.box("disc", {{center.x - radius, center.y - radius, 2 * radius, 2 * radius},
                       radius,
                       kTransparent,
                       color,
                       2.5f,
                       Dash::kDotted});
  canvas_.text("count", {center.x, center.y + radius * 0.47f}, "0",
               {Face::kBold, radius * 1.3f, theme_.ink, Align::kCenter});
  canvas_.tight_text("holders", {left, rect.y + kLessonLine},
                     fmt::format("{}: {} → 0", word_of(file.change), file.changed_by),
                     {Face::kSemiBold, 14, theme_.ink}, widest);
  canvas_.tight_text("gone", {left, rect.y + kLessonLine + lines_.file}, {"gone from the table", "gone"},
                     {Face::kRegular, 13.5f, theme_.muted}, widest);
}

void Cards::reference_count(Point center, float radius, std::uint32_t references, Color color) {
  canvas_.box("disc", {{center.x - radius, center.y - radius, 2 * radius, 2 * radius}, radius, color});
  const std::string digits = std::to_string(references);
  const float size = radius * (digits.size() == 1 ? 1.3f : digits.size() == 2 ? 1.05f : 0.75f);
  canvas_.text("count", {center.x, center.y + size * 0.36f}, digits,
               {Face::kBold, size, readable_on(color), Align::kCenter, 0, false});
}

}  // namespace forktable
