#include "core/lesson/action.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <csignal>
#include <iterator>
#include <optional>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

namespace forktable {
namespace {

using Words = std::span<const std::string_view>;
template <class T>
using Expected = tl::expected<T, std::string>;

struct ProcessPhrase {
  std::string_view words;
  Deed deed;
  int fd = kConnfd;
};
constexpr ProcessPhrase kProcessPhrases[] = {
    {"accepts", Deed::kAccepts},
    {"forks", Deed::kForks},
    {"reads", Deed::kReads},
    {"reads end of file", Deed::kReadsEndOfFile},
    {"writes", Deed::kWrites},
    {"closes listenfd", Deed::kCloses, kListenfd},
    {"closes connfd", Deed::kCloses, kConnfd},
    {"exits", Deed::kExits},
    {"is killed", Deed::kIsKilled},
    {"gets SIGCHLD", Deed::kGetsSigchld},
    {"reaps", Deed::kReaps},
    {"finds nothing to reap", Deed::kFindsNothingToReap},
    {"returns from the handler", Deed::kReturnsFromHandler},
    {"looks at errno", Deed::kLooksAtErrno},
    {"backs off", Deed::kBacksOff},
    {"works", Deed::kWorks},
    {"counts", Deed::kCounts},
    {"creates a thread", Deed::kCreatesThread},
    {"detaches itself", Deed::kDetachesItself},
    {"reads its argument", Deed::kReadsArgument},
    {"ends", Deed::kEnds},
    {"joins", Deed::kJoins},
    {"watches listenfd", Deed::kWatches, kListenfd},
    {"watches connfd", Deed::kWatches, kConnfd},
    {"no longer watches connfd", Deed::kUnwatches, kConnfd},
    {"calls P", Deed::kCallsP},
    {"waits for the semaphore", Deed::kWaitsForSemaphore},
    {"takes the semaphore", Deed::kTakesSemaphore},
    {"calls V", Deed::kGivesSemaphore},
    {"gives the semaphore", Deed::kGivesSemaphore},
    {"loads", Deed::kLoads},
    {"stores", Deed::kStores},
    {"execs", Deed::kExecs},
    {"blocks SIGCHLD", Deed::kBlocksSigchld},
    {"unblocks SIGCHLD", Deed::kUnblocksSigchld},
    {"adds a job", Deed::kAddsJob},
    {"deletes a job", Deed::kDeletesJob},
    {"fails", Deed::kFails},
    {"steps", Deed::kSteps},
};

struct ClientPhrase {
  std::string_view words;
  ClientDeed deed;
};
constexpr ClientPhrase kClientPhrases[] = {
    {"connects", ClientDeed::kConnects},
    {"is refused", ClientDeed::kIsRefused},
    {"comes and goes", ClientDeed::kComesAndGoes},
    {"hears the echo", ClientDeed::kHearsTheEcho},
    {"half-closes", ClientDeed::kHalfCloses},
    {"sees end of file", ClientDeed::kSeesEndOfFile},
    {"closes", ClientDeed::kCloses},
    {"resets", ClientDeed::kResets},
};

constexpr int kMostTimes = 1000;
constexpr std::size_t kMostWords = 4000;  // bytes of a line that a client says

tl::unexpected<std::string> mistake(std::string text) { return tl::make_unexpected(std::move(text)); }

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == text.npos) return words;
    text.remove_prefix(begin);
    words.push_back(text.substr(0, text.find(' ')));
    text.remove_prefix(words.back().size());
  }
}

std::string join(Words words) { return fmt::format("{}", fmt::join(words, " ")); }

std::optional<int> number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

Expected<std::uint32_t> ordinal(std::string_view who, Words words) {
  const auto value = words.size() > 1 ? number(words[1]) : std::nullopt;
  if (!value || *value == 0) return mistake(fmt::format("\"{}\" has no number: \"{} 1\" is the first", who, who));
  return static_cast<std::uint32_t>(*value);
}

Expected<Call> call_in(unsigned trait, std::string_view name) {
  std::vector<std::string_view> names;
  for (int i = 0; i < static_cast<int>(std::size(kCalls)); ++i) {
    const Call call = static_cast<Call>(i);
    if (!has_trait(call, trait)) continue;
    if (name_of(call) == name) return call;
    names.push_back(name_of(call));
  }
  return mistake(
      fmt::format("\"{}\" isn't a call that can stand there; expected one of: {}", name, fmt::join(names, ", ")));
}

Expected<ProcessDoes> with_call(ProcessName who, Deed deed, unsigned trait, std::string_view name) {
  const auto call = call_in(trait, name);
  if (!call) return tl::make_unexpected(call.error());
  return ProcessDoes{.who = who, .deed = deed, .call = *call};
}

