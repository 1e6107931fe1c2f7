// The stream: records in pieces, bytes that are no record, reports that never come.
#include "core/event/wire_decoder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "tests/event/wire_records.hpp"
#include "tests/support/events.hpp"

namespace forktable::test {
namespace {

// A decoder and what came out of it.
class Stream {
 public:
  explicit Stream(Nanoseconds began = 0) : decoder_(began) {}

  void feed(std::span<const std::byte> bytes) { decoder_.feed(bytes, sink_); }
  void report(Pid pid, std::uint32_t sequence, const What& what) {
    Bytes bytes;
    append(bytes, record_of({++time_, pid, 0, what}, sequence));
    feed(bytes);
  }
  bool settle() { return decoder_.settle(++time_, sink_); }
  void settle_for_good() {
    for (int looks = 0; settle(); ++looks) ASSERT_LT(looks, 10) << "it never settles";
  }

  std::vector<Event> events;

 private:
  WireDecoder decoder_;
  EventSink sink_ = [this](const Event& event) { events.push_back(event); };
  Nanoseconds time_ = 1000;
};

What random_report(Random& random) {
  while (true) {
    What what = random_what(random, static_cast<std::size_t>(number_between(random, 0, kKinds - 1)), Values::kAny);
    if (is_reported(what)) return what;
  }
}

// Never looks like the beginning of a record.
Bytes garbage(Random& random, std::size_t size) {
  Bytes bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::byte>(number_between(random, 0, 0x7F));
  return bytes;
}

TEST(ReportPipe, GivesTheSameEventsInWhateverPiecesTheBytesCome) {
  Random random(1);
  Bytes bytes;
  std::uint32_t sequence = 0;
  for (int i = 0; i < 4; ++i) {
    append(bytes, record_of({i, 100, 7, random_report(random)}, sequence++));
    if (i == 1) {
      const Bytes between = garbage(random, 10);
      bytes.insert(bytes.end(), between.begin(), between.end());
    }
  }
  Stream whole;
  whole.feed(bytes);
  ASSERT_EQ(whole.events.size(), 5u) << "four reports and the garbage";

  const std::span all(bytes);
  for (std::size_t first = 0; first <= all.size(); ++first)
    for (std::size_t second = first; second <= all.size(); second += 1) {
      Stream pieces;
      pieces.feed(all.first(first));
      pieces.feed(all.subspan(first, second - first));
      pieces.feed(all.subspan(second));
      ASSERT_EQ(pieces.events, whole.events) << "cut at " << first << " and " << second;
    }
  Stream bytewise;
  for (const std::byte& byte : bytes) bytewise.feed({&byte, 1});
  EXPECT_EQ(bytewise.events, whole.events);
}

TEST(ReportPipe, CountsEveryByteOfGarbageBetweenRecords) {
  Random random(2);
  for (std::size_t size = 1; size <= 300; ++size) {
    Bytes bytes;
    append(bytes, record_of({10, 100, 0, Closed{3}}, 0));
    const Bytes between = garbage(random, size);
    bytes.insert(bytes.end(), between.begin(), between.end());
    append(bytes, record_of({20, 100, 0, Closed{4}}, 1));
    Stream stream;
    stream.feed(bytes);
    ASSERT_EQ(stream.events.size(), 3u) << size;
    ASSERT_TRUE(std::holds_alternative<GarbageSkipped>(stream.events[1].what)) << stream.events[1];
    EXPECT_EQ(std::get<GarbageSkipped>(stream.events[1].what).bytes, size);
    EXPECT_EQ(stream.events[1].pid, 0) << "it is nobody's";
  }
}

TEST(ReportPipe, TellsOfGarbageThatNothingFollows) {
  Random random(3);
  for (const std::size_t size : {1u, 79u, 80u, 81u, 500u}) {
    Stream stream;
    stream.feed(garbage(random, size));
    stream.settle_for_good();
    std::uint32_t bytes = 0;
    for (const auto& skipped : only<GarbageSkipped>(stream.events)) bytes += skipped.bytes;
    EXPECT_EQ(bytes, size);
  }
}

TEST(ReportPipe, DoesNotTakeTheFirstHalfOfARecordForGarbage) {
  Bytes bytes;
  append(bytes, record_of({10, 100, 0, Closed{3}}, 0));
  Stream stream;
  stream.feed(std::span(bytes).first(30));
  EXPECT_TRUE(stream.settle()) << "another look is needed";
  stream.feed(std::span(bytes).subspan(30));
  stream.settle_for_good();
  ASSERT_EQ(stream.events.size(), 1u);
  EXPECT_EQ(stream.events[0], (Event{10, 100, 0, Closed{3}}));
}

TEST(ReportPipe, ReportsThatNeverCameAreToldBeforeTheNext) {
  Stream stream;
  for (const std::uint32_t sequence : {0u, 1u, 4u, 5u, 9u}) stream.report(100, sequence, AcceptCalled{3});
  stream.settle_for_good();
  ASSERT_EQ(stream.events.size(), 7u);
  EXPECT_EQ(std::get<ReportsLost>(stream.events[2].what).count, 2u) << "2 and 3";
  EXPECT_EQ(std::get<ReportsLost>(stream.events[5].what).count, 3u) << "6, 7 and 8";
  EXPECT_EQ(stream.events[5].pid, 100) << "it is told whose";
}

TEST(ReportPipe, TheFirstReportsOfAProcessCanBeLostToo) {
  Stream stream;
  stream.report(100, 3, AcceptCalled{3});
  stream.settle_for_good();
  ASSERT_EQ(only<ReportsLost>(stream.events).size(), 1u);
  EXPECT_EQ(only<ReportsLost>(stream.events)[0].count, 3u);
}

TEST(ReportPipe, EachProcessHasACountOfItsOwn) {
  Stream stream;
  for (std::uint32_t sequence = 0; sequence < 5; ++sequence)
    for (Pid pid = 100; pid < 110; ++pid)
      if (pid != 104 || sequence != 2) stream.report(pid, sequence, AcceptCalled{3});
  stream.settle_for_good();
  ASSERT_EQ(only<ReportsLost>(stream.events).size(), 1u);
  const auto lost = [](const Event& event) { return std::holds_alternative<ReportsLost>(event.what); };
  EXPECT_EQ(std::find_if(stream.events.begin(), stream.events.end(), lost)->pid, 104);
}

TEST(ReportPipe, WhatADeadChildDidNotTellIsToldBeforeItsReaping) {
  Stream stream;
  stream.report(100, 0, Forked{1, 101});
  stream.report(101, 0, ChildStarted{100, 1});
  stream.report(101, 2, ExitCalled{0});
  stream.report(100, 1, Reaped{101, 0});
  ASSERT_EQ(stream.events.size(), 5u);
  EXPECT_TRUE(std::holds_alternative<ReportsLost>(stream.events[2].what)) << stream.events[2];
  EXPECT_EQ(stream.events[2].pid, 101);
  EXPECT_TRUE(std::holds_alternative<Reaped>(stream.events[4].what));
}

TEST(ReportPipe, AProcessThatGetsAnotherOnesPidCountsFromTheBeginning) {
  Stream stream;
  stream.report(100, 0, AcceptCalled{3});
  for (std::uint32_t fork = 1; fork <= 3; ++fork) {
    stream.report(101, 0, ChildStarted{100, fork});
    stream.report(101, 1, Closed{3});
    stream.report(101, 2, ExitCalled{0});
    stream.report(100, fork, Reaped{101, 0});
  }
  stream.settle_for_good();
  EXPECT_TRUE(only<ReportsLost>(stream.events).empty());
}

TEST(ReportPipe, AnOrphansPidThatComesBackCountsFromTheBeginning) {
  Stream stream;
  stream.report(101, 0, ChildStarted{100, 1});
  stream.report(101, 1, Closed{3});  // adopted by Forktable, which reports nothing here
  stream.report(101, 0, ChildStarted{200, 1});
  stream.report(101, 1, Closed{3});
  stream.settle_for_good();
  EXPECT_TRUE(only<ReportsLost>(stream.events).empty());
}

TEST(ReportPipe, TimesCountFromTheBeginningOfTheRun) {
  Stream stream(5000);
  Bytes bytes;
  append(bytes, record_of({7000, 100, 0, Closed{3}}, 0));
  append(bytes, record_of({4000, 100, 0, Closed{4}}, 1));
  stream.feed(bytes);
  EXPECT_EQ(stream.events.at(0).at, 2000);
  EXPECT_EQ(stream.events.at(1).at, 0) << "nothing happens before the beginning";
  Bytes corrupt;
  append(corrupt, record_of({std::numeric_limits<Nanoseconds>::min(), 100, 0, Closed{5}}, 2));
  stream.feed(corrupt);
  EXPECT_EQ(stream.events.at(2).at, 0);
}

TEST(ReportPipe, RandomBytesNeverDoHarm) {
  Random random(4);
  for (int round = 0; round < 300; ++round) {
    Stream stream;
    std::size_t fed = 0, told = 0;
    for (int piece = 0; piece < 20; ++piece) {
      Bytes bytes(static_cast<std::size_t>(number_between(random, 0, 400)));
      for (auto& byte : bytes) byte = static_cast<std::byte>(number_between(random, 0, 255));
      if (one_in(random, 3)) append(bytes, record_of({1, 100, 0, random_report(random)}));
      fed += bytes.size();
      stream.feed(bytes);
      if (one_in(random, 4)) stream.settle();
    }
    stream.settle_for_good();
    for (const Event& event : stream.events) {
      if (const auto* skipped = std::get_if<GarbageSkipped>(&event.what); skipped != nullptr && event.pid == 0)
        told += skipped->bytes;
      else
        told += sizeof(WireRecord);
    }
    ASSERT_EQ(told, fed) << "every byte is part of a record or of the garbage that is told";
  }
}

}  // namespace
}  // namespace forktable::test
