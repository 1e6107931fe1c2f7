// `forktable export`: the picture of a step.
#include <sys/stat.h>
#include <unistd.h>

#include "core/recording/recording.hpp"
#include "tests/support/forktable.hpp"
#include "tests/support/temporary_folder.hpp"

namespace forktable::test {
namespace {

struct Recorded {
  Recorded() {
    const Outcome outcome = run(forktable({"record", "--clients", "2", "--port", "0", "-o", path}));
    EXPECT_EQ(outcome.status, 0) << outcome.err;
  }
  Outcome exported(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"export", path});
    return run(forktable(arguments));
  }
  TemporaryFolder folder;
  std::string path = folder.file("run.jsonl");
  std::string picture = folder.file("x.png");
};

std::uint32_t big_endian(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// Width and height of a PNG, from its header; 0 and 0 if it is none.
std::pair<std::uint32_t, std::uint32_t> size_of(const std::string& path) {
  const std::string png = contents(path);
  if (png.size() < 24 || png.substr(1, 3) != "PNG" || png.substr(png.size() - 8, 4) != "IEND") return {};
  return {big_endian(png, 16), big_endian(png, 20)};
}

TEST(Export, MakesASlideAtTwiceTheSizeUnlessToldOtherwise) {
  const Recorded run;
  const Outcome outcome = run.exported({"-o", run.picture});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, run.picture + "\n");
  EXPECT_EQ(size_of(run.picture), std::pair(3840u, 2160u));
  EXPECT_EQ(run.exported({"--scale", "0.5", "--force", "-o", run.picture}).status, 0);
  EXPECT_EQ(size_of(run.picture), std::pair(960u, 540u));
}

TEST(Export, MakesThePictureOfAnyStep) {
  const Recorded run;
  std::vector<std::string> pictures;
  for (const char* step : {"0", "7", "telling", "last"}) {
    const Outcome outcome = run.exported({"--step", step, "--scale", "0.25", "--force", "-o", run.picture});
    EXPECT_EQ(outcome.status, 0) << step << outcome.err;
    EXPECT_NE(size_of(run.picture).first, 0u) << step;
    pictures.push_back(contents(run.picture));
  }
  std::sort(pictures.begin(), pictures.end());
  EXPECT_EQ(std::unique(pictures.begin(), pictures.end()), pictures.end()) << "each differs";
}

TEST(Export, OfTheSameStepGivesTheSameBytes) {
  const Recorded run;
  const std::string again = run.folder.file("again.png");
  EXPECT_EQ(run.exported({"--step", "20", "-o", run.picture}).status, 0);
  EXPECT_EQ(run.exported({"--step", "20", "-o", again}).status, 0);
  EXPECT_TRUE(contents(run.picture) == contents(again));
}

TEST(Export, OntoAFullDiskOrIntoAFolderThatIsMissingOrReadOnlyFailsWithTheName) {
  const Recorded recorded;
  expect_one_line(recorded.exported({"-o", recorded.folder.file("none/x.png")}),
                  recorded.folder.file("none/x.png") + ": No such file or directory");
  symlink("/dev/full", recorded.picture.c_str());
  expect_one_line(recorded.exported({"-o", recorded.picture}), recorded.picture + ": No space left on device");
  unlink(recorded.picture.c_str());
  chmod(recorded.path.c_str(), 0644);
  chmod(recorded.folder.path().c_str(), 0555);
  Command command = forktable({"export", recorded.path, "-o", recorded.picture});
  command.ordinary_user = true;
  const Outcome outcome = run(command);
  if (outcome.status == kCouldNotRun)
    GTEST_SKIP() << "an ordinary user may not run " << FORKTABLE_PROGRAM << ": build in a folder that all may enter";
  expect_one_line(outcome, recorded.picture + ": Permission denied");
  EXPECT_EQ(recorded.folder.names(), std::vector<std::string>{"run.jsonl"}) << "nothing half written is left";
}

TEST(Export, OntoAFileThatIsThereFailsUnlessItIsForced) {
  const Recorded run;
  put(run.picture, "precious");
  expect_one_line(run.exported({"-o", run.picture}), run.picture + ": File exists (--force replaces it)");
  put(run.folder.file("x-002.png"), "precious");
  expect_one_line(run.exported({"--all", "--scale", "0.25", "-o", run.picture}), "x-002.png: File exists");
  EXPECT_EQ(contents(run.picture) + contents(run.folder.file("x-002.png")), "preciousprecious");
  EXPECT_EQ(run.folder.names(), (std::vector<std::string>{"run.jsonl", "x-002.png", "x.png"})) << "nor is x-001.png";
  EXPECT_EQ(run.exported({"--steps", "-20", "--scale", "0.25", "--force", "-o", run.picture}).status, 0);
  EXPECT_NE(size_of(run.folder.file("x-002.png")).first, 0u);
}

TEST(Export, NeverReplacesTheRecordingThatItReads) {
  const Recorded run;
  const std::string input = run.folder.file("x-002.svg"), recording = contents(run.path);
  ASSERT_EQ(link(run.path.c_str(), input.c_str()), 0);
  const Outcome outcome = run.exported({"--all", "--force", "-o", run.folder.file("x.svg")});
  expect_one_line(outcome, "onto itself");
  EXPECT_EQ(contents(input), recording);
  EXPECT_EQ(run.folder.names(), (std::vector<std::string>{"run.jsonl", "x-002.svg"}));
}

TEST(Export, WithWrongArgumentsSaysWhichAndWritesNothing) {
  const Recorded run;
  for (const auto& [arguments, about] : std::vector<std::pair<std::vector<std::string>, std::string>>{
           {{"-o", run.folder.file("x.bmp")}, "must end in .png, .svg, .pdf"},
           {{"--step", "100000", "-o", run.picture}, "there is no step 100000"},
           {{"--step", "-1", "-o", run.picture}, "-1 is not a step"},
           {{"--step", "99999999999", "-o", run.picture}, "there is no step 99999999999"},
           {{"--step", "", "-o", run.picture}, "--step"},
           {{"--steps", "", "-o", run.picture}, "--steps"},
           {{"--steps", "0-5", "-o", run.picture}, "there are no steps 0-5"},
           {{"--scale", "", "-o", run.picture}, "--scale"},
           {{"--scale", "abc", "-o", run.picture}, "--scale"},
           {{"--scale", "99999999999", "-o", run.picture}, "--scale"},
           {{"--theme", "", "-o", run.picture}, "--theme"},
           {{"-o", ""}, "--output"},
           {{"--step", "first", "-o", run.picture}, "first is not a step"},
           {{"--scale", "100", "-o", run.picture}, "--scale"},
           {{"--theme", "pink", "-o", run.picture}, "--theme"},
           {{}, "--output"}}) {
    const Outcome outcome = run.exported(arguments);
    EXPECT_EQ(outcome.status, 2) << about;
    EXPECT_TRUE(contains(outcome.err, about)) << outcome.err;
  }
  EXPECT_EQ(run.folder.names(), std::vector<std::string>{"run.jsonl"});
}

}  // namespace
}  // namespace forktable::test
