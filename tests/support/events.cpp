#include "tests/support/events.hpp"

#include <fmt/format.h>

#include <limits>
#include <utility>

namespace forktable {

std::string text_of(const What& what) {
  return std::visit(
      []<class T>(const T& one) {
        std::string text(T::name);
        T::fields(one, [&](const char* key, const auto& value) {
          using Field = std::remove_cvref_t<decltype(value)>;
          if constexpr (std::is_same_v<Field, Ipv4>)
            text += value == kLoopback ? "" : fmt::format(" {}={}", key, to_string(value));
          else if constexpr (std::is_same_v<Field, ShortText>)
            text += fmt::format(" {}={:?}", key, value.view());
          else if constexpr (std::is_enum_v<Field>)
            text += fmt::format(" {}={}", key, name_of(value));
          else if constexpr (std::is_class_v<Field>)
            text += fmt::format(" {}={}", key, value.value);
          else
            text += fmt::format(" {}={}", key, value);
        });
        return text;
      },
      what);
}

std::string text_of(const Event& event) {
  return fmt::format("{} ns, pid {}, line {}: {}", event.at, event.pid, event.line, text_of(event.what));
}

bool operator==(const Event& a, const Event& b) { return text_of(a) == text_of(b); }
std::ostream& operator<<(std::ostream& out, const Event& event) { return out << text_of(event); }

}  // namespace forktable

namespace forktable::test {
namespace {

template <std::size_t... I>
What default_of(std::size_t kind, std::index_sequence<I...>) {
  What what;
  static_cast<void>(((I == kind ? (what.emplace<I>(), true) : false) || ...));
  return what;
}

template <class Enum, std::size_t N>
void pick(Random& random, Enum& value, const std::string_view (&)[N]) {
  value = static_cast<Enum>(number_between(random, 0, N - 1));
}
void fill(Random& random, Values, std::string_view, Call& value) {
  value = static_cast<Call>(number_between(random, 0, std::size(kCalls) - 1));
}
void fill(Random& random, Values, std::string_view, ServerKind& value) { pick(random, value, kServerNames); }
void fill(Random& random, Values, std::string_view, Behaviour& value) { pick(random, value, kBehaviourNames); }
void fill(Random& random, Values, std::string_view, ClientEnd& value) { pick(random, value, kClientEndNames); }
void fill(Random& random, Values, std::string_view, Unnamed& value) { pick(random, value, kUnnamedNames); }
void fill(Random& random, Values, std::string_view, FileKind& value) { pick(random, value, kFileKindNames); }
void fill(Random& random, Values, std::string_view, Masking& value) { pick(random, value, kMaskingNames); }
void fill(Random& random, Values, std::string_view, TcpState& value) { pick(random, value, kTcpStateNames); }
void fill(Random& random, Values, std::string_view, Aspect& value) { pick(random, value, kAspectNames); }
void fill(Random& random, Values, std::string_view, Differs& value) { pick(random, value, kDiffersNames); }
void fill(Random& random, Values, std::string_view, ShortText& value) { value = random_text(random); }
void fill(Random& random, Values, std::string_view, Bugs& bugs) {
  bugs.value = static_cast<std::uint32_t>(number_between(random, 0, (1 << kBugCount) - 1));
}
void fill(Random& random, Values values, std::string_view, ClientId& value) {
  value.value = static_cast<std::uint32_t>(
      number_between(random, values == Values::kTame ? 1 : 0, values == Values::kTame ? 6 : 0xFFFFFFFF));
}
void fill(Random& random, Values values, std::string_view, Ipv4& value) {
  value.value += static_cast<std::uint32_t>(number_between(random, 0, values == Values::kTame ? 1 : 0xFFFFFFFF));
}
template <std::integral Number>
void fill(Random& random, Values values, std::string_view key, Number& value) {
  using Limits = std::numeric_limits<Number>;
  std::int64_t low = Limits::min(), high = static_cast<std::int64_t>(Limits::max());
  if (values == Values::kTame) {
    const bool is_fd = key == "fd" || key == "listenfd" || key == "connfd";
    const bool is_pid = key == "child" || key == "parent" || key == "process" || key == "thread";
    const bool is_count = key == "fork" || key == "create", is_port = key == "port" || key == "peer_port";
    low = is_fd ? 3 : is_pid ? 100 : is_port ? 40000 : 0;
    high = is_fd ? 6 : is_pid ? 106 : is_port ? 40005 : is_count ? 3 : 20;
  }
  value = static_cast<Number>(number_between(random, low, high));
}

}  // namespace

std::int64_t number_between(Random& random, std::int64_t low, std::int64_t high) {
  return std::uniform_int_distribution<std::int64_t>(low, high)(random);
}

bool one_in(Random& random, int n) { return number_between(random, 1, n) == 1; }

ShortText random_text(Random& random) {
  static constexpr std::string_view kPieces[] = {"a",  "Z",  " ",  "<b>",      "&amp;", "\"", "\\", "\n",
                                                 "\r", "\t", "\1", "\x1b[31m", "\x7f",  "é",  "→",  "\xF0\x9F\x98\x80",
                                                 "'",  "/"};
  std::string text;
  const auto length = static_cast<std::size_t>(number_between(random, 0, ShortText::kCapacity));
  while (true) {
    const std::string_view piece = kPieces[number_between(random, 0, std::size(kPieces) - 1)];
    if (text.size() + piece.size() > length) return ShortText(text);
    text += piece;
  }
}

What random_what(Random& random, std::size_t kind, Values values) {
  What what = default_of(kind, std::make_index_sequence<kKinds>{});
  std::visit(
      [&]<class T>(T& one) { T::fields(one, [&](const char* key, auto& value) { fill(random, values, key, value); }); },
      what);
  return what;
}

std::vector<Event> one_of_every_kind(Random& random, Values values) {
  std::vector<Event> all;
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    Event event;
    event.at = number_between(random, 0, 3600 * kSecond);
    event.pid = static_cast<Pid>(number_between(random, 100, values == Values::kTame ? 106 : 4'000'000));
    event.line = static_cast<std::uint32_t>(number_between(random, 0, 50));
    event.what = random_what(random, kind, values);
    all.push_back(event);
  }
  return all;
}

}  // namespace forktable::test
