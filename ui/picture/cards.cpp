#include "ui/picture/cards.hpp"

#include <fmt/format.h>
#include <sys/wait.h>

#include <algorithm>

#include "core/world/describe.hpp"
#include "ui/picture/diagnoses.hpp"

namespace forktable {
namespace {

constexpr float kHeader = 62, kRow = 26, kPitch = 30, kChip = 11.5f;
constexpr const char* kLeakWords = "no FIN until this reaches 0";
constexpr std::size_t kMostRows = 10;  // of a descriptor table; beyond it, they are counted

bool was_killed(const Process& process) {
  return process.life != Life::kAlive && process.wait_status && WIFSIGNALED(*process.wait_status);
}

// Nobody reaps it, says a diagnosis.
bool lingers(const Process& process, std::span<const Diagnosis> diagnoses) {
  return process.life == Life::kDead &&
         std::any_of(diagnoses.begin(), diagnoses.end(), [](const Diagnosis& one) { return one.kind == "zombies"; });
}

}  // namespace

Cards::Cards(Canvas& canvas, const PictureRequest& request)
    : canvas_(canvas), request_(request), world_(request.world), theme_(request.theme) {}

std::vector<Descriptor> Cards::shown_descriptors(const Process& process) const {
  std::vector<Descriptor> shown;
  for (const Descriptor& descriptor : process.descriptors) {
    const OpenFile* file = find_file(world_, descriptor.file);
    if (file != nullptr && (request_.show_plumbing || file->kind != FileKind::kPlumbing)) shown.push_back(descriptor);
  }
  return shown;
}

float Cards::height(const Process& process) const {
  if (process.life != Life::kAlive) return kHeader + 2;
  const std::size_t rows = std::min(shown_descriptors(process).size() + process.closed.size(), kMostRows + 1);
  return kHeader + kPitch * static_cast<float>(rows) + 8;
}
float Cards::height(const OpenFile& file) const { return file.kind == FileKind::kPlumbing ? 64 : 110; }
float Cards::height(const Client& client) const { return has_ended(client) ? 64 : 110; }

Color Cards::color_of(const Process& process) const {
  return process.parent ? theme_.connection(process.connection) : theme_.ink;
}
Color Cards::color_of(const OpenFile& file) const {
  switch (file.kind) {
    case FileKind::kListening: return theme_.ink;
    case FileKind::kConnection: return theme_.connection(file.number);
    case FileKind::kPlumbing: return theme_.faint;
  }
  return theme_.ink;
}
Color Cards::color_of(const Client& client) const { return theme_.connection(client.connection_number); }

std::string Cards::title(const Process& process) const { return title_of(world_, process); }

void Cards::frame(Rect rect, Color color, bool bar, bool selected, Dash dash) {
  if (selected)
    canvas_.box("selected", {{rect.x - 5, rect.y - 5, rect.width + 10, rect.height + 10},
                             14,
                             kTransparent,
                             theme_.panel_accent,
                             3,
                             Dash::kSolid});
  canvas_.box("card", {rect, 10, theme_.card, color, 2.5f, dash});
  if (bar)
    canvas_.box("bar", {{rect.x - 1, rect.y + 1, 7, rect.height - 2}, 3.5f, color, kTransparent, 0, Dash::kSolid});
}

void Cards::reference_count(Point center, float radius, std::uint32_t references, Color color) {
  canvas_.box("disc", {{center.x - radius, center.y - radius, 2 * radius, 2 * radius}, radius, color});
  const std::string digits = std::to_string(references);
  const float size = radius * (digits.size() == 1 ? 1.3f : digits.size() == 2 ? 1.05f : 0.75f);
  canvas_.text("count", {center.x, center.y + size * 0.36f}, digits,
               {Face::kBold, size, readable_on(color), Align::kCenter, 0, false});
}

void Cards::draw(const Process& process, Rect rect, std::vector<Dot>& dots) {
  const Subject subject = subject_of(process);
  canvas_.begin(subject, rect, process.parent ? key_of({Subject::kProcess, process.parent.value}) : 0);
  const bool alive = process.life == Life::kAlive, orphan = is_orphan(world_, process);
  const bool killed = was_killed(process);
  const Color color = alive ? color_of(process) : theme_.dead_line;
  frame(
      rect, color, alive, is_selected(subject),
      alive ? (orphan ? Dash::kDashed : Dash::kSolid) : (process.life == Life::kDead ? Dash::kDashed : Dash::kDotted));
  if (!alive) canvas_.box("dead", {{rect.x + 2, rect.y + 2, rect.width - 4, rect.height - 4}, 8, theme_.dead});

  const float left = rect.x + 20, right = rect.right() - 16;
  const std::string pid = fmt::format("pid {}", process.pid);
  const float pid_width = canvas_.fonts().width(Face::kMono, 13, pid);
  canvas_.text("title", {left, rect.y + 27}, title(process), {Face::kBold, 17, alive ? theme_.ink : theme_.muted},
               right - left - pid_width - 12);
  canvas_.text("pid", {right, rect.y + 27}, pid, {Face::kMono, 13, theme_.muted, Align::kRight});
  float doing_right = right;
  if (const float width = step_button(process, {right, rect.y + 46}); width > 0) doing_right -= width + 8;
  const auto chip = [&](const char* part, const char* label, Color fill) {
    const float width = canvas_.fonts().width(Face::kSemiBold, kChip, label) + kChip * 1.3f;
    canvas_.chip(part, {doing_right - width, rect.y + 46}, label, fill, kChip);
    doing_right -= width + 8;
  };
  if (process.held && alive) chip("held", "HELD", theme_.chip);
  if (orphan || killed || process.life == Life::kDead)
    chip("state",
         orphan   ? "ORPHAN"
         : killed ? "KILLED"
                  : "ZOMBIE",
         killed || orphan || lingers(process, request_.diagnoses) ? theme_.alarm : theme_.chip);
  canvas_.text("doing", {left, rect.y + 50}, doing(world_, process),
               {killed ? Face::kSemiBold : Face::kRegular, 13.5f, killed ? theme_.alarm : theme_.muted},
               doing_right - left);
  if (!alive) return;

  // Open ones and those that were closed, in the order of their numbers.
  const auto descriptors = shown_descriptors(process);
  std::vector<std::pair<int, const Descriptor*>> rows;
  for (const Descriptor& descriptor : descriptors) rows.emplace_back(descriptor.fd, &descriptor);
  for (const ClosedDescriptor& closed : process.closed) rows.emplace_back(closed.fd, nullptr);
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const Rect place{left, rect.y + kHeader + kPitch * static_cast<float>(row), right - left - 4, kRow};
    if (row == kMostRows) {
      canvas_.text("more", {left + 12, place.y + 18}, fmt::format("and {} more descriptors", rows.size() - row),
                   {Face::kRegular, 13, theme_.muted});
      break;
    }
    if (rows[row].second != nullptr) {
      open_row(process, *rows[row].second, place, dots);
    } else {
      const auto closed = std::find_if(process.closed.begin(), process.closed.end(),
                                       [&](const ClosedDescriptor& one) { return one.fd == rows[row].first; });
      closed_row(*closed, place);
    }
  }
}

