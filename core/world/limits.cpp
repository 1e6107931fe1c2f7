#include "core/world/limits.hpp"

namespace forktable {

#ifdef FORKTABLE_TINY_MEMORY

const std::size_t kMostProcesses = 16;
const std::size_t kMostDescriptors = 64;
const std::size_t kMostFiles = 16;
const std::size_t kMostListening = 2;
const std::size_t kMostClients = 8;
const std::size_t kMostAnomalies = 4;
const std::size_t kMostDifferences = 4;
const std::size_t kMostJobs = 4;
const std::size_t kMostClosed = 2;
const std::size_t kMostGoneFiles = 2;
const std::size_t kRemembered = 4;
const std::size_t kMostFollowed = 2;
const std::uint64_t kBetweenCopies = 4;
const std::size_t kMostCopiedBytes = 64 << 10;
const std::uint64_t kMostWork = 100'000, kMostWorkForEach = 128;
const std::uint64_t kMostTraced = 10'000'000, kMostShown = 50'000'000;

#else

const std::size_t kMostProcesses = 1 << 14;
const std::size_t kMostDescriptors = 1 << 19;
const std::size_t kMostFiles = 1 << 16;
const std::size_t kMostListening = 64;
const std::size_t kMostClients = 1 << 14;
const std::size_t kMostAnomalies = 100;
const std::size_t kMostDifferences = 100;
const std::size_t kMostJobs = 1 << 14;
const std::size_t kMostClosed = 4;
const std::size_t kMostGoneFiles = 32;
const std::size_t kRemembered = 1024;
const std::size_t kMostFollowed = 32;
const std::uint64_t kBetweenCopies = 4096;
const std::size_t kMostCopiedBytes = std::size_t{256} << 20;
// A machine goes through some six gigabytes in a second, and a command up to three times through the same events. A run
// of 10,000 clients takes a kilobyte for each of its events, with a thousand of them at once 60 of them.
const std::uint64_t kMostWork = 8'000'000'000, kMostWorkForEach = 48 << 10;
const std::uint64_t kMostTraced = 1'000'000'000, kMostShown = 50'000'000;

#endif

}  // namespace forktable
