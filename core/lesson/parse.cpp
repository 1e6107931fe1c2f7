#include "core/lesson/parse.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <system_error>

#include "core/system/file.hpp"
#include "core/world/describe.hpp"
#include "core/world/diagnose.hpp"

namespace forktable {
namespace {

constexpr int kDeepest = 8;
constexpr std::size_t kMostActions = 100;  // of a step
constexpr int kMostDescriptors = 1 << 20, kMostChildren = 10'000;

// yaml-cpp throws, and so does this file; nothing leaves parse_lesson().
struct Mistake {
  int line;  // from 1
  std::string what;
};
[[noreturn]] void mistake(const YAML::Mark& mark, std::string what) { throw Mistake{mark.line + 1, std::move(what)}; }

// Goes through the file without building anything, and refuses what could grow out of all proportion.
class Guard : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { no_anchor(mark, anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { no_anchor(mark, 1); }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, const std::string&) override {
    no_anchor(mark, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    descend(mark, anchor);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    descend(mark, anchor);
  }
  void OnMapEnd() override { --depth_; }

 private:
  static void no_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) mistake(mark, "a lesson has no anchors (&) and no aliases (*); put such a text into quotes");
  }
  void descend(const YAML::Mark& mark, YAML::anchor_t anchor) {
    no_anchor(mark, anchor);
    if (++depth_ > kDeepest) mistake(mark, "this is nested too deeply for a lesson");
  }
  int depth_ = 0;
};

// One key of a map: whether it must be there, and what is done with its value.
struct Key {
  std::string_view name;
  bool required;
  std::function<void(const YAML::Node&)> read;
};

void read_map(const YAML::Node& map, const std::string& what, std::initializer_list<Key> keys) {
  std::vector<std::string_view> names;
  for (const Key& key : keys) names.push_back(key.name);
  if (!map.IsMap())
    mistake(map.Mark(),
            fmt::format("{} is expected to have keys and values here; its keys are: {}", what, fmt::join(names, ", ")));
  std::vector<std::string> found;
  for (const auto& entry : map) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
    const auto key = std::find_if(keys.begin(), keys.end(), [&](const Key& one) { return one.name == name; });
    if (key == keys.end())
      mistake(entry.first.Mark(),
              fmt::format("{} has no key \"{}\"; expected one of: {}", what, name, fmt::join(names, ", ")));
    if (std::find(found.begin(), found.end(), name) != found.end())
      mistake(entry.first.Mark(), fmt::format("{} has \"{}\" twice", what, name));
    if (entry.second.IsNull()) mistake(entry.first.Mark(), fmt::format("\"{}\" has no value", name));
    found.push_back(name);
    key->read(entry.second);
  }
  for (const Key& key : keys)
    if (key.required && std::find(found.begin(), found.end(), key.name) == found.end())
      mistake(map.Mark(), fmt::format("{} has no \"{}\"", what, key.name));
}

void read_list(const YAML::Node& list, const std::string& what, std::size_t most,
               const std::function<void(const YAML::Node&)>& read) {
  if (!list.IsSequence()) mistake(list.Mark(), fmt::format("a list of {} is expected here", what));
  if (list.size() > most) mistake(list.Mark(), fmt::format("there are {} {}; at most {}", list.size(), what, most));
  for (const YAML::Node& one : list) read(one);
}

std::string plain(const YAML::Node& node, const std::string& what) {
  if (!node.IsScalar() || node.Scalar().empty())
    mistake(node.Mark(), what + " is expected here; a text with \": \" or \" #\" in it goes into quotes");
  return node.Scalar();
}

// A paragraph, however it is broken into lines.
std::string text_of(const YAML::Node& node, std::size_t longest) {
  std::string text;
  for (const char letter : plain(node, "a text")) {
    const bool space = letter == ' ' || letter == '\n' || letter == '\t';
    if (!space)
      text += letter;
    else if (!text.empty() && text.back() != ' ')
      text += ' ';
  }
  if (text.ends_with(' ')) text.pop_back();
  if (text.empty()) mistake(node.Mark(), "this text is empty");
  if (text.size() > longest)
    mistake(node.Mark(), fmt::format("this text has {} bytes; at most {}", text.size(), longest));
  if (printable(text) != text) mistake(node.Mark(), "this text has a control character in it");
  return text;
}

