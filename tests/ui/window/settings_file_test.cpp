// The settings on disk, when the disk holds something else: everything is as by default, that is said once, and
// nobody's file is lost.
#include "ui/window/settings_file.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ringbuffer_sink.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "core/system/file.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"
#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

using Names = std::vector<std::string>;

class SettingsOnDisk : public ::testing::Test {
 protected:
  SettingsOnDisk() {
    setenv("XDG_CONFIG_HOME", home_.path().c_str(), 1);
    EXPECT_TRUE(make_folder(folder()));
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", log_));
  }
  std::string folder() const { return home_.file("forktable"); }
  std::string path() const { return folder() + "/settings.json"; }
  Names names() const {
    Names names;
    for (const auto& entry : std::filesystem::directory_iterator(folder())) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  std::vector<std::string> said() const { return log_->last_formatted(); }
  // Loads, and saves something else, twice.
  void use(forktable::SettingsFile& file) {
    Settings settings = file.load();
    settings.dark = !settings.dark;
    file.save(settings);
    settings.speed = 2;
    file.save(settings);
  }

  TemporaryFolder home_;
  std::shared_ptr<spdlog::sinks::ringbuffer_sink_mt> log_ = std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(100);
};

TEST_F(SettingsOnDisk, ThatAreNoneAreSetAsideAndKept) {
  for (const std::string& text :
       {std::string("my own notes\n"), std::string(), std::string("\xff\xfe\0\0", 4), std::string("[1,2]"),
        std::string(60'000, '['), std::string(1 << 20, ' '), std::string("{\"dark\": tru")}) {
    put(path(), text);
    forktable::SettingsFile file;
    EXPECT_EQ(file.load(), Settings{});
    ASSERT_EQ(said().size(), 1u) << "what it did is said once";
    EXPECT_TRUE(contains(said().front(), path())) << said().front();
    file.save({.dark = true});
    EXPECT_EQ(contents(path() + ".unread"), text);
    EXPECT_TRUE(load_settings(path())->settings.dark);
    std::filesystem::remove(path() + ".unread");
    log_ = std::make_shared<spdlog::sinks::ringbuffer_sink_mt>(100);
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", log_));
  }
}

TEST_F(SettingsOnDisk, ThatWereSetAsideBeforeStay) {
  for (const char* text : {"first", "second"}) {
    put(path(), text);
    forktable::SettingsFile file;
    use(file);
  }
  EXPECT_EQ(names(), (Names{"settings.json", "settings.json.unread", "settings.json.unread-2"}));
  EXPECT_EQ(contents(path() + ".unread"), "first");
  EXPECT_EQ(contents(path() + ".unread-2"), "second");
}

TEST_F(SettingsOnDisk, ThatNobodyChangedAreNotTouched) {
  put(path(), "broken");
  forktable::SettingsFile file;
  file.save(file.load());
  EXPECT_EQ(contents(path()), "broken");
  EXPECT_EQ(names(), Names{"settings.json"});
}

TEST_F(SettingsOnDisk, AreNotWaitedForWhereAPipeOrAFolderStands) {
  ASSERT_EQ(mkfifo(path().c_str(), 0600), 0);
  forktable::SettingsFile pipe;
  use(pipe);
  EXPECT_TRUE(load_settings(path())->settings.dark);
  std::filesystem::remove(path());
  ASSERT_TRUE(make_folder(path() + "/mine"));
  forktable::SettingsFile in_folder;
  use(in_folder);
  EXPECT_TRUE(load_settings(path())->settings.dark);
  EXPECT_TRUE(std::filesystem::exists(path() + ".unread-2/mine"));
}

TEST_F(SettingsOnDisk, ThatMayNotBeReadAreKept) {
  if (!ordinary_user_gets_in()) GTEST_SKIP() << "an ordinary user may not enter the root folder";
  put(path(), "{\"speed\": 1}");
  chmod(path().c_str(), 0);
  chmod(home_.path().c_str(), 0777);
  chmod(folder().c_str(), 0777);
  EXPECT_TRUE(as_ordinary_user([&] {
    forktable::SettingsFile file;
    use(file);
    return load_settings(path())->settings.dark && contains(said().front(), "Permission denied");
  }));
  chmod((path() + ".unread").c_str(), 0600);
  EXPECT_EQ(contents(path() + ".unread"), "{\"speed\": 1}");
}

TEST_F(SettingsOnDisk, InAHomeThatCannotBeWrittenAreReadAndThatIsSaidOnce) {
  if (!ordinary_user_gets_in()) GTEST_SKIP() << "an ordinary user may not enter the root folder";
  put(path(), "{\"speed\": 1}");
  chmod(path().c_str(), 0644);
  chmod(home_.path().c_str(), 0555);
  chmod(folder().c_str(), 0555);
  EXPECT_TRUE(as_ordinary_user([&] {
    forktable::SettingsFile file;
    const bool read = file.load().speed == 1;
    use(file);
    return read && said().size() == 1 && contains(said().front(), "Permission denied");
  }));
  EXPECT_EQ(contents(path()), "{\"speed\": 1}");
  chmod(home_.path().c_str(), 0755);
  chmod(folder().c_str(), 0755);
}

TEST_F(SettingsOnDisk, OnADiskThatIsFullStayAsTheyWere) {
  put(path(), "{\"speed\": 1}");
  EXPECT_TRUE(in_child([&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{16, 16};
    setrlimit(RLIMIT_FSIZE, &limit);
    forktable::SettingsFile file;
    use(file);
    return said().size() == 1 && contains(said().front(), "File too large");
  }));
  EXPECT_EQ(contents(path()), "{\"speed\": 1}");
  EXPECT_EQ(names(), Names{"settings.json"});
}

TEST_F(SettingsOnDisk, WhoseValuesMakeNoSenseAreNamed) {
  put(path(), R"({"dark": "yes", "scale": 1e9, "width": -5, "speed": 99, "log_open": true})");
  forktable::SettingsFile file;
  EXPECT_TRUE(file.load().log_open);
  ASSERT_EQ(said().size(), 1u);
  EXPECT_TRUE(contains(said().front(), "dark, scale, width, speed")) << said().front();
}

TEST_F(SettingsOnDisk, WithoutAFileAreAsByDefaultAndNothingIsSaid) {
  forktable::SettingsFile file;
  EXPECT_EQ(file.load(), Settings{});
  EXPECT_TRUE(said().empty());
}

}  // namespace
}  // namespace forktable::test
