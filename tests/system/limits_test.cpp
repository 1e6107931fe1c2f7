#include "core/system/limits.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "tests/support/user.hpp"

namespace forktable::test {
namespace {

// In a child that starts with these limits: what it was told, and what it may have then.
bool raises(rlim_t soft, rlim_t hard, int told, rlim_t then) {
  return in_child([&] {
    const rlimit before{soft, hard};
    if (setrlimit(RLIMIT_NOFILE, &before) != 0) return false;
    rlimit after{};
    const int returned = raise_descriptor_limit();
    getrlimit(RLIMIT_NOFILE, &after);
    return returned == told && after.rlim_cur == then && after.rlim_max == hard;
  });
}

TEST(DescriptorLimit, IsRaisedToTheHardOneAndTheOldOneIsTold) {
  EXPECT_TRUE(raises(256, 4000, 256, 4000));
  EXPECT_TRUE(raises(1024, 1024, 1024, 1024));
}

TEST(DescriptorLimit, IsNotRaisedBeyondWhatIsEnough) {
  const rlimit many{100'000, 100'000};
  if (!in_child([&] { return setrlimit(RLIMIT_NOFILE, &many) == 0; }))
    GTEST_SKIP() << "this user may not have 100000 descriptors: the hard limit is lower";
  EXPECT_TRUE(raises(1024, 100'000, 1024, 65'536));
  EXPECT_TRUE(raises(80'000, 100'000, 65'536, 80'000)) << "and never lowered";
}

}  // namespace
}  // namespace forktable::test