template <class Number>
Number number_of(const YAML::Node& node, Number low, Number high) {
  const std::string text = plain(node, "a number");
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < low || value > high)
    mistake(node.Mark(), fmt::format("a number from {} to {} is expected here, and not \"{}\"", low, high, text));
  return value;
}

template <class T>
T expected(const YAML::Node& node, tl::expected<T, std::string> parsed) {
  if (!parsed) mistake(node.Mark(), parsed.error());
  return std::move(*parsed);
}

// "child 1" with its number, or one of the names that have none.
bool is_name(std::string_view text, std::initializer_list<std::string_view> whole, std::string_view numbered) {
  if (std::find(whole.begin(), whole.end(), text) != whole.end()) return true;
  if (!text.starts_with(numbered) || text.size() < numbered.size() + 2 || text[numbered.size()] != ' ') return false;
  const std::string_view number = text.substr(numbered.size() + 1);
  return number.size() < 9 && number[0] != '0' &&
         std::all_of(number.begin(), number.end(), [](char digit) { return digit >= '0' && digit <= '9'; });
}

std::vector<std::string> diagnoses(const YAML::Node& list) {
  std::vector<std::string> kinds;
  read_list(list, "diagnoses", std::size(kDiagnosisKinds), [&](const auto& node) {
    const std::string kind = plain(node, "the kind of a diagnosis");
    if (!is_diagnosis_kind(kind))
      mistake(node.Mark(),
              fmt::format("unknown diagnosis \"{}\"; expected one of: {}", kind, fmt::join(kDiagnosisKinds, ", ")));
    kinds.push_back(kind);
  });
  return kinds;
}

bool yes_or_no(const YAML::Node& node) {
  const std::string text = plain(node, "yes or no");
  if (text != "yes" && text != "no") mistake(node.Mark(), fmt::format("\"{}\" is neither yes nor no", text));
  return text == "yes";
}

class Reader {
 public:
  explicit Reader(Lesson& lesson) : lesson_(lesson) {}

  void read(const YAML::Node& file) {
    read_map(
        file, "a lesson",
        {{"title", true, [&](const auto& node) { lesson_.title = text_of(node, kLongestTitle); }},
         {"about", true, [&](const auto& node) { lesson_.about = text_of(node, kLongestText); }},
         {"server", false,
          [&](const auto& node) {
            const LessonServer read = server(node, "\"server\"");
            lesson_.server = read.kind;
            lesson_.bugs = read.bugs;
            lesson_.descriptors = read.descriptors;
            lesson_.children = read.children;
          }},
         {"beside", false, [&](const auto& node) { lesson_.beside = server(node, "\"beside\""); }},
         {"code", false, [&](const auto& node) { lesson_.code = lines(node); }},
         {"show", false, [&](const auto& list) { show(list); }},
         {"steps", true,
          [&](const auto& node) { read_list(node, "steps", kMostLessonSteps, [&](const auto& one) { step(one); }); }},
         {"wild", false,
          [&](const auto& node) { read_list(node, "cards", kMostWildCards, [&](const auto& one) { card(one); }); }},
         {"ends", false, [&](const auto& node) { ends(node); }}});
    if (lesson_.steps.empty()) mistake(file.Mark(), "a lesson has at least one step");
  }

 private:
  static LessonServer server(const YAML::Node& map, const std::string& what) {
    LessonServer server;
    read_map(
        map, what,
        {{"kind", false,
          [&](const auto& node) { server.kind = expected(node, parse_server(plain(node, "the name of a server"))); }},
         {"bugs", false,
          [&](const auto& list) {
            read_list(list, "bugs", kBugCount, [&](const auto& node) {
              server.bugs.set(expected(node, parse_bug(plain(node, "the name of a bug"))), true);
            });
          }},
         {"descriptors", false, [&](const auto& node) { server.descriptors = number_of(node, 5, kMostDescriptors); }},
         {"children", false, [&](const auto& node) { server.children = number_of(node, 1, kMostChildren); }}});
    return server;
  }

