#include "ui/picture/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/world/describe.hpp"
#include "ui/picture/canvas.hpp"
#include "ui/picture/wrap.hpp"

namespace forktable {
namespace {

constexpr Size kSlide{1920, 1080};
constexpr float kLeft = 60, kRight = 1860;
constexpr float kHeads = 216, kRows = 240, kEnd = 1000, kFoot = 1050;
constexpr float kNames = 256, kAnswer = 120, kGap = 28;  // the widths of columns, and what is between two of them
constexpr float kTallestRow = 160, kThickestBar = 34;
constexpr float kSmall = 22, kPitch = 24;  // type of five servers with three runs, at least: 11 points on a slide

// The columns of bars, by their names in JSON, in a few words, and which way is better.
struct Column {
  std::string_view key, title, better;
};
constexpr std::array kColumns = {
    Column{"memory_per_client_kib", "Memory per client", "less is better"},
    Column{"first_byte_ms", "Time to first byte", "less is better"},
    Column{"connections_per_second", "Connections", "per second, more is better"},
    Column{"context_switches_per_connection", "Context switches", "per connection, less is better"},
};

const FigureKind& kind_of(const Column& column) {
  return *std::find_if(std::begin(kFigureKinds), std::end(kFigureKinds),
                       [&](const FigureKind& kind) { return kind.key == column.key; });
}

class Chart {
 public:
  explicit Chart(const ChartRequest& request)
      : canvas_(scene_, request.theme, request.fonts), table_(request.table), theme_(request.theme) {
    scene_.size = kSlide;
    const auto servers = static_cast<float>(std::max<std::size_t>(1, table_.servers.size()));
    row_ = std::min((kEnd - kRows) / servers, kTallestRow);
    bars_ = kLeft + kNames + kAnswer * std::size(kAnswerKinds) + kGap;
    column_ = (kRight - bars_ + kGap) / kColumns.size();
    bar_ = std::min((row_ - 20) / static_cast<float>(std::max<std::size_t>(1, table_.clients.size())), kThickestBar);
    type_ = std::min(kSmall, bar_ * 0.74f);
    for (const int clients : table_.clients)
      number_ = std::max(number_, width(Face::kRegular, std::to_string(clients)));
  }

  Scene draw() {
    canvas_.begin("chart");
    title();
    heads();
    for (std::size_t i = 0; i < table_.servers.size(); ++i) server(i);
    foot();
    return std::move(scene_);
  }

 private:
  float width(Face face, const std::string& text) const { return canvas_.fonts().width(face, type_, text); }

  Color color_of(std::size_t run) const {
    // Sky blue, blue, orange, then what is left.
    constexpr std::array kTurns = {3u, 5u, 1u, 2u, 4u, 6u};
    return theme_.connection(kTurns[run % kTurns.size()]);
  }

  // On the right of the title, what the bars of a server stand for.
  void title() {
    canvas_.text("title", {kLeft, 92}, "What each costs", {Face::kBold, 54, theme_.ink});
    float x = kRight;
    for (std::size_t i = table_.clients.size(); i-- > 0;) {
      const std::string name = plural(static_cast<std::uint64_t>(table_.clients[i]), "client", "clients");
      canvas_.text("key name", {x, 86}, name, {Face::kSemiBold, 24, theme_.ink, Align::kRight}, 0, i);
      x -= canvas_.fonts().width(Face::kSemiBold, 24, name) + 34;
      canvas_.box("key", {{x, 66, 22, 22}, 4, color_of(i)}, i);
      x -= 36;
    }
  }

  void heads() {
    const float first = kLeft + kNames;
    canvas_.text("shared", {first, kHeads - 62}, "Shared between clients?", {Face::kSemiBold, 24, theme_.ink},
                 kAnswer * std::size(kAnswerKinds));
    for (std::size_t i = 0; i < std::size(kAnswerKinds); ++i) {
      const float middle = first + (static_cast<float>(i) + 0.5f) * kAnswer - 10;
      head("question", middle, std::string(kAnswerKinds[i].title), kAnswer - 4, Align::kCenter, i);
    }
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      const float x = left_of(i);
      const std::string_view unit = kind_of(kColumns[i]).unit;
      const bool named = !unit.empty() && unit != "1/s";
      canvas_.text("figure", {x, kHeads - 62}, std::string(kColumns[i].title), {Face::kSemiBold, 24, theme_.ink},
                   column_ - kGap, i);
      head("unit", x, fmt::format("{}{}{}", named ? unit : "", named ? ", " : "", kColumns[i].better), column_ - kGap,
           Align::kLeft, i);
    }
  }

  // Of two lines, at most.
  void head(const char* part, float x, const std::string& words, float widest, Align align, std::uint64_t index) {
    const auto lines = wrap_largest(words, Face::kRegular, {kSmall}, 2, widest, canvas_.fonts()).lines;
    for (std::size_t line = 0; line < lines.size(); ++line)
      canvas_.text(part, {x, kHeads - 30 + static_cast<float>(line) * kPitch}, lines[line],
                   {Face::kRegular, kSmall, theme_.muted, align}, 0, index * 10 + line);
  }

  float left_of(std::size_t column) const { return bars_ + static_cast<float>(column) * column_; }

