// The record: what a server process writes is what Forktable reads.
#include "core/event/wire.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/system/file.hpp"
#include "core/system/unique_fd.hpp"
#include "tests/event/wire_records.hpp"
#include "tests/support/events.hpp"

namespace forktable::test {
namespace {

TEST(WireRecord, EveryKindOfEventArrivesAsItWasReported) {
  Random random(1);
  for (int round = 0; round < 200; ++round)
    for (const Event& event : one_of_every_kind(random)) {
      if (!is_reported(event.what)) continue;
      const auto arrived = decode(record_of(event));
      ASSERT_TRUE(arrived) << event;
      EXPECT_EQ(*arrived, event);
    }
}

TEST(WireRecord, OfWhatOnlyForktableCanSayIsRefused) {
  Random random(3);
  int refused = 0;
  for (const Event& event : one_of_every_kind(random)) {
    if (is_reported(event.what)) continue;
    WireRecord forged = record_of({1, 100, 0, Closed{3}});
    forged.kind = static_cast<std::uint8_t>(event.what.index());
    seal(forged);
    EXPECT_FALSE(decode(forged)) << event;
    ++refused;
  }
  EXPECT_GT(refused, 20);
}

TEST(WireRecord, IsShortEnoughForTheKernelToKeepItWhole) {
  EXPECT_LE(sizeof(WireRecord), static_cast<std::size_t>(PIPE_BUF));
  EXPECT_LE(sizeof(WireRecord), std::size_t{_POSIX_PIPE_BUF}) << "on every system, not only on this one";
}

TEST(WireRecord, RecordsOfProcessesThatWriteAtOnceNeverTear) {
  constexpr int kWriters = 4, kRecords = 5000;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  UniqueFd read_end(ends[0]), write_end(ends[1]);
  std::vector<pid_t> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.push_back(fork());
    if (writers.back() != 0) continue;
    for (int i = 0; i < kRecords; ++i) {
      const WireRecord record = record_of({0, 1000 + writer, 0, Closed{i}}, static_cast<std::uint32_t>(i));
      if (write(write_end.get(), &record, sizeof record) != sizeof record) _exit(1);
    }
    _exit(0);
  }
  write_end.close();
  int next[kWriters] = {};
  WireRecord record;
  std::size_t filled = 0;
  while (true) {
    const ssize_t got = read(read_end.get(), reinterpret_cast<char*>(&record) + filled, sizeof record - filled);
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
    if (filled < sizeof record) continue;
    filled = 0;
    const auto event = decode(record);
    ASSERT_TRUE(event) << "a torn record";
    EXPECT_EQ(std::get<Closed>(event->what).fd, next[event->pid - 1000]++) << "each process's records stay in order";
  }
  for (const pid_t writer : writers) {
    int status = -1;
    waitpid(writer, &status, 0);
    EXPECT_EQ(status, 0);
  }
  for (const int count : next) EXPECT_EQ(count, kRecords);
}

TEST(WireRecord, WithAnyByteChangedIsRefused) {
  Random random(2);
  for (const Event& event : one_of_every_kind(random)) {
    if (!is_reported(event.what)) continue;
    const WireRecord good = record_of(event);
    for (std::size_t at = 0; at < sizeof good; ++at)
      for (int change = 1; change < 256; ++change) {
        WireRecord bad = good;
        reinterpret_cast<unsigned char*>(&bad)[at] ^= static_cast<unsigned char>(change);
        EXPECT_FALSE(decode(bad)) << "byte " << at << " of " << text_of(event);
      }
  }
}

TEST(WireRecord, OfNoProcessIsRefused) {
  for (const Pid pid : {0, -1, -4711}) EXPECT_FALSE(decode(record_of({0, pid, 0, Closed{3}}))) << pid;
}

TEST(WireRecord, OfAnUnknownKindIsRefused) {
  WireRecord record = record_of({0, 100, 0, Closed{3}});
  for (std::size_t kind = kKinds; kind < 256; ++kind) {
    record.kind = static_cast<std::uint8_t>(kind);
    seal(record);
    EXPECT_FALSE(decode(record)) << kind;
  }
}

TEST(WireRecord, WithANumberThatItsFieldCannotHoldIsRefused) {
  WireRecord listened = record_of({0, 100, 0, Listened{3, 8080, 10}});
  for (const std::int32_t port : {-1, 65536, 1 << 30}) {
    listened.slots[1] = port;
    seal(listened);
    EXPECT_FALSE(decode(listened)) << "port " << port;
  }
  WireRecord failed = record_of({0, 100, 0, CallFailed{Call::kAccept, 3, 24}});
  for (const std::int32_t call : {-1, static_cast<int>(std::size(kCalls)), 255}) {
    failed.slots[0] = call;
    seal(failed);
    EXPECT_FALSE(decode(failed)) << "call " << call;
  }
}

TEST(WireRecord, WithATextLongerThanItsSpaceIsRefused) {
  WireRecord record = record_of({0, 100, 0, Read{4, 6, ShortText("hello\n")}});
  for (int length = ShortText::kCapacity + 1; length < 256; ++length) {
    record.text_length = static_cast<std::uint8_t>(length);
    seal(record);
    EXPECT_FALSE(decode(record)) << length;
  }
}

TEST(WireRecord, BytesThatAreNoTextArriveAsText) {
  const auto event = decode(record_of({0, 100, 0, Read{4, 3, ShortText("a\xFF\xC3")}}));
  ASSERT_TRUE(event);
  EXPECT_EQ(std::get<Read>(event->what).text.view(), "a?");
}

}  // namespace
}  // namespace forktable::test