void Cards::closed_row(const ClosedDescriptor& closed, Rect place) {
  const auto part = static_cast<std::uint64_t>(closed.fd);
  const float y = place.y + 18;
  canvas_.box("closed", {place, 5, kTransparent, theme_.line, 1.2f, Dash::kDotted}, part);
  canvas_.text("closed fd", {place.x + 12, y}, std::to_string(closed.fd), {Face::kMono, 14, theme_.faint}, 0, part);
  canvas_.text("closed name", {place.x + 42 + (closed.fd > 99 ? 12.f : 0.f), y}, variable_for(closed.kind),
               {Face::kMono, 14, theme_.faint, Align::kLeft, 0, true}, 0, part);
  canvas_.text("closed word", {place.right() - 12, y}, "closed", {Face::kRegular, 12, theme_.faint, Align::kRight}, 0,
               part);
}

void Cards::open_row(const Process& process, const Descriptor& descriptor, Rect place, std::vector<Dot>& dots) {
  const OpenFile& file = *find_file(world_, descriptor.file);
  const auto part = static_cast<std::uint64_t>(descriptor.fd);
  const Subject subject = subject_of(process, descriptor);
  const bool selected = is_selected(subject);
  const Point dot{place.right() - 12, place.y + kRow / 2};
  const float y = place.y + 18;
  canvas_.area(subject, place);
  canvas_.box("row", {place, 5, theme_.row, selected ? theme_.panel_accent : kTransparent, selected ? 2.5f : 0}, part);
  canvas_.text("fd", {place.x + 12, y}, std::to_string(descriptor.fd), {Face::kMonoBold, 14, theme_.ink}, 0, part);
  canvas_.text("name", {place.x + 42 + (descriptor.fd > 99 ? 12.f : 0.f), y}, variable_for(file.kind),
               {Face::kMono, 14, theme_.ink}, 0, part);
  canvas_.box("dot", {{dot.x - 6, dot.y - 6, 12, 12}, 6, color_of(file)}, part);
  const bool leaking = file.acceptor == process.id && leaks(file);
  dots.push_back({descriptor.file, dot, leaking ? theme_.alarm : color_of(file), selected || leaking ? 3.6f : 2.2f,
                  key_of(key_of(subject_of(process)), "arrow", part)});
}

