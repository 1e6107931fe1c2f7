#include "core/recording/recording.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <variant>

#include "core/recording/flat_object.hpp"
#include "core/recording/script_reader.hpp"
#include "core/system/file.hpp"
#include "core/world/reduce.hpp"

namespace forktable {
namespace {

constexpr std::size_t kLongestLine = 65536;  // bytes
constexpr std::string_view kBeside = "beside";

// For a message: in quotes, and in ASCII whatever it was. A stranger's text must not reach the terminal as it is.
std::string quoted(std::string_view text) {
  using Json = nlohmann::json;
  return Json(text.substr(0, 40)).dump(-1, ' ', true, Json::error_handler_t::replace);
}

// Left out, as it nearly always is that, and in a recording from before version 6 nothing else.
constexpr bool has_default(Ipv4 ip) { return ip == kLoopback; }
constexpr bool has_default(const auto&) { return false; }

// -- writing a field --

void put(std::string& out, const ShortText& text) { out += json_string(text.view()); }
template <class Enum>
requires std::is_enum_v<Enum>
void put(std::string& out, Enum value) { fmt::format_to(std::back_inserter(out), "\"{}\"", name_of(value)); }
void put(std::string& out, ClientId client) { fmt::format_to(std::back_inserter(out), "{}", client.value); }
void put(std::string& out, Ipv4 ip) { fmt::format_to(std::back_inserter(out), "\"{}\"", to_string(ip)); }
void put(std::string& out, Bugs bugs) { fmt::format_to(std::back_inserter(out), "{}", bugs.value); }
void put(std::string& out, std::integral auto number) { fmt::format_to(std::back_inserter(out), "{}", number); }

// -- reading a field: false if it is no value of that type --

template <class Number>
requires std::integral<Number>
bool get(const Field& field, Number& number) {
  const auto* value = std::get_if<std::int64_t>(&field.value);
  if (value == nullptr || !std::in_range<Number>(*value)) return false;
  number = static_cast<Number>(*value);
  return true;
}
bool get(const Field& field, ClientId& client) { return get(field, client.value); }
bool get(const Field& field, Ipv4& ip) {
  const auto* value = std::get_if<std::string>(&field.value);
  const auto parsed = value != nullptr ? parse_ipv4(*value) : std::nullopt;
  ip = parsed.value_or(kLoopback);
  return parsed.has_value();
}
bool get(const Field& field, Bugs& bugs) { return get(field, bugs.value); }
bool get(const Field& field, ShortText& text) {
  const auto* value = std::get_if<std::string>(&field.value);
  if (value == nullptr) return false;
  text = valid_utf8(ShortText(*value));
  return true;
}
template <class Enum, std::size_t N>
bool get_named(const Field& field, const std::string_view (&names)[N], Enum& out) {
  const auto* value = std::get_if<std::string>(&field.value);
  if (value == nullptr) return false;
  const auto at = std::find(std::begin(names), std::end(names), *value);
  out = static_cast<Enum>(at - std::begin(names));
  return at != std::end(names);
}
bool get(const Field& field, Call& call) {
  const auto* name = std::get_if<std::string>(&field.value);
  const auto found = name != nullptr ? find_call(*name) : std::nullopt;
  call = found.value_or(call);
  return found.has_value();
}
bool get(const Field& field, ServerKind& server) { return get_named(field, kServerNames, server); }
bool get(const Field& field, Behaviour& behaviour) { return get_named(field, kBehaviourNames, behaviour); }
bool get(const Field& field, ClientEnd& end) { return get_named(field, kClientEndNames, end); }
bool get(const Field& field, Unnamed& why) { return get_named(field, kUnnamedNames, why); }
bool get(const Field& field, FileKind& kind) { return get_named(field, kFileKindNames, kind); }
bool get(const Field& field, Masking& how) { return get_named(field, kMaskingNames, how); }
bool get(const Field& field, TcpState& state) { return get_named(field, kTcpStateNames, state); }
bool get(const Field& field, Aspect& aspect) { return get_named(field, kAspectNames, aspect); }
bool get(const Field& field, Differs& differs) { return get_named(field, kDiffersNames, differs); }

template <class T>
std::string read_what(const FlatObject& line, What& out) {
  T what;
  std::string problem;
  T::fields(what, [&](const char* key, auto& value) {
    const Field* field = line.find(key);
    if (field == nullptr && has_default(value)) return;
    if (field == nullptr || !get(*field, value))
      if (problem.empty()) problem = fmt::format("\"{}\" has no good \"{}\"", T::name, key);
  });
  out = what;
  return problem;
}

template <std::size_t... I>
std::string read_named(std::string_view name, const FlatObject& line, What& out, std::index_sequence<I...>) {
  std::string problem;
  const bool known = ((std::variant_alternative_t<I, What>::name == name
                           ? (problem = read_what<std::variant_alternative_t<I, What>>(line, out), true)
                           : false) ||
                      ...);
  return known ? problem : "there is no event " + quoted(name);
}

std::string read_event(const FlatObject& line, Event& event) {
  const std::string* name = line.text("event");
  const std::int64_t* at = line.number("t");
  if (name == nullptr) return "an event without its name, \"event\"";
  if (at == nullptr || *at < 0) return "an event without its time, \"t\"";
  event.at = *at;
  if (const Field* pid = line.find("pid"); pid != nullptr && !get(*pid, event.pid))
    return "\"pid\" is not a process id";
  if (const Field* source = line.find("line"); source != nullptr && !get(*source, event.line))
    return "\"line\" is not a line number";
  return read_named(*name, line, event.what, std::make_index_sequence<std::variant_size_v<What>>{});
}

std::string read_header(const FlatObject& line, RecordingHeader& header) {
  const std::string* format = line.text("format");
  const std::int64_t* version = line.number("version");
  if (format == nullptr || *format != kRecordingFormat || version == nullptr) return "not a Forktable recording";
  if (*version < 1) return "a format version below 1";
  if (*version > kRecordingVersion)
    return fmt::format(
        "format version {} is newer than this Forktable, which reads up to {}: a newer Forktable is needed", *version,
        kRecordingVersion);
  header.version = static_cast<int>(*version);
  if (const std::string* server = line.text("server")) header.server = *server;
  if (const std::string* started = line.text("started")) header.started = *started;
  if (const std::string* lesson = line.text("lesson")) header.lesson = *lesson;
  return {};
}

// Takes the lines one by one.
class Reader {
 public:
  explicit Reader(std::string name) : name_(std::move(name)) {}

