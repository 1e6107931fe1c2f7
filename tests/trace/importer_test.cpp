// The trace viewer of chrome://tracing opens what trace_of() writes. Debian's browser comes without that page; the
// viewer itself is in the package golang-src.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/trace/trace.hpp"
#include "tests/support/program.hpp"
#include "tests/support/story.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

using Json = nlohmann::json;

constexpr const char* kBrowser = "/usr/bin/chromium";

// The folder that holds the viewer, wherever this version of the package has it.
std::string find_viewer() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/share", error))
    if (entry.path().filename().string().starts_with("go-"))
      for (const char* place : {"/src/cmd/trace/static", "/src/internal/trace/traceviewer/static"})
        if (std::filesystem::exists(entry.path().string() + place + "/trace_viewer_full.html"))
          return entry.path().string() + place;
  return {};
}

// The text between `from` and `to`, the last time that they stand there.
std::optional<std::string> between(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t begin = text.rfind(from);
  if (begin == text.npos) return std::nullopt;
  const std::size_t end = text.find(to, begin);
  if (end == text.npos) return std::nullopt;
  return text.substr(begin + from.size(), end - begin - from.size());
}

// What the viewer has made of it; null if it did nothing.
Json imported(const std::string& viewer, const std::string& trace) {
  const TemporaryFolder folder;
  put(folder.file("trace.js"), "const trace = " + Json(trace).dump() + ";");
  put(folder.file("page.html"), R"(<!DOCTYPE html><html><head><meta charset="utf-8">
    <script src="file://)" + viewer +
                                    R"(/webcomponents.min.js"></script>
    <link rel="import" href="file://)" +
                                    viewer + R"(/trace_viewer_full.html">
    <script src="trace.js"></script>
    <script>
      document.addEventListener('HTMLImportsLoaded', async () => {
        const model = new tr.Model();
        await new tr.importer.Import(model).importTraces([trace]);
        const seen = {warnings: model.importWarnings.map(one => one.message), tracks: [], counters: {}, flows:
            model.flowEvents.map(flow => [flow.startSlice.parentContainer.name, flow.startSlice.title,
                                          flow.endSlice.parentContainer.name, flow.endSlice.title])};
        const by_place = (a, b) => a.sortIndex - b.sortIndex;
        for (const process of model.getAllProcesses().sort(by_place)) {
          for (const thread of Object.values(process.threads).sort(by_place))
            seen.tracks.push([process.name, thread.name, thread.sliceGroup.slices.length]);
          for (const counter of Object.values(process.counters))
            seen.counters[counter.name] = counter.series[0].samples.map(sample => sample.value);
        }
        const hex = Array.from(new TextEncoder().encode(JSON.stringify(seen)), byte => byte.toString(16).padStart(2, '0'));
        document.body.textContent = 'seen:' + hex.join('') + ':seen';
      });
    </script></head><body></body></html>)");
  const Outcome outcome =
      run({.words = {kBrowser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
                     "--user-data-dir=" + folder.file("profile"), "--allow-file-access-from-files",
                     "--virtual-time-budget=60000", "--dump-dom", "file://" + folder.file("page.html")}});
  const std::optional<std::string> hex = between(outcome.out, "<body>seen:", ":seen</body>");
  if (!hex) return nullptr;
  std::string text;
  for (std::size_t i = 0; i + 1 < hex->size(); i += 2)
    text.push_back(static_cast<char>(std::stoi(hex->substr(i, 2), nullptr, 16)));
  return Json::parse(text);
}

TEST(TraceViewer, OpensATraceWithAllItsTracksAndForksAndWarnsOfNothing) {
  const std::string viewer = find_viewer();
  ASSERT_FALSE(viewer.empty()) << "golang-src isn't installed; scripts/test installs what the tests need";
  ASSERT_TRUE(std::filesystem::exists(kBrowser))
      << "chromium isn't installed; scripts/test installs what the tests need";
  Story story;
  const Pid child = story.client();
  story.leave(child);
  story.connect_only();
  story.happens(0, ClientSent{{2}, 9, ShortText("</script>\"\x01\xFF")});
  story.happens(Story::kServer, Accepted{3, 4, story.port()}, 22);
  story.happens(Story::kServer, ForkCalled{2}, 27);
  story.happens(Story::kServer, Forked{2, child}, 27);
  story.happens(child, DifferenceSeen{Differs::kDescriptor, 3, ShortText("closed"), ShortText("listening socket")});
  story.happens(child, ExitCalled{0}, 31);
  story.happens(0, ClientSawEndOfFile{{2}});
  const Json seen = imported(viewer, trace_of(story.events).value());
  ASSERT_TRUE(seen.is_object()) << "the viewer has said nothing";
  EXPECT_EQ(seen["warnings"], Json::array());
  std::vector<std::string> tracks;
  for (const Json& track : seen["tracks"]) {
    tracks.push_back(track[0].get<std::string>() + ": " + track[1].get<std::string>());
    EXPECT_GT(track[2], 0) << "slices of " << track[1];
  }
  EXPECT_EQ(tracks, (std::vector<std::string>{"processes: parent", "processes: child 1", "processes: child 2",
                                              "clients: client 1", "clients: client 2", "kernel: what differs"}));
  EXPECT_EQ(seen["flows"], Json::parse(R"([["parent", "fork", "child 1", "child 1"],
                                           ["parent", "fork", "child 2", "child 2"]])"));
  EXPECT_EQ(seen["counters"]["connection 1"], (std::vector<int>{1, 2, 1, 0}));
}

}  // namespace
}  // namespace forktable::test