float Cards::step_button(const Process& process, Point at) {
  if (!request_.step_buttons || !process.gate || process.life != Life::kAlive) return 0;
  constexpr float kHeight = 23, kSize = 12;
  const std::string words = "▶ step";
  const float width = canvas_.fonts().width(Face::kSemiBold, kSize, words) + 18;
  const Rect rect{at.x - width, at.y - kHeight / 2, width, kHeight};
  canvas_.area({Subject::kStepProcess, process.id.value}, rect);
  canvas_.box("step", {rect, 5, theme_.card, color_of(process), 1.8f});
  canvas_.text("step words", {rect.x + width / 2, at.y + kSize * 0.36f}, words,
               {Face::kSemiBold, kSize, theme_.ink, Align::kCenter});
  return width;
}

void Cards::state(const Client& client, Point at, float size, float widest) {
  const bool waiting = client.state == Client::kHalfClosed && !client.outsider;
  const bool failed = client.state == Client::kFailed || client.state == Client::kReset;
  const OpenFile* file = find_file(world_, client.connection);
  const bool in_vain = waiting && file != nullptr && leaks(*file);
  std::string words = doing(client);
  if (const double seconds = static_cast<double>(request_.now - client.since) / static_cast<double>(kSecond);
      waiting && request_.elapsed && seconds >= 0.1) {
    const std::string time = fmt::format("… {:.1f} s", seconds);
    // The time matters more than the full words.
    const bool fits = canvas_.fonts().width(Face::kSemiBold, size, words + time) <= widest;
    words = (fits ? words : "waiting for EOF") + time;
  }
  canvas_.text(
      "doing", at, std::move(words),
      {waiting || failed ? Face::kSemiBold : Face::kRegular, size, failed || in_vain ? theme_.alarm : theme_.muted},
      widest);
}

bool Cards::leaks(const OpenFile& file) const { return forktable::leaks(world_, file, request_.diagnoses); }

bool Cards::is_selected(const OpenFile& file) const {
  if (request_.selected.kind != Subject::kDescriptor) return is_selected(subject_of(file));
  const Process* process = find_process(world_, ProcessId{request_.selected.id});
  const Descriptor* descriptor =
      process != nullptr ? find_descriptor(*process, static_cast<int>(request_.selected.part)) : nullptr;
  return descriptor != nullptr && descriptor->file == file.id;
}

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
      text += (text.empty() ? "" : ", ") + (process.parent ? fmt::format("child {}", process.pid) : "parent");
    }
  return named > 2 ? fmt::format("{} and {} more", text, named - 2) : text;
}