  void server(std::size_t i) {
    const ServerCosts& costs = table_.servers[i];
    const float top = kRows + static_cast<float>(i) * row_, middle = top + row_ / 2;
    canvas_.line("rule", {{{kLeft, top}, {kRight, top}}, theme_.line, 2}, i);
    const auto about = wrap_largest(std::string(title_of(costs.kind)), Face::kRegular, {kSmall, 20, 18}, 2, kNames - 16,
                                    canvas_.fonts());
    float y = middle + 9 - static_cast<float>(about.lines.size()) * 13;
    canvas_.text("name", {kLeft, y}, std::string(name_of(costs.kind)), {Face::kMonoBold, 27, theme_.ink}, kNames - 16,
                 i);
    y += 4;
    for (std::size_t line = 0; line < about.lines.size(); ++line)
      canvas_.text("about", {kLeft, y += 25}, about.lines[line], {Face::kRegular, about.size, theme_.muted}, 0,
                   i * 10 + line);
    for (std::size_t question = 0; question < std::size(kAnswerKinds); ++question)
      answer(i * 10 + question, costs.shares.*kAnswerKinds[question].of,
             {kLeft + kNames + (static_cast<float>(question) + 0.5f) * kAnswer - 10, middle});
    for (std::size_t column = 0; column < kColumns.size(); ++column) bars(i, column, middle);
  }

  // Full or empty, and a word.
  void answer(std::uint64_t index, const Answer& answer, Point middle) {
    const bool yes = answer.value == true;
    const float width = 72, height = 38;
    Box pill{{middle.x - width / 2, middle.y - height / 2, width, height}, height / 2};
    pill.fill = yes ? theme_.accent : kTransparent;
    pill.stroke = yes ? theme_.accent : theme_.dead_line;
    pill.stroke_width = 2.5f;
    pill.dash = answer.value ? Dash::kSolid : Dash::kDotted;
    canvas_.box("answer", pill, index);
    canvas_.text("answer word", {middle.x, middle.y + 8}, std::string(shown(answer)),
                 {Face::kSemiBold, 22, yes ? readable_on(theme_.accent) : theme_.ink, Align::kCenter}, 0, index);
  }

  void bars(std::size_t server, std::size_t column, float middle) {
    const FigureKind& kind = kind_of(kColumns[column]);
    double most = 0;
    float widest = 0;  // of what is written beside a bar
    for (const ServerCosts& costs : table_.servers)
      for (const CostsAt& at : costs.at)
        if (const Figure& figure = at.*kind.of; figure.value) {
          most = std::max(most, *figure.value);
          widest = std::max(widest, width(Face::kSemiBold, shown(figure)));
        }
    const float x = left_of(column), from = x + number_ + 10;
    const float longest = column_ - kGap - number_ - 10 - widest - 8;
    const std::vector<CostsAt>& all = table_.servers[server].at;
    const float top = middle - bar_ * static_cast<float>(all.size()) / 2;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Figure& figure = all[i].*kind.of;
      const std::uint64_t index = (server * 10 + column) * 100 + i;
      const float y = top + static_cast<float>(i) * bar_, baseline = y + bar_ / 2 + type_ * 0.36f;
      canvas_.text("clients", {x + number_, baseline}, std::to_string(all[i].clients),
                   {Face::kRegular, type_, theme_.faint, Align::kRight}, 0, index);
      if (!figure.value) {
        canvas_.text("reason", {from, baseline}, figure.reason, {Face::kRegular, type_, theme_.muted},
                     column_ - kGap - number_ - 10, index);
        continue;
      }
      const float part = most > 0 ? static_cast<float>(*figure.value / most) : 0;
      const float length =
          *figure.value > 0 ? std::max(3.f, longest * part) : 0;  // what is small is there all the same
      if (length > 0) canvas_.box("bar", {{from, y + 3, length, bar_ - 6}, 3, color_of(i)}, index);
      canvas_.text("value", {from + length + 8, baseline}, shown(figure), {Face::kSemiBold, type_, theme_.ink}, 0,
                   index);
    }
  }

  void foot() {
    const float end = kRows + static_cast<float>(table_.servers.size()) * row_;
    canvas_.line("end", {{{kLeft, end}, {kRight, end}}, theme_.line, 2});
    std::string date = table_.measured_at.substr(0, 16);
    std::replace(date.begin(), date.end(), 'T', ' ');
    canvas_.text(
        "origin", {kLeft, kFoot},
        fmt::format("Measured on one machine: {}, Linux {}, {} UTC. Shared or not: kcmp(2).",
                    plural(static_cast<std::uint64_t>(table_.cpus), "processor", "processors"), table_.kernel, date),
        {Face::kRegular, kSmall, theme_.faint}, kRight - kLeft);
  }

  Scene scene_;
  Canvas canvas_;
  const CostTable& table_;
  const Theme& theme_;
  float row_ = 0, bars_ = 0, column_ = 0, bar_ = 0, type_ = 0;
  float number_ = 0;  // the width of the number of clients before a bar
};

}  // namespace

Scene draw_chart(const ChartRequest& request) { return Chart(request).draw(); }

}  // namespace forktable
