// A descriptor has one owner.
#include "core/system/unique_fd.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <type_traits>

namespace forktable::test {
namespace {

bool is_open(int fd) { return fcntl(fd, F_GETFD) >= 0; }
int any_descriptor() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

static_assert(!std::is_copy_constructible_v<UniqueFd> && !std::is_copy_assignable_v<UniqueFd>);

TEST(UniqueFd, ClosesItsDescriptorWhenItGoes) {
  int fd = -1;
  {
    const UniqueFd owner(any_descriptor());
    fd = owner.get();
    EXPECT_TRUE(owner && is_open(fd));
  }
  EXPECT_FALSE(is_open(fd));
}

TEST(UniqueFd, HandsItsDescriptorOn) {
  UniqueFd first(any_descriptor());
  const int fd = first.get();
  UniqueFd second(std::move(first));
  EXPECT_EQ(second.get(), fd);
  UniqueFd third(any_descriptor());
  const int replaced = third.get();
  third = std::move(second);
  EXPECT_EQ(third.get(), fd);
  EXPECT_TRUE(is_open(fd));
  EXPECT_FALSE(is_open(replaced)) << "what it held before is closed";
  UniqueFd& itself = third;
  third = std::move(itself);
  EXPECT_TRUE(is_open(fd)) << "it can be handed to itself";
}

TEST(UniqueFd, ThatReleasesItsDescriptorDoesNotCloseIt) {
  UniqueFd owner(any_descriptor());
  const int fd = owner.release();
  EXPECT_FALSE(owner);
  owner.close();
  EXPECT_TRUE(is_open(fd));
  ::close(fd);
}

TEST(UniqueFd, ClosesOnlyOnce) {
  UniqueFd owner(any_descriptor());
  owner.close();
  const UniqueFd other(any_descriptor());  // most likely with the same number
  owner.close();
  EXPECT_TRUE(is_open(other.get()));
}

}  // namespace
}  // namespace forktable::test