  Result<void> take(std::string_view line) {
    ++line_number_;
    std::string problem = line.size() > kLongestLine ? "a line too long" : object_.parse(line);
    if (line_number_ == 1 && !problem.empty()) problem = "not a Forktable recording: " + problem;
    if (problem.empty()) {
      if (line_number_ == 1) {
        problem = read_header(object_, recording.header);
      } else if (events_ == 0 && script_.take(object_, problem)) {
      } else if (!beside_ && events_ > 0 && object_.find(kBeside) != nullptr && object_.find("event") == nullptr) {
        beside_ = true;
      } else {
        Event event;
        problem = events_ == kMostEvents ? fmt::format("more than {} events", kMostEvents) : read_event(object_, event);
        if (problem.empty()) {
          if (events_ == 0) recording.first_line = line_number_;
          (beside_ ? recording.beside : recording.events).push_back(event);
          ++events_;
        }
      }
    }
    if (problem.empty()) return {};
    return failure(fmt::format("can't read recording {}: line {}: {}", name_, line_number_, problem));
  }

  Result<Recording> finish(bool cut_short) {
    if (line_number_ == 0)
      return failure(fmt::format("can't read recording {}: it is empty, or not a Forktable recording", name_));
    recording.cut_short = cut_short;
    recording.script = std::move(script_.script);
    return std::move(recording);
  }

  Recording recording;

 private:
  std::string name_;
  FlatObject object_;
  ScriptReader script_;
  std::size_t line_number_ = 0, events_ = 0;
  bool beside_ = false;  // what comes is of the server beside the first
};

}  // namespace

std::string line_of(const Event& event) {
  std::string out;
  out.reserve(128);
  fmt::format_to(std::back_inserter(out), "{{\"t\":{}", event.at);
  if (event.pid != 0) fmt::format_to(std::back_inserter(out), ",\"pid\":{}", event.pid);
  if (event.line != 0) fmt::format_to(std::back_inserter(out), ",\"line\":{}", event.line);
  std::visit(
      [&]<class T>(const T& what) {
        fmt::format_to(std::back_inserter(out), ",\"event\":\"{}\"", T::name);
        T::fields(what, [&](const char* key, const auto& value) {
          if (has_default(value)) return;
          fmt::format_to(std::back_inserter(out), ",\"{}\":", key);
          put(out, value);
        });
      },
      event.what);
  out += "}\n";
  return out;
}

std::string lines_beside(const std::vector<Event>& events) {
  if (events.empty()) return {};
  std::string out = fmt::format("{{\"{}\":{}}}\n", kBeside, events.size());
  for (const Event& event : events) out += line_of(event);
  return out;
}

Result<RecordingWriter> RecordingWriter::create(const std::string& path, const RecordingHead& head, IfThere if_there) {
  auto file = NewFile::create(path, "can't write recording", if_there, Grows::kInPlace);
  if (!file) return tl::make_unexpected(file.error());
  RecordingWriter writer(std::move(*file));
  writer.pending_ = lines_of(head);
  if (auto written = writer.flush(); !written) return tl::make_unexpected(written.error());
  return writer;
}

Result<void> RecordingWriter::flush() {
  std::string pending;
  pending.swap(pending_);
  return file_->write(pending);
}

Result<void> RecordingWriter::finish() {
  if (auto left = leave(); !left) return left;
  return file_->commit();
}

Result<void> RecordingWriter::leave() {
  file_->keep();
  if (auto flushed = flush(); !flushed) return flushed;
  return file_->sync();
}

std::string RecordingWriter::so_far() const {
  return where() + " holds the run so far" + (file_->replaces() ? ", and " + file_->path() + " is as it was" : "");
}

Result<Recording> parse_recording(std::string_view text, const std::string& name) {
  Reader reader(name);
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) break;
    if (auto taken = reader.take(text.substr(0, end)); !taken) return tl::make_unexpected(taken.error());
    text.remove_prefix(end + 1);
  }
  return reader.finish(!text.empty());
}

