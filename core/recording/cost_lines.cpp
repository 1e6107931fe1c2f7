#include "core/recording/cost_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <system_error>

#include "core/lesson/action.hpp"
#include "core/world/describe.hpp"

namespace forktable {
namespace {

constexpr std::size_t kLongestCostText = 80;  // bytes of a text
constexpr double kMostOfFigure = 1e15;        // of a figure
constexpr std::int64_t kMostInCosts = 1'000'000;

// A figure is a text: a number, or the reason why there is none.
std::string member(std::string_view key, const Figure& figure) {
  if (!figure.value) return figure.reason.empty() ? "" : fmt::format(",\"{}\":{}", key, json_string(figure.reason));
  return fmt::format(",\"{}\":\"{:.6g}\"", key, *figure.value);
}

std::string member(std::string_view key, const Answer& answer) {
  if (!answer.value) return answer.reason.empty() ? "" : fmt::format(",\"{}\":{}", key, json_string(answer.reason));
  return fmt::format(",\"{}\":\"{}\"", key, *answer.value ? "yes" : "no");
}

// Empty: there is none. Nothing: it is no good.
std::optional<std::string> cost_text(const FlatObject& line, std::string_view key) {
  if (line.find(key) == nullptr) return std::string{};
  const std::string* text = line.text(key);
  if (text == nullptr || text->size() > kLongestCostText) return std::nullopt;
  return printable(*text);
}

bool get(const FlatObject& line, std::string_view key, Figure& figure) {
  auto text = cost_text(line, key);
  if (!text) return false;
  double value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool number = !text->empty() && error == std::errc{} && end == text->data() + text->size();
  if (number && !(std::abs(value) <= kMostOfFigure)) return false;
  if (number)
    figure.value = value;
  else
    figure.reason = *std::move(text);
  return true;
}

bool get(const FlatObject& line, std::string_view key, Answer& answer) {
  auto text = cost_text(line, key);
  if (!text) return false;
  if (*text == "yes" || *text == "no")
    answer.value = *text == "yes";
  else
    answer.reason = *std::move(text);
  return true;
}

bool take_machine(const FlatObject& line, CostTable& table) {
  const auto measured = cost_text(line, "costs_measured"), kernel = cost_text(line, "kernel");
  const std::int64_t* cpus = line.number("cpus");
  if (!measured || !kernel || cpus == nullptr || *cpus < 1 || *cpus > kMostInCosts) return false;
  table.measured_at = *measured;
  table.kernel = *kernel;
  table.cpus = static_cast<int>(*cpus);
  return true;
}

bool take_server(const FlatObject& line, CostTable& table) {
  const std::string* name = line.text("costs_of");
  const auto kind = name != nullptr ? parse_server(*name) : tl::make_unexpected(std::string{});
  if (!kind || table.servers.size() == kMostCostServers) return false;
  ServerCosts costs;
  costs.kind = *kind;
  for (const AnswerKind& answer : kAnswerKinds)
    if (!get(line, answer.key, costs.shares.*answer.of)) return false;
  table.servers.push_back(std::move(costs));
  return true;
}

// All servers have had the same numbers of clients.
bool take_run(const FlatObject& line, CostTable& table) {
  const std::int64_t* clients = line.number("costs_at");
  if (clients == nullptr || *clients < 1 || *clients > kMostInCosts || table.servers.empty()) return false;
  auto& runs = table.servers.back().at;
  const std::size_t place = runs.size();
  if (table.servers.size() == 1 && place < kMostCostRuns) table.clients.push_back(static_cast<int>(*clients));
  if (place >= table.clients.size() || table.clients[place] != *clients) return false;
  CostsAt at;
  at.clients = static_cast<int>(*clients);
  for (const FigureKind& figure : kFigureKinds)
    if (!get(line, figure.key, at.*figure.of)) return false;
  runs.push_back(std::move(at));
  return true;
}

}  // namespace

std::string lines_of(const CostTable& table) {
  std::string out = fmt::format("{{\"costs_measured\":{},\"cpus\":{},\"kernel\":{}}}\n", json_string(table.measured_at),
                                table.cpus, json_string(table.kernel));
  for (const ServerCosts& costs : table.servers) {
    out += fmt::format("{{\"costs_of\":\"{}\"", name_of(costs.kind));
    for (const AnswerKind& answer : kAnswerKinds) out += member(answer.key, costs.shares.*answer.of);
    out += "}\n";
    for (const CostsAt& at : costs.at) {
      out += fmt::format("{{\"costs_at\":{}", at.clients);
      for (const FigureKind& figure : kFigureKinds) out += member(figure.key, at.*figure.of);
      out += "}\n";
    }
  }
  return out;
}

bool begins_costs(const FlatObject& line) { return line.find("costs_measured") != nullptr; }

bool is_of_costs(const FlatObject& line) {
  return line.find("costs_of") != nullptr || line.find("costs_at") != nullptr;
}

bool take_costs(const FlatObject& line, CostTable& table) {
  if (begins_costs(line)) return take_machine(line, table);
  return line.find("costs_of") != nullptr ? take_server(line, table) : take_run(line, table);
}

}  // namespace forktable
