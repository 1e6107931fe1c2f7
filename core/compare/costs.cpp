#include "core/compare/costs.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "core/world/columns.hpp"
#include "core/world/describe.hpp"

namespace forktable {
namespace {

using Json = nlohmann::ordered_json;

// A figure says no more than it knows: three digits.
double rounded(double value) { return std::strtod(fmt::format("{:.3g}", value).c_str(), nullptr); }

template <class T>
Json json_of(const Measured<T>& measured) {
  if (!measured.value) return nullptr;
  if constexpr (std::is_same_v<T, double>) {
    const double value = *measured.value;
    if (value == std::floor(value) && value < 1e15) return static_cast<std::int64_t>(value);
  }
  return *measured.value;
}

template <class T>
void put(Json& object, Json& reasons, std::string_view key, const Measured<T>& measured) {
  object[std::string(key)] = json_of(measured);
  if (!measured.reason.empty()) reasons[std::string(key)] = measured.reason;
}

std::string right(std::string text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

}  // namespace

std::string shown(const Figure& figure) {
  if (!figure.value) return "-";
  const double value = *figure.value;
  if (value < 9.95 && value == std::floor(value)) return fmt::format("{:.0f}", value);
  if (value < 0.995) return fmt::format("{:.2f}", value);
  if (value < 9.95) return fmt::format("{:.1f}", value);
  std::string digits = fmt::format("{:.0f}", value);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, " ");
  return digits;
}

std::string_view shown(const Answer& answer) { return !answer.value ? "?" : *answer.value ? "yes" : "no"; }

std::string json_of(const CostTable& table) {
  Json servers = Json::array();
  for (const ServerCosts& costs : table.servers) {
    Json shares, share_reasons, at = Json::array();
    for (const AnswerKind& kind : kAnswerKinds) put(shares, share_reasons, kind.key, costs.shares.*kind.of);
    if (!share_reasons.empty()) shares["reasons"] = share_reasons;
    for (const CostsAt& one : costs.at) {
      Json figures{{"clients", one.clients}}, reasons;
      for (const FigureKind& kind : kFigureKinds) {
        Figure figure = one.*kind.of;
        if (figure.value) figure.value = rounded(*figure.value);
        put(figures, reasons, kind.key, figure);
      }
      if (!reasons.empty()) figures["reasons"] = reasons;
      at.push_back(std::move(figures));
    }
    servers.push_back({{"name", name_of(costs.kind)}, {"title", title_of(costs.kind)}, {"shares", shares}, {"at", at}});
  }
  const Json whole{{"measured_at", table.measured_at},
                   {"machine", {{"cpus", table.cpus}, {"kernel", table.kernel}}},
                   {"clients", table.clients},
                   {"servers", servers}};
  return whole.dump(2) + "\n";
}

std::string text_of(const CostTable& table, bool colour) {
  constexpr std::size_t kWidest = 10;
  std::string text = inked("What each costs", Ink::kStrong, colour) + "\n";
  text += wrapped(fmt::format("Measured {} on Linux {}, {}", table.measured_at, table.kernel,
                              plural(static_cast<std::uint64_t>(table.cpus), "processor", "processors")),
                  0);
  std::set<std::string> reasons;

  text += "\nShared by what serves one client and what serves another, as the kernel says:\n";
  std::vector<Row> rows = {{{{""}}}};
  for (const AnswerKind& kind : kAnswerKinds) rows[0].cells.push_back({std::string(kind.title), Ink::kStrong});
  for (const ServerCosts& costs : table.servers) {
    Row& row = rows.emplace_back(Row{{{std::string(name_of(costs.kind))}}});
    for (const AnswerKind& kind : kAnswerKinds) {
      const Answer& answer = costs.shares.*kind.of;
      row.cells.push_back({std::string(shown(answer))});
      if (!answer.reason.empty())
        reasons.insert(fmt::format("{}, {}: {}", name_of(costs.kind), kind.title, answer.reason));
    }
  }
  text += in_columns(rows, colour);

  for (const FigureKind& kind : kFigureKinds) {
    std::string heading =
        wrapped(fmt::format("{}{}{}: {}", kind.title, kind.unit.empty() ? "" : ", ", kind.unit, kind.how), 2);
    text += "\n" + heading.replace(0, kind.title.size(), inked(kind.title, Ink::kStrong, colour));
    rows = {{{{""}}}};
    for (const int clients : table.clients)
      rows[0].cells.push_back(
          {right(plural(static_cast<std::uint64_t>(clients), "client", "clients"), kWidest), Ink::kPlain});
    for (const ServerCosts& costs : table.servers) {
      Row& row = rows.emplace_back(Row{{{std::string(name_of(costs.kind))}}});
      for (const CostsAt& at : costs.at) {
        const Figure& figure = at.*kind.of;
        row.cells.push_back({right(shown(figure), kWidest)});
        if (!figure.reason.empty()) reasons.insert(fmt::format("{}, -: {}", name_of(costs.kind), figure.reason));
      }
    }
    text += in_columns(rows, colour);
  }
  if (!reasons.empty()) text += "\n";
  for (const std::string& reason : reasons) text += wrapped(reason, 2);
  return text;
}

}  // namespace forktable