void Cards::draw(const OpenFile& file, std::uint32_t references, Rect rect) {
  const Subject subject = subject_of(file);
  canvas_.begin(subject, rect);
  const bool leaking = leaks(file);
  const Color color = leaking ? theme_.alarm : color_of(file);
  frame(rect, color, false, is_selected(file));
  const bool small = file.kind == FileKind::kPlumbing;
  const float radius = small ? 17 : 26, left = rect.x + 18;
  const Point center{rect.right() - radius - 14, rect.y + (small ? 32 : 40)};
  const float widest = center.x - radius - 10 - left;
  canvas_.text("title", {left, rect.y + 27}, title_of(file), {Face::kBold, 17, theme_.ink}, widest);
  reference_count(center, radius, references, color);
  if (small) {
    canvas_.text("holders", {left, rect.y + 50}, "not part of the lesson", {Face::kRegular, 13, theme_.muted}, widest);
    return;
  }
  canvas_.text("refcnt", {center.x, rect.y + 88}, "refcnt", {Face::kSemiBold, 12, theme_.muted, Align::kCenter});
  const bool listening = file.kind == FileKind::kListening;
  canvas_.text("address", {left, rect.y + 50},
               listening ? fmt::format("127.0.0.1:{}", file.port) : fmt::format("{} ↔ {}", file.port, file.peer_port),
               {Face::kMono, 13, theme_.muted}, widest);
  if (listening) {
    const float width = canvas_.chip("state", {left, rect.y + 70}, "LISTEN", theme_.chip, 11.5f);
    const auto waiting = std::count_if(world_.clients.begin(), world_.clients.end(), [](const Client& client) {
      return client.state >= Client::kConnected && !has_ended(client) && client.connection_number == 0;
    });
    if (waiting > 0)
      canvas_.text("queue", {left + width + 8, rect.y + 74}, fmt::format("{} in the queue", waiting),
                   {Face::kSemiBold, 12.5f, theme_.alarm}, widest - width - 8);
  }
  const bool changed = just_changed(file);
  const Color words = !changed ? theme_.muted : theme_.ink;
  canvas_.text("holders",
               {left, rect.y + (listening ? 97
                                : leaking ? 77
                                          : 82)},
               holders(file), {changed ? Face::kSemiBold : Face::kRegular, 13.5f, words}, widest);
  if (leaking)
    canvas_.text("leak", {left, rect.y + 102}, kLeakWords, {Face::kSemiBold, 13, theme_.alarm},
                 rect.right() - 14 - left);
}

void Cards::draw(const Client& client, Rect rect) {
  const Subject subject = subject_of(client);
  canvas_.begin(subject, rect);
  const bool over = has_ended(client), queued = client.connection_number == 0;
  const Color color = over ? theme_.dead_line : color_of(client);
  frame(rect, color, false, is_selected(subject), over ? Dash::kDotted : queued ? Dash::kDashed : Dash::kSolid);
  if (over) canvas_.box("dead", {{rect.x + 2, rect.y + 2, rect.width - 4, rect.height - 4}, 8, theme_.dead});
  const float left = rect.x + 16, right = rect.right() - 14;
  const std::string port =
      client.outsider && client.pid != 0 ? fmt::format("pid {}", client.pid) : fmt::format(":{}", client.port);
  const float port_width = canvas_.fonts().width(Face::kMono, 12.5f, port);
  canvas_.text("title", {left, rect.y + 27}, title_of(client), {Face::kBold, 17, over ? theme_.muted : theme_.ink},
               right - left - port_width - 8);
  canvas_.text("port", {right, rect.y + 27}, port, {Face::kMono, 12.5f, theme_.muted, Align::kRight});
  state(client, {left, rect.y + 50}, 13.5f, right - left);
  if (over) return;
  canvas_.box("said", {{left, rect.y + 60, right - left, 42}, 5, theme_.said});
  if (client.sent == 0 && client.received == 0)
    return canvas_.text("silence", {left + 10, rect.y + 86}, "nothing said yet", {Face::kRegular, 13, theme_.muted});
  const TextStyle words{Face::kMono, 12.5f, theme_.ink};
  canvas_.text("sent", {left + 10, rect.y + 77}, "→ " + first_line(client.last_sent.view()), words, right - left - 20);
  if (client.received > 0)
    canvas_.text("received", {left + 10, rect.y + 95}, "← " + first_line(client.last_received.view()), words,
                 right - left - 20);
}

}  // namespace forktable
