#include "core/recording/script.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include <limits>

#include "core/recording/cost_lines.hpp"
#include "core/recording/script_reader.hpp"
#include "core/world/describe.hpp"
#include "core/world/diagnose.hpp"

namespace forktable {
namespace {

// A member of an object after others; one that is empty is left out.
std::string member(std::string_view key, std::string_view text) {
  return text.empty() ? std::string{} : fmt::format(",\"{}\":{}", key, json_string(text));
}

std::string lines_of(const Lesson& lesson) {
  const std::string show = lesson.show.value != Topics::kAll ? fmt::format(",\"show\":{}", lesson.show.value) : "";
  std::string out = fmt::format("{{\"lesson_title\":{},\"name\":{},\"number\":{}{}{}}}\n", json_string(lesson.title),
                                json_string(lesson.name), lesson.number, member("about", lesson.about),
                                show + member("code", text_of(lesson.code)) +
                                    member("beside", lesson.beside ? name_of(lesson.beside->kind) : ""));
  for (std::size_t i = 0; i < lesson.steps.size(); ++i) {
    const LessonStep& step = lesson.steps[i];
    out += fmt::format("{{\"lesson_step\":{}{}{}{}{}{}{}}}\n", i + 1, member("ask", step.ask), member("say", step.say),
                       member("means", step.means), step.reveals ? ",\"reveals\":1" : "",
                       member("diagnoses", fmt::format("{}", fmt::join(step.diagnoses, ", "))),
                       member("code", text_of(step.code)));
  }
  for (const WildCard& card : lesson.wild)
    out += fmt::format("{{\"seen_in\":{},\"issue\":{}{}}}\n", json_string(card.project), card.issue,
                       member("what", card.what));
  return out;
}

// A text that isn't there is empty. One that is too long to be shown is refused.
bool get(const FlatObject& line, std::string_view key, std::size_t longest, std::string& text) {
  const Field* field = line.find(key);
  if (field == nullptr) return true;
  const auto* value = std::get_if<std::string>(&field->value);
  if (value == nullptr || value->size() > longest) return false;
  text = printable(*value);
  return true;
}

bool get(const FlatObject& line, std::string_view key, Lines& lines) {
  std::string text;
  if (!get(line, key, kLongestText, text)) return false;
  if (text.empty()) return true;
  auto read = parse_lines(text);
  if (!read) return false;
  lines = *std::move(read);
  return true;
}

// Kinds of diagnoses, with a comma between them.
bool get(const FlatObject& line, std::string_view key, std::vector<std::string>& kinds) {
  std::string text;
  if (!get(line, key, kLongestText, text)) return false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(", ", at), text.size());
    kinds.push_back(text.substr(at, end - at));
    if (!is_diagnosis_kind(kinds.back())) return false;
    at = end + 2;
  }
  return true;
}

bool get(const FlatObject& line, std::string_view key, std::optional<LessonServer>& server) {
  std::string name;
  if (!get(line, key, kLongestTitle, name)) return false;
  const auto kind = find_server(name);
  if (kind) server = LessonServer{*kind};
  return kind || name.empty();
}

template <class Number>
bool get(const FlatObject& line, std::string_view key, std::int64_t least, std::int64_t most, Number& number) {
  const std::int64_t* value = line.number(key);
  if (value == nullptr) return line.find(key) == nullptr;
  if (*value < least || *value > most) return false;
  number = static_cast<Number>(*value);
  return true;
}

bool get(const FlatObject& line, std::string_view key, std::optional<Bug>& bug) {
  std::string name;
  if (!get(line, key, kLongestTitle, name)) return false;
  if (name.empty()) return true;
  const auto known = parse_bug(name);
  if (known) bug = *known;
  return known.has_value();
}

constexpr std::size_t kMostListingLines = 10'000;

