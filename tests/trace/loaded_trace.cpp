#include "tests/trace/loaded_trace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/trace/trace.hpp"

namespace forktable::test {
namespace {

using Json = LoadedTrace::Json;
using TrackId = LoadedTrace::TrackId;

TrackId track_of(const Json& event) { return {event["pid"].get<std::int64_t>(), event["tid"].get<std::int64_t>()}; }
// In nanoseconds. Times are such that a floating point number holds them exactly, and tools may cut off what is behind
// the point.
std::int64_t nanoseconds(const Json& time) { return static_cast<std::int64_t>(time.get<double>() * 1000); }
std::int64_t begin_of(const Json& slice) { return nanoseconds(slice["ts"]); }
std::int64_t end_of(const Json& slice) { return begin_of(slice) + nanoseconds(slice["dur"]); }

class Loader {
 public:
  explicit Loader(const std::string& text) {
    const Json json = Json::parse(text);
    if (json.at("displayTimeUnit") != "ms") complain("the unit of time", json.at("displayTimeUnit"));
    for (const Json& event : json.at("traceEvents")) load(event);
    for (const auto& [track, slices] : slices_) loaded_.slices[name_of(track)] = slices;
    for (const auto& [track, instants] : instants_) loaded_.instants[name_of(track)] = instants;
    find_flows();
    std::vector<std::pair<std::pair<std::int64_t, std::int64_t>, std::string>> sorted;
    for (const auto& [track, name] : loaded_.names)
      sorted.push_back({{group_order_[track.first], track_order_[track]}, name});
    std::sort(sorted.begin(), sorted.end());
    for (const auto& [place, name] : sorted) loaded_.order.push_back(name);
  }

  LoadedTrace loaded() && { return std::move(loaded_); }

 private:
  void complain(const std::string& what, const Json& event) { loaded_.wrong.push_back(what + ": " + event.dump()); }

  std::string name_of(TrackId track) {
    const auto known = loaded_.names.find(track);
    if (known != loaded_.names.end()) return known->second;
    loaded_.wrong.push_back("a track without a name");
    return {};
  }

  void load(const Json& event) {
    const std::string phase = event.at("ph");
    if (!event.at("name").is_string() || event["name"].get<std::string>().empty()) complain("no name", event);
    if (event.at("pid") <= 0 || event.at("tid") <= 0) complain("no track", event);
    if (phase == "M") return load_name(event);
    if (!event.at("ts").is_number() || begin_of(event) < 0) complain("no time", event);
    if (phase == "X") load_slice(event);
    if (phase == "i") load_instant(event);
    if (phase == "C") load_counter(event);
    if (phase == "s" || phase == "f") load_end_of_flow(event);
    if (!std::set<std::string>{"X", "i", "C", "s", "f"}.contains(phase)) complain("no such phase", event);
  }

  void load_name(const Json& event) {
    const Json& args = event.at("args");
    if (event["name"] == "process_name")
      loaded_.groups[event["pid"]] = args.at("name");
    else if (event["name"] == "process_sort_index")
      group_order_[event["pid"]] = args.at("sort_index");
    else if (event["name"] == "thread_sort_index")
      track_order_[track_of(event)] = args.at("sort_index");
    else if (event["name"] != "thread_name")
      complain("no such name", event);
    else if (!loaded_.names.emplace(track_of(event), args.at("name").get<std::string>()).second)
      complain("named twice", event);
  }

  // Each lies within those that are open, or after them.
  void load_slice(const Json& event) {
    if (nanoseconds(event.at("dur")) < 0) complain("it ends before it begins", event);
    std::vector<Json>& slices = slices_[track_of(event)];
    std::vector<std::int64_t>& open = open_[track_of(event)];
    if (!slices.empty() && begin_of(slices.back()) > begin_of(event)) complain("earlier than the one before", event);
    while (!open.empty() && open.back() <= begin_of(event)) open.pop_back();
    if (!open.empty() && open.back() < end_of(event)) complain("it reaches out of another", event);
    open.push_back(end_of(event));
    slices.push_back(event);
  }

  void load_instant(const Json& event) {
    std::vector<Json>& instants = instants_[track_of(event)];
    if (event.at("s") != "t") complain("it is not of a track", event);
    if (!instants.empty() && begin_of(instants.back()) > begin_of(event))
      complain("earlier than the one before", event);
    instants.push_back(event);
  }

  void load_counter(const Json& event) {
    for (const auto& [name, value] : event.at("args").items()) {
      if (!value.is_number_unsigned()) complain("no number", event);
      loaded_.counters[event["name"].get<std::string>() + " " + name].push_back(value);
    }
  }

  void load_end_of_flow(const Json& event) {
    const std::int64_t id = event.at("id");
    if (event.at("cat") != "fork" || event.at("name") != "fork") complain("no fork", event);
    if (event["ph"] == "s") {
      if (!begun_.emplace(id, event).second) complain("begun twice", event);
      return;
    }
    if (event.at("bp") != "e") complain("bound to what comes next", event);
    const auto begun = begun_.find(id);
    if (begun == begun_.end()) return complain("an end before its beginning", event);
    if (begin_of(event) < begin_of(begun->second)) complain("backwards in time", event);
    flows_.emplace_back(begun->second, event);
  }

  // The innermost slice at the time of the event, which lies well inside of it.
  std::string slice_around(const Json& event) {
    std::string found;
    for (const Json& slice : slices_[track_of(event)])
      if (begin_of(slice) < begin_of(event) && begin_of(event) < end_of(slice)) found = slice["name"];
    if (found.empty()) complain("bound to nothing", event);
    return found;
  }

  void find_flows() {
    if (begun_.size() != flows_.size()) loaded_.wrong.push_back("a flow without an end");
    for (const auto& [from, to] : flows_) {
      loaded_.flows.push_back({name_of(track_of(from)), name_of(track_of(to)), slice_around(from)});
      slice_around(to);
    }
  }

  LoadedTrace loaded_;
  std::map<TrackId, std::vector<Json>> slices_, instants_;
  std::map<TrackId, std::vector<std::int64_t>> open_;  // ends of the slices that are open
  std::map<std::int64_t, Json> begun_;                 // flows
  std::vector<std::pair<Json, Json>> flows_;
  std::map<std::int64_t, std::int64_t> group_order_;
  std::map<TrackId, std::int64_t> track_order_;
};

}  // namespace

LoadedTrace load_trace(const std::string& text) { return Loader(text).loaded(); }

LoadedTrace traced(const std::vector<Event>& events) {
  LoadedTrace trace = load_trace(trace_of(events).value());
  EXPECT_EQ(trace.wrong, std::vector<std::string>());
  return trace;
}

std::vector<std::string> names_of(const std::vector<nlohmann::json>& events) {
  std::vector<std::string> names;
  for (const nlohmann::json& event : events) names.push_back(event["name"]);
  return names;
}

}  // namespace forktable::test
