// Streams of events that know nothing of each other, made one.
#include "core/session/event_queue.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "core/world/reduce.hpp"

namespace forktable::test {
namespace {

using Pids = std::vector<Pid>;

class Merged : public testing::Test {
 protected:
  void add(Nanoseconds at, Pid pid) { queue_.add({at, pid, 0, NothingToReap{}}); }
  std::vector<Pid> flushed() {
    told_.clear();
    queue_.flush();
    std::vector<Pid> pids;
    for (const Event& event : told_) pids.push_back(event.pid);
    return pids;
  }

  std::vector<Event> told_;
  EventQueue queue_{[this](const Event& event) {
    told_.push_back(event);
    if (echoes_) add(event.at + 1, event.pid + 100);
  }};
  bool echoes_ = false;
};

TEST_F(Merged, StreamsComeInTheOrderOfTime) {
  add(10, 1);
  add(30, 1);
  add(20, 2);
  EXPECT_EQ(flushed(), (Pids{1, 2, 1}));
  EXPECT_TRUE(queue_.empty());
}

TEST_F(Merged, WhatHasTheSameTimeComesInTheOrderInWhichItWasAdded) {
  add(10, 3);
  add(10, 1);
  add(10, 2);
  EXPECT_EQ(flushed(), (Pids{3, 1, 2}));
}

TEST_F(Merged, WhatIsAddedWhileItTellsWaitsForTheNextTime) {
  echoes_ = true;
  add(10, 1);
  add(20, 2);
  EXPECT_EQ(flushed(), (Pids{1, 2}));
  echoes_ = false;
  EXPECT_EQ(flushed(), (Pids{101, 102}));
}

TEST_F(Merged, WhatComesTooLateIsToldAllTheSameAndCountedByTheWorld) {
  World world;
  add(20, 1);
  flushed();
  for (const Event& event : told_) reduce(world, event);
  EXPECT_EQ(world.late, 0u);
  add(10, 2);
  EXPECT_EQ(flushed(), (Pids{2}));
  for (const Event& event : told_) reduce(world, event);
  EXPECT_EQ(world.late, 1u);
}

}  // namespace
}  // namespace forktable::test
