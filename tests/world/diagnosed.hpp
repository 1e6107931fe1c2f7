// What is found wrong in a story, and a thing that often is: a connection that the parent doesn't close.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/world/diagnose.hpp"
#include "tests/support/story.hpp"

namespace forktable::test {

inline constexpr Pid kServer = Story::kServer;

inline std::vector<Diagnosis> diagnoses_of(const Story& story) { return diagnose(story.world, story.world.now); }

inline std::string kinds_of(const std::vector<Diagnosis>& diagnoses) {
  std::string kinds;
  for (const Diagnosis& diagnosis : diagnoses) kinds += (kinds.empty() ? "" : " ") + std::string(diagnosis.kind);
  return kinds;
}
inline std::string kinds_of(const Story& story) { return kinds_of(diagnoses_of(story)); }

// The one there is.
inline Diagnosis diagnosis_of(const Story& story) {
  const auto diagnoses = diagnoses_of(story);
  EXPECT_EQ(diagnoses.size(), 1u) << kinds_of(diagnoses);
  return diagnoses.empty() ? Diagnosis{} : diagnoses.front();
}

// The parent goes on to the next accept without closing what it accepted, as `connfd`. Returns the child.
inline Pid leak(Story& story, int connfd = 4) {
  const Pid child = story.connect_only();
  story.happens(kServer, Accepted{3, connfd, story.port()});
  story.happens(kServer, ForkCalled{story.clients});
  story.happens(kServer, Forked{story.clients, child});
  story.happens(child, ChildStarted{kServer, story.clients});
  story.happens(child, Closed{3});
  story.happens(child, ReadCalled{connfd});
  return child;
}

}  // namespace forktable::test
