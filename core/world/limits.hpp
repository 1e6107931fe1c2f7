// What a World holds and remembers at most, whoever made up the events, and what it may take to follow them. What would
// go beyond is an Anomaly and isn't taken; what is older than what is remembered is forgotten. A server that works
// comes near none of it.
//
// limits.cpp, compiled with FORKTABLE_TINY_MEMORY, has tiny ones instead: with them, a run of a few dozen events fills
// and forgets all there is. The fuzzers and test-forgetting are linked with those.
#pragma once

#include <cstddef>
#include <cstdint>

namespace forktable {

extern const std::size_t kMostProcesses;    // in the process table, and forks under way
extern const std::size_t kMostDescriptors;  // of all processes together
extern const std::size_t kMostFiles;        // open files
extern const std::size_t kMostListening;    // listening sockets among them
extern const std::size_t kMostClients;      // that haven't ended
extern const std::size_t kMostAnomalies;    // that are kept, the first; all are counted
extern const std::size_t kMostDifferences;  // the same
extern const std::size_t kMostJobs;         // in the list of children that a process keeps
extern const std::size_t kMostClosed;       // descriptors that a process has closed, the latest
extern const std::size_t kMostGoneFiles;    // open files to which nothing refers any more, the latest

extern const std::size_t
    kRemembered;  // processes, and clients, that have gone: so many at least, twice as many at most

// A socket outlives its client and its process. Of the clients that have ended, so many, the latest, are followed until
// theirs is gone; what the kernel said of older ones is not known any more.
extern const std::size_t kMostFollowed;

// A copy of the World for time travel: at first after so many events; of all copies together, bytes.
extern const std::uint64_t kBetweenCopies;
extern const std::size_t kMostCopiedBytes;

// A file that takes longer to be followed than this, see World::work, is refused: so much, and so much for each of its
// events. Some seconds.
extern const std::uint64_t kMostWork, kMostWorkForEach;

// Of what there is (present_in()), so much is counted for a trace, at all its steps together, and so much is on the
// pages of a deck, where each page counts kPageItself more. Some seconds.
extern const std::uint64_t kMostTraced, kMostShown;

}  // namespace forktable