Expected<ProcessDoes> process_does(ProcessName who, Words does) {
  const std::string text = join(does);
  for (const ProcessPhrase& phrase : kProcessPhrases)
    if (phrase.words == text) return ProcessDoes{.who = who, .deed = phrase.deed, .fd = phrase.fd};
  if (does.size() == 2 && does[0] == "calls") return with_call(who, Deed::kCalls, CallTraits::kEntered, does[1]);
  if (does.size() == 3 && does[0] == "fails" && does[1] == "in")
    return with_call(who, Deed::kFailsIn, CallTraits::kFails, does[2]);
  if (does.size() == 3 && does[0] == "waits" && does[1] == "before")
    return with_call(who, Deed::kWaitsBefore, CallTraits::kGate, does[2]);
  if (does.size() == 3 && does[0] == "returns" && does[1] == "from")
    return with_call(who, Deed::kReturnsFrom, CallTraits::kMany, does[2]);
  if (does.size() == 3 && does[0] == "finds" && does[2] == "ready")
    if (const auto count = number(does[1]); count && *count > 0 && *count <= kMostTimes)
      return ProcessDoes{.who = who, .deed = Deed::kFindsReady, .times = *count};
  for (const auto& [words, deed] : {std::pair{"closes", Deed::kCloses},
                                    {"watches", Deed::kWatches},
                                    {"no longer watches", Deed::kUnwatches},
                                    {"duplicates connfd to", Deed::kDuplicates}})
    if (const auto fd = does.empty() ? std::nullopt : number(does.back());
        fd && join(does.first(does.size() - 1)) == words)
      return ProcessDoes{.who = who, .deed = deed, .fd = *fd};
  if (does.size() == 3 && does[0] == "steps" && does[2] == "times")
    if (const auto times = number(does[1]); times && *times > 0 && *times <= kMostTimes)
      return ProcessDoes{.who = who, .deed = Deed::kSteps, .times = *times};
  std::vector<std::string_view> known;
  for (const ProcessPhrase& phrase : kProcessPhrases) known.push_back(phrase.words);
  return mistake(fmt::format(
      "a process can't do \"{}\"; expected one of: {}, steps 3 times, calls CALL, fails in CALL, waits before "
      "CALL, returns from CALL, finds 2 ready, closes 4, watches 4, no longer watches 4, duplicates connfd to 0",
      text, fmt::join(known, ", ")));
}

Expected<ClientDoes> client_does(std::uint32_t client, Words does, std::string_view text) {
  if (!does.empty() && does[0] == "says") {
    const auto from = static_cast<std::size_t>(does[0].data() + does[0].size() - text.data());
    std::string_view words = text.substr(from);
    words.remove_prefix(std::min(words.size(), words.find_first_not_of(' ')));
    if (words.empty() || words.size() > kMostWords)
      return mistake("\"says\" wants a line of words: \"client 1 says hello\"");
    return ClientDoes{client, ClientDeed::kSays, std::string(words)};
  }
  const std::string wanted = join(does);
  std::vector<std::string_view> known;
  for (const ClientPhrase& phrase : kClientPhrases) {
    if (phrase.words == wanted) return ClientDoes{client, phrase.deed, {}};
    known.push_back(phrase.words);
  }
  return mistake(
      fmt::format("a client can't do \"{}\"; expected one of: {}, says WORDS", wanted, fmt::join(known, ", ")));
}

bool is_server(std::string_view word) { return word == "parent" || word == "server"; }

Expected<ProcessName> process_name(Words words) {
  if (is_server(words[0])) return ProcessName{};
  const auto which = ordinal(words[0], words);
  if (!which) return tl::make_unexpected(which.error());
  return words[0] == "thread" ? ProcessName{.thread = *which} : ProcessName{.child = *which};
}

Expected<decltype(LessonAction::what)> parse(std::string_view text) {
  const std::vector<std::string_view> all = split(text);
  const Words words = all;
  if (words.empty()) return mistake("an action is missing here, such as \"parent accepts\"");
  if (is_server(words[0]) || words[0] == "child" || words[0] == "thread") {
    const auto who = process_name(words);
    if (!who) return tl::make_unexpected(who.error());
    return process_does(*who, words.subspan(who->is_server() ? 1 : 2));
  }
  if (words[0] == "client") {
    const auto client = ordinal("client", words);
    if (!client) return tl::make_unexpected(client.error());
    return client_does(*client, words.subspan(2), text);
  }
  if (words[0] == "switch") {
    if (words.size() != 3 || (words[2] != "on" && words[2] != "off"))
      return mistake("\"switch\" wants the name of a bug, and on or off: \"switch one-waitpid off\"");
    const auto bug = parse_bug(words[1]);
    if (!bug) return tl::make_unexpected(bug.error());
    return SwitchBug{*bug, words[2] == "on"};
  }
  if (words[0] == "kill") {
    if (words.size() < 2 || (!is_server(words[1]) && words[1] != "child"))
      return mistake("\"kill\" wants a process: \"kill parent\" or \"kill child 1\"");
    const auto who = process_name(words.subspan(1));
    if (!who) return tl::make_unexpected(who.error());
    if (words.size() == (who->is_server() ? 2u : 3u)) return SendSignal{*who, SIGKILL};
  }
  if (text == "stop the server") return SendSignal{{}, SIGTERM};
  if (text == "run") return Run{};
  return mistake(fmt::format(
      "unknown action \"{}\"; an action begins with one of: parent, server, child 1, thread 1, client 1, switch BUG "
      "on, switch BUG "
      "off, kill parent, kill child 1, stop the server, run",
      text));
}

}  // namespace

tl::expected<LessonAction, std::string> parse_action(std::string_view text) {
  auto what = parse(text);
  if (!what) return tl::make_unexpected(what.error());
  return LessonAction{std::move(*what), std::string(text), 0};
}

tl::expected<ServerKind, std::string> parse_server(std::string_view name) {
  if (const auto server = find_server(name)) return *server;
  return mistake(fmt::format("unknown server \"{}\"; expected one of: {}", name, fmt::join(kServerNames, ", ")));
}

tl::expected<Bug, std::string> parse_bug(std::string_view name) {
  std::vector<std::string_view> names;
  for (int i = 0; i < kBugCount; ++i) {
    if (kBugTexts[i].name == name) return static_cast<Bug>(i);
    names.push_back(kBugTexts[i].name);
  }
  return mistake(fmt::format("unknown bug \"{}\"; expected one of: {}", name, fmt::join(names, ", ")));
}

}  // namespace forktable