Result<Recording> read_recording(const std::string& path) {
  auto recording = read_recording(path, [](double, Recording&) { return true; });
  if (!recording) return recording;
  World world;
  for (std::size_t i = 0; i < recording->events.size(); ++i) {
    reduce(world, recording->events[i]);
    if (takes_too_long(world)) return tl::make_unexpected(too_much(path, recording->first_line + i, world));
  }
  World beside;
  for (std::size_t i = 0; i < recording->beside.size(); ++i) {
    reduce(beside, recording->beside[i]);
    if (takes_too_long(beside)) return tl::make_unexpected(too_much(path, line_beside(*recording, i), beside));
  }
  return recording;
}

std::string place_in_recording(std::uint64_t step, std::size_t first_line) {
  if (first_line == 0) return fmt::format("step {}", step);
  return fmt::format("step {} (line {} of the recording)", step, first_line + step - 1);
}

std::size_t line_beside(const Recording& recording, std::size_t place) {
  return recording.first_line + recording.events.size() + 1 + place;
}

Error too_much(const std::string& path, std::size_t line, const World& world) {
  std::size_t descriptors = 0;
  for (const Process& process : world.processes) descriptors += process.descriptors.size();
  return {
      fmt::format("can't read recording {}: line {}: it takes too long to follow the events up to here, of {} "
                  "processes with {} descriptors, {} open files and {} clients: keep the lines before it only",
                  path, line, world.processes.size(), descriptors, world.files.size(), world.clients.size())};
}

Result<RecordingHeader> read_recording_header(const std::string& path) {
  const std::string job = "can't read recording " + path;
  UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return system_error(job);
  struct stat about {};
  if (fstat(file.get(), &about) != 0) return system_error(job);
  if (!S_ISREG(about.st_mode)) return failure(job + ": it is not a regular file");
  std::string line(kLongestLine, '\0');
  std::size_t size = 0;
  while (size < line.size() && std::string_view(line.data(), size).find('\n') == std::string_view::npos) {
    const ssize_t got = read(file.get(), line.data() + size, line.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(job);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  auto read = parse_recording(std::string_view(line.data(), std::string_view(line.data(), size).find('\n') + 1), path);
  return std::move(read).map([](Recording&& recording) { return std::move(recording.header); });
}

Result<Recording> read_recording(const std::string& path, const ReadingProgress& progress) {
  const std::string job = "can't read recording " + path;
  UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return system_error(job);
  struct stat about {};
  const double size = fstat(file.get(), &about) == 0 && about.st_size > 0 ? static_cast<double>(about.st_size) : 1;
  double done = 0;
  Reader reader(path);
  std::string buffer;
  while (true) {
    if (!progress(std::min(1.0, done / size), reader.recording)) return failure(job + ": given up");
    const std::size_t kept = buffer.size();
    if (kept > kLongestLine) return reader.take(buffer).map([] { return Recording{}; });  // a line too long
    buffer.resize(kept + (std::size_t{1} << 18));
    const ssize_t got = read(file.get(), buffer.data() + kept, buffer.size() - kept);
    if (got < 0 && errno != EINTR) return system_error(job);
    buffer.resize(kept + static_cast<std::size_t>(got < 0 ? 0 : got));
    done += static_cast<double>(std::max<ssize_t>(got, 0));
    if (got == 0) return reader.finish(!buffer.empty());
    std::string_view rest = buffer;
    for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
      if (auto taken = reader.take(rest.substr(0, end)); !taken) return tl::make_unexpected(taken.error());
      rest.remove_prefix(end + 1);
    }
    buffer.erase(0, buffer.size() - rest.size());
  }
}

}  // namespace forktable