  Lines lines(const YAML::Node& node) {
    auto lines = parse_lines(plain(node, "numbers of lines, such as \"6-11, 25\","));
    if (!lines) mistake(node.Mark(), "not numbers of lines in ascending order, such as \"6-11, 25\"");
    if (text_of(*lines).size() > kLongestText)
      mistake(node.Mark(), fmt::format("too many lines of code: their numbers take more than {} bytes", kLongestText));
    return *std::move(lines);
  }

  void show(const YAML::Node& list) {
    lesson_.show.value = 0;
    read_list(list, "topics", std::size(kTopicNames), [&](const auto& node) {
      const auto topic = find_topic(plain(node, "the name of a topic"));
      if (!topic) mistake(node.Mark(), fmt::format("unknown topic; expected one of: {}", fmt::join(kTopicNames, ", ")));
      lesson_.show.set(*topic);
    });
  }

  void step(const YAML::Node& map) {
    LessonStep step;
    read_map(map, "a step",
             {{"do", false,
               [&](const auto& list) {
                 read_list(list, "actions", kMostActions,
                           [&](const auto& node) { step.actions.push_back(action(node)); });
               }},
              {"ask", false, [&](const auto& node) { step.ask = text_of(node, kLongestText); }},
              {"say", true, [&](const auto& node) { step.say = text_of(node, kLongestText); }},
              {"means", false, [&](const auto& node) { step.means = text_of(node, kLongestText); }},
              {"reveals", false,
               [&](const auto& node) {
                 if (node.IsSequence()) step.diagnoses = diagnoses(node);
                 step.reveals = node.IsSequence() ? !step.diagnoses.empty() : yes_or_no(node);
               }},
              {"code", false, [&](const auto& node) { step.code = lines(node); }},
              {"measure", false, [&](const auto& node) { step.measure = yes_or_no(node); }}});
    if (!lesson_.steps.empty() && lesson_.steps.back().measure)
      mistake(map.Mark(), "no step comes after the one with \"measure: yes\"; that is the lesson's last");
    lesson_.steps.push_back(std::move(step));
  }

  LessonAction action(const YAML::Node& node) {
    LessonAction action = expected(node, parse_action(plain(node, "an action, such as \"parent accepts\",")));
    action.line = static_cast<std::uint32_t>(node.Mark().line + 1);
    if (const auto* client = std::get_if<ClientDoes>(&action.what)) {
      const bool comes = client->deed == ClientDeed::kConnects || client->deed == ClientDeed::kIsRefused ||
                         client->deed == ClientDeed::kComesAndGoes;
      if (comes && client->client != clients_ + 1)
        mistake(node.Mark(), fmt::format("the next client to connect is client {}", clients_ + 1));
      if (!comes && client->client > clients_)
        mistake(node.Mark(), fmt::format("client {} hasn't connected yet", client->client));
      if (comes) ++clients_;
    }
    return action;
  }

  void card(const YAML::Node& map) {
    WildCard card;
    read_map(map, "a card",
             {{"project", true,
               [&](const auto& node) {
                 card.project = text_of(node, kLongestTitle);
                 if (std::count(card.project.begin(), card.project.end(), '/') != 1)
                   mistake(node.Mark(), "a project on GitHub is expected here, such as novnc/websockify");
               }},
              {"issue", true, [&](const auto& node) { card.issue = number_of<std::uint32_t>(node, 1, 10'000'000); }},
              {"what", true, [&](const auto& node) { card.what = text_of(node, kLongestText); }}});
    lesson_.wild.push_back(std::move(card));
  }