bool take_listing_line(const FlatObject& line, Listing& listing) {
  ListingLine read;
  const bool good = listing.lines.size() < kMostListingLines && get(line, "listing_line", 1, 1 << 20, read.number) &&
                    get(line, "text", kLongestText, read.text) && get(line, "unless", read.unless) &&
                    get(line, "when", read.when) &&
                    (listing.lines.empty() || read.number > listing.lines.back().number);
  if (good) listing.lines.push_back(std::move(read));
  return good;
}

bool take_step(const FlatObject& line, Lesson& lesson) {
  LessonStep step;
  std::size_t number = 0;
  int reveals = 0;
  const bool good = get(line, "lesson_step", 1, kMostLessonSteps, number) && number == lesson.steps.size() + 1 &&
                    get(line, "ask", kLongestText, step.ask) && get(line, "say", kLongestText, step.say) &&
                    get(line, "means", kLongestText, step.means) && get(line, "reveals", 0, 1, reveals) &&
                    get(line, "diagnoses", step.diagnoses) && get(line, "code", step.code);
  step.reveals = reveals != 0;
  if (good) lesson.steps.push_back(std::move(step));
  return good;
}

bool take_card(const FlatObject& line, Lesson& lesson) {
  WildCard card;
  const bool good = lesson.wild.size() < kMostWildCards && get(line, "seen_in", kLongestTitle, card.project) &&
                    get(line, "issue", 0, std::numeric_limits<std::uint32_t>::max(), card.issue) &&
                    get(line, "what", kLongestText, card.what);
  if (good) lesson.wild.push_back(std::move(card));
  return good;
}

}  // namespace

bool ScriptReader::take(const FlatObject& line, std::string& problem) {
  const auto is = [&](const char* key) { return line.find(key) != nullptr; };
  const auto expect = [&](bool good, const char* what) {
    if (!good) problem = fmt::format("no good {}", what);
    return true;
  };
  if (is("event")) return false;
  if (is("listing")) return expect(get(line, "listing", kLongestTitle, script.listing.file), "\"listing\"");
  if (is("listing_line")) return expect(take_listing_line(line, script.listing), "line of a listing");
  if (is("lesson_title")) {
    Lesson lesson;
    const bool good = !script.lesson && get(line, "lesson_title", kLongestTitle, lesson.title) &&
                      get(line, "name", kLongestText, lesson.name) && get(line, "number", 0, 9999, lesson.number) &&
                      get(line, "about", kLongestText, lesson.about) &&
                      get(line, "show", 0, Topics::kAll, lesson.show.value) && get(line, "code", lesson.code) &&
                      get(line, "beside", lesson.beside);
    script.lesson = std::move(lesson);
    return expect(good, "lesson");
  }
  if (is("lesson_step")) return expect(script.lesson && take_step(line, *script.lesson), "step of a lesson");
  if (is("seen_in")) return expect(script.lesson && take_card(line, *script.lesson), "\"seen_in\"");
  if (begins_costs(line)) {
    const bool good = !script.costs && script.lesson && !script.lesson->steps.empty();
    if (good) script.lesson->steps.back().measure = true;
    return expect(good && take_costs(line, script.costs.emplace()), "\"costs_measured\"");
  }
  if (is_of_costs(line)) return expect(script.costs && take_costs(line, *script.costs), "line of costs");
  return false;
}

std::string lines_of(const Script& script) {
  std::string out;
  if (!script.listing.lines.empty()) out += fmt::format("{{\"listing\":{}}}\n", json_string(script.listing.file));
  for (const ListingLine& line : script.listing.lines)
    out += fmt::format("{{\"listing_line\":{},\"text\":{}{}{}}}\n", line.number, json_string(line.text),
                       member("unless", line.unless ? name_of(*line.unless) : ""),
                       member("when", line.when ? name_of(*line.when) : ""));
  if (script.lesson) out += lines_of(*script.lesson);
  if (script.costs) out += lines_of(*script.costs);
  return out;
}

}  // namespace forktable
