// The installed lessons, and what a user may call one.
#include "core/lesson/library.hpp"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"
#include "tests/support/text.hpp"

namespace forktable::test {
namespace {

std::string lesson(const std::string& title) { return "title: " + title + "\nabout: B\nsteps: [say: C]\n"; }

struct Folder : TemporaryFolder {
  Folder() {
    put(file("10-ten.yaml"), lesson("Ten"));
    put(file("02-two-of-them.yaml"), lesson("Two"));
    put(file("own.yml"), lesson("Own"));
    put(file("README"), "no lesson");
  }
};

std::string title(const Folder& folder, const std::string& name) {
  const auto found = find_lesson(name, folder.path());
  return found ? found->title : found.error().message();
}

TEST(Lessons, AreListedByTheirFileNames) {
  const Folder folder;
  const auto lessons = read_lessons(folder.path());
  ASSERT_TRUE(lessons) << lessons.error().message();
  ASSERT_EQ(lessons->size(), 3u);
  EXPECT_EQ((*lessons)[0].title, "Two");
  EXPECT_EQ((*lessons)[1].number, 10);
  EXPECT_EQ((*lessons)[2].name, "own");
}

TEST(Lessons, AreFoundByNameByNumberAndByNameWithoutNumber) {
  const Folder folder;
  for (const char* name : {"02-two-of-them", "two-of-them", "2", "02"}) EXPECT_EQ(title(folder, name), "Two") << name;
  EXPECT_EQ(title(folder, "10"), "Ten");
  EXPECT_EQ(title(folder, "own"), "Own");
}

TEST(Lessons, AreFoundByTheirPathWhereverTheyAre) {
  const Folder folder;
  EXPECT_EQ(title(Folder(), folder.file("own.yml")), "Own");
}

TEST(Lessons, ThatAreNotThereAreToldWithThoseThatAre) {
  const Folder folder;
  for (const char* name : {"3", "0", "", "two", "README", "1"})
    EXPECT_TRUE(contains(title(folder, name), "one of: 02-two-of-them, 10-ten, own, or a file")) << title(folder, name);
}

TEST(Lessons, InAFolderThatIsNotThereFailWithItsName) {
  EXPECT_TRUE(contains(read_lessons("/no/such/folder").error().message(), "/no/such/folder: No such file"));
}

TEST(Lessons, WithAMistakeInOneOfThemFailWithItsLine) {
  const Folder folder;
  put(folder.file("03-bad.yaml"), "title: A\nabout: B\nsteps: [sey: C]\n");
  EXPECT_TRUE(contains(read_lessons(folder.path()).error().message(), "03-bad.yaml:3: "));
}

}  // namespace
}  // namespace forktable::test