  void ends(const YAML::Node& map) {
    LessonEnds& ends = lesson_.ends;
    read_map(map, "\"ends\"",
             {{"diagnoses", false, [&](const auto& list) { ends.diagnoses = diagnoses(list); }},
              {"counts", false,
               [&](const auto& node) {
                 const auto count = [&](std::string_view name) {
                   return Key{name, false, [&, name](const auto& value) {
                                ends.counts[std::string(name)] = number_of<std::uint64_t>(value, 0, 1'000'000);
                              }};
                 };
                 read_map(node, "\"counts\"",
                          {count("accepted"), count("forked"), count("closed"), count("exited"), count("reaped"),
                           count("threads"), count("ended_threads")});
               }},
              {"refcounts", false,
               [&](const auto& node) {
                 read_named(node, "listening, connection 1", {"listening"}, {"connection"},
                            [&](const std::string& name, const YAML::Node& value) {
                              ends.refcounts[name] = number_of<std::uint32_t>(value, 0, 1'000'000);
                            });
               }},
              {"states", false,
               [&](const auto& node) {
                 read_named(node, "parent, server, child 1, thread 1, client 1", {"parent", "server"},
                            {"child", "thread", "client"}, [&](const std::string& name, const YAML::Node& value) {
                              ends.states[name] = text_of(value, kLongestTitle);
                            });
               }},
              {"values", false, [&](const auto& node) {
                 read_named(node, "parent, server, child 1, segment, semaphore",
                            {"parent", "server", "segment", "semaphore"}, {"child"},
                            [&](const std::string& name, const YAML::Node& value) {
                              ends.values[name] = number_of<int>(value, 0, 1'000'000);
                            });
               }}});
  }

  // A map from names of things: `whole` ones, and those that have a number behind them.
  static void read_named(const YAML::Node& map, std::string_view names, std::initializer_list<std::string_view> whole,
                         std::initializer_list<std::string_view> numbered,
                         const std::function<void(const std::string&, const YAML::Node&)>& read) {
    if (!map.IsMap()) mistake(map.Mark(), fmt::format("names and values are expected here; the names are: {}", names));
    std::set<std::string> found;
    for (const auto& entry : map) {
      const std::string name = plain(entry.first, "a name");
      const bool known = std::any_of(numbered.begin(), numbered.end(),
                                     [&](std::string_view one) { return is_name(name, whole, one); });
      if (!known) mistake(entry.first.Mark(), fmt::format("unknown name \"{}\"; expected one of: {}", name, names));
      if (!found.insert(name).second) mistake(entry.first.Mark(), fmt::format("\"{}\" appears twice", name));
      read(name, entry.second);
    }
  }

  Lesson& lesson_;
  std::uint32_t clients_ = 0;
};

void check_utf8(std::string_view text) {
  int line = 1;
  for (std::size_t begin = 0; begin < text.size(); ++line) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    try {
      (void)nlohmann::json(text.substr(begin, end - begin)).dump();
    } catch (const nlohmann::json::exception&) {
      throw Mistake{line, "not valid UTF-8"};
    }
    begin = end + 1;
  }
}

// What is in the file may be in the message: it is to do no harm to a terminal, and not to fill it.
std::string shown(std::string what) {
  constexpr std::size_t kMost = 500;
  if (what.size() > kMost) {
    std::size_t end = kMost;  // of a character
    while ((static_cast<unsigned char>(what[end]) & 0xC0) == 0x80) --end;
    what = what.substr(0, end) + "...";
  }
  return printable(what);
}

YAML::Node load(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Guard guard;
  if (!parser.HandleNextDocument(guard)) throw Mistake{1, "the file is empty; a lesson begins with its title"};
  if (parser.HandleNextDocument(guard)) throw Mistake{1, "there is more than one document (---) in the file"};
  return YAML::Load(text);
}

}  // namespace

Result<Lesson> parse_lesson(std::string_view text, const std::string& path) {
  Lesson lesson;
  lesson.name = std::filesystem::path(path).stem().string();
  std::from_chars(lesson.name.data(), lesson.name.data() + lesson.name.size(), lesson.number);
  const auto located = [&](int line, const std::string& what) {
    return failure(fmt::format("{}:{}: {}", path, line, shown(what)));
  };
  if (text.size() > kMostLessonBytes) return located(1, "the file is too large for a lesson");
  try {
    check_utf8(text);
    Reader(lesson).read(load(std::string(text)));
  } catch (const Mistake& mistake) {
    return located(mistake.line, mistake.what);
  } catch (const YAML::Exception& error) {
    return located(error.mark.line + 1,
                   "not valid YAML: " + error.msg +
                       " (a text with \": \" or \" #\" in it goes into quotes; lines are indented by spaces)");
  }
  return lesson;
}

Result<Lesson> read_lesson(const std::string& path) {
  const auto text = read_file(path, kMostLessonBytes);
  if (!text) return tl::make_unexpected(text.error());
  return parse_lesson(*text, path);
}

}  // namespace forktable
