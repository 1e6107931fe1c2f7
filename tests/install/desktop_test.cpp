// What a desktop makes of the installed files, according to its own tools.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/install/installation.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

TEST(Desktop, FindsItsEntriesAndDescriptionValid) {
  const Installation installation;
  for (const std::string& name : {kId, kId + ".Replay"}) {
    const Outcome checked =
        run({{"/usr/bin/desktop-file-validate", installation.file("share/applications/" + name + ".desktop")}});
    EXPECT_EQ(checked.status, 0) << checked.out << checked.err;
    EXPECT_EQ(checked.out, "");
  }
  const Outcome checked = run({{"/usr/bin/appstreamcli", "validate", "--no-net", "--no-color",
                                installation.file("share/metainfo/" + kId + ".metainfo.xml")}});
  EXPECT_EQ(checked.status, 0) << checked.out << checked.err;
}

TEST(Desktop, KnowsARecordingByItsEndingOrItsFirstLine) {
  const Installation installation;
  const Outcome known = run({{"/usr/bin/update-mime-database", installation.file("share/mime")}});
  ASSERT_EQ(known.status, 0) << known.err;
  setenv("XDG_DATA_DIRS", (installation.file("share") + ":/usr/share").c_str(), 1);
  setenv("LC_ALL", "C.UTF-8", 1);
  const TemporaryFolder folder;
  const auto type_of = [&](const std::string& name, const std::string& bytes) {
    put(folder.file(name), bytes);
    const std::string told = run({{"/usr/bin/gio", "info", "-a", "standard::content-type", folder.file(name)}}).out;
    const std::string label = "standard::content-type: ";
    const std::size_t at = told.find(label);
    return at == told.npos ? told : told.substr(at + label.size(), told.find('\n', at) - at - label.size());
  };
  const std::string recording = "{\"format\":\"forktable-recording\",\"version\":3,\"server\":\"process\"}\n";
  EXPECT_EQ(type_of("run.forktable", recording), "application/x-forktable-recording");
  EXPECT_EQ(type_of("cut off.forktable", "{\"form"), "application/x-forktable-recording");
  EXPECT_EQ(type_of("run.jsonl", recording), "application/x-forktable-recording");
  EXPECT_EQ(type_of("run", recording), "application/x-forktable-recording");
  EXPECT_NE(type_of("other.jsonl", "{\"format\":\"other\"}\n"), "application/x-forktable-recording");
}

TEST(Desktop, OpensARecordingInTheProgramThatIsInstalled) {
  const Installation installation;
  const std::string entry = contents(installation.file("share/applications/" + kId + ".Replay.desktop"));
  EXPECT_TRUE(contains(entry, "\nExec=forktable replay %f\n"));
  EXPECT_TRUE(contains(entry, "\nMimeType=application/x-forktable-recording;\n"));
  EXPECT_TRUE(contents(installation.file("share/icons/hicolor/scalable/apps/" + kId + ".svg")).starts_with("<svg"));
}

}  // namespace
}  // namespace forktable::test
