#include "ui/window/settings.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace forktable::test {
namespace {

namespace fs = std::filesystem;

class SettingsFile : public ::testing::Test {
 protected:
  SettingsFile() {
    char name[] = "/tmp/forktable-settings-XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~SettingsFile() override {
    fs::permissions(folder_, fs::perms::owner_all);
    fs::remove_all(folder_);
  }
  std::string path() const { return folder_ / "deep" / "settings.json"; }
  void write(const std::string& text) const {
    fs::create_directories(folder_ / "deep");
    std::ofstream(path()) << text;
  }

  fs::path folder_;
};

TEST_F(SettingsFile, WhatWasChosenIsThereAgainInTheNextRun) {
  Settings settings;
  settings.dark = true;
  settings.scale = 1.5f;
  settings.width = 1111;
  settings.height = 777;
  settings.maximized = true;
  settings.behaviour = Behaviour::kQuiet;
  settings.reduced_motion = true;
  settings.show_plumbing = true;
  settings.log_open = true;
  settings.listing_open = false;
  settings.story_open = true;
  settings.speed = 3;
  settings.exported = {Format::kGif, ExportChoice::kStops, true, true, true, "/tmp/\"a\" \\ é"};
  ASSERT_TRUE(save_settings(settings, path()).has_value());
  EXPECT_EQ(load_settings(path())->settings, settings);
}

TEST_F(SettingsFile, WithoutAFileEverythingIsAsByDefault) { EXPECT_EQ(load_settings(path())->settings, Settings{}); }

TEST_F(SettingsFile, AFileThatIsNoSettingsIsAnErrorThatNamesIt) {
  for (const char* text : {"", "{", "[]", "null", "\xff\xfe", "{\"dark\": tru"}) {
    write(text);
    const auto settings = load_settings(path());
    ASSERT_FALSE(settings.has_value()) << text;
    EXPECT_NE(settings.error().message().find(path()), std::string::npos);
  }
}

TEST_F(SettingsFile, ValuesThatMakeNoSenseAreLeftOut) {
  write(
      R"({"dark": "yes", "scale": 1e9, "width": -5, "height": 1e300, "behaviour": "dance", "log_open": true, "new": {}})");
  Settings expected;
  expected.log_open = true;
  EXPECT_EQ(load_settings(path())->settings, expected);
}

TEST_F(SettingsFile, AFileTooLargeToBeSettingsIsAnError) {
  write(std::string(1 << 20, ' '));
  EXPECT_FALSE(load_settings(path()).has_value());
}

TEST_F(SettingsFile, AFolderThatCannotBeMadeIsAnErrorThatNamesIt) {
  std::ofstream(folder_ / "deep") << "a file where a folder should be";
  const auto saved = save_settings(Settings{}, path());
  ASSERT_FALSE(saved.has_value());
  EXPECT_NE(saved.error().message().find("deep"), std::string::npos);
}

}  // namespace
}  // namespace forktable::test
