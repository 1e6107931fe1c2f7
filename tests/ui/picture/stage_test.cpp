// A lesson's picture: it stands still between keys, and everything keeps its place.
#include "ui/picture/stage.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "core/program/narrate_listing.hpp"
#include "core/world/describe.hpp"
#include "tests/ui/picture/told.hpp"
#include "ui/picture/canvas.hpp"

namespace forktable::test {
namespace {

Lesson lesson_for(std::uint32_t clients) {
  Lesson lesson;
  lesson.show.value = 0;
  lesson.show.set(Topic::kRefcnt);
  LessonStep step;
  for (std::uint32_t client = 1; client <= clients; ++client)
    step.actions.push_back({ClientDoes{client, ClientDeed::kConnects, ""}, "", 0});
  lesson.steps.push_back(std::move(step));
  return lesson;
}

// A lesson with two clients, up to where both are served.
struct Given : Story {
  Lesson lesson = lesson_for(2);
  std::uint32_t stops = 0;
  void stop() { happens(0, LessonStepped{++stops}); }
  PictureRequest request(Nanoseconds later = 0) const {
    PictureRequest request{world, time + later, {1130, 700}, light_theme(), fonts()};
    request.stage = stage_of(lesson, events);
    request.elapsed = false;
    return request;
  }
  Scene picture(Nanoseconds later = 0) const { return draw_picture(request(later)); }
  Rect place_of(Subject subject) const {
    const Scene scene = picture();
    const Group* group = scene.find(subject);
    EXPECT_NE(group, nullptr);
    return group != nullptr ? group->rect : Rect{};
  }
};

Subject client_card(std::uint32_t number) { return {Subject::kClient, number}; }
Subject process_card(const World& world, Pid pid) {
  const Process* process = find_process(world, pid);
  return {Subject::kProcess, process != nullptr ? process->id.value : 0};
}

TEST(TheLessonsPicture, HasAClockOnAClientThatWaitsIfTheLessonIsAboutThat) {
  Given given;
  given.stop();
  given.connect_only();
  given.time += 2 * kSecond;
  given.happens(Story::kServer, Accepted{3, 4, given.port()});
  given.stop();
  EXPECT_FALSE(says(given.picture(), "2.0 s"));
  given.lesson.show.set(Topic::kWaits);
  EXPECT_TRUE(words_on(given.picture(), client_card(1)).find("2.0 s") != std::string::npos);
  expect_sound(given.picture(), 5);
  // While the lecturer talks, it stands still; when the echo has come, it says how long that took.
  given.time += 60 * kSecond;
  EXPECT_TRUE(says(given.picture(), "2.0 s"));
  given.happens(Story::kServer, Read{4, 6, ShortText("hello\n")});
  given.time += 2 * kSecond;
  given.happens(0, ClientReceived{{1}, 6, ShortText("hello\n")});
  given.time += 60 * kSecond;
  given.stop();
  EXPECT_TRUE(words_on(given.picture(), client_card(1)).find("4.0 s") != std::string::npos);
  expect_sound(given.picture(), 5);
}

TEST(TheLessonsPicture, NothingChangesWhileTimePassesAtAStop) {
  Given given;
  given.stop();
  const Pid child = given.client();
  given.stop();
  given.leave(child);
  given.stop();
  for (const Nanoseconds later : {kSecond, 10 * kSecond, 3600 * kSecond})
    EXPECT_EQ(given.picture(later).items, given.picture().items) << later;
}

TEST(TheLessonsPicture, SaysForHowLongAClientHasWaitedHoweverLittleRoomItsCardHas) {
  Given given;
  given.stop();
  given.client();
  given.happens(0, ClientHalfClosed{{1}});
  given.stop();
  for (const float width : {640.f, 750.f, 1130.f, 1800.f}) {
    PictureRequest request = given.request(3600 * kSecond);
    request.area.width = width;
    request.elapsed = true;
    EXPECT_TRUE(says(draw_picture(request), "EOF… 3600.0 s") || says(draw_picture(request), "end of file… 3600.0 s"))
        << width << ": " << words_of(draw_picture(request));
  }
}

TEST(TheLessonsPicture, WhatEndedInAStepStaysHollowUntilTheNextStop) {
  Given given;
  given.stop();
  const Pid child = given.client();
  given.stop();
  const Rect before = given.place_of(client_card(1));
  given.leave(child);
  given.stop();
  Scene scene = given.picture();
  EXPECT_TRUE(says(scene, "close: 1 → 0"));
  EXPECT_TRUE(says(scene, "FIN"));
  EXPECT_TRUE(says(scene, "reaped: exited 0"));
  EXPECT_EQ(given.place_of(client_card(1)), before);
  expect_sound(scene, 9);
  given.client();
  given.stop();
  scene = given.picture();
  EXPECT_FALSE(says(scene, "1 → 0"));
  EXPECT_FALSE(says(scene, "reaped"));
}

TEST(TheLessonsPicture, AListeningSocketThatIsGoneStaysHollowUntilTheNextStop) {
  Given given;
  given.stop();
  const FileId socket = given.world.files.front().id;
  const Rect before = given.place_of({Subject::kFile, socket.value});
  given.happens(Story::kServer, Collected{SIGKILL});
  given.stop();
  ASSERT_TRUE(given.world.files.empty());
  EXPECT_TRUE(says(given.picture(60 * kSecond), "listening socket\n0\n"));
  const Rect after = given.place_of({Subject::kFile, socket.value});
  EXPECT_EQ(after.x, before.x);
  EXPECT_EQ(after.y, before.y);
  expect_sound(given.picture(), 9);
  given.stop();
  EXPECT_FALSE(says(given.picture(), "listening socket"));
}

TEST(TheLessonsPicture, SaysInWhichStepOfTheLessonSomethingWentWrong) {
  Given given;
  const std::vector<Diagnosis> diagnoses{{"stalled", "Wrong", "It is.", "", "", 5, {}, {}, {}}};
  PictureRequest request = given.request();
  request.diagnoses = diagnoses;
  EXPECT_TRUE(says(draw_picture(request), "since step 5\n"));
  request.lesson_step = [](std::uint64_t event) { return event == 5 ? 2 : 0; };
  EXPECT_TRUE(says(draw_picture(request), "since step 2\n"));
}

TEST(TheLessonsPicture, AClientThatHasClosedBeforeIsSentNoFinThatAnybodySees) {
  Given given;
  given.stop();
  const Pid child = given.client();
  given.stop();
  given.happens(0, ClientEnded{{1}, ClientEnd::kClosed, Call::kClose, 0});
  given.happens(child, EndOfFile{4});
  given.happens(child, Closed{4});
  given.happens(0, TcpStateSeen{given.port(), 8080, TcpState::kTimeWait});
  given.stop();
  EXPECT_TRUE(says(given.picture(), "close: 1 → 0"));
  EXPECT_FALSE(says(given.picture(), "FIN"));
}

TEST(TheLessonsPicture, ShowsTheEndOfALineAsStraceDoesForItCountsAsAByte) {
  Given given;
  given.client();
  EXPECT_NE(words_on(given.picture(), client_card(1)).find("hello\\n"), std::string::npos);
  // What came back as it went needs to be said once.
  PictureRequest narrow = given.request();
  narrow.area.width = 760;
  narrow.stage.slots = 4;
  EXPECT_NE(words_on(draw_picture(narrow), client_card(1)).find("↔ hello\\n\n"), std::string::npos)
      << words_on(draw_picture(narrow), client_card(1));
}

TEST(TheLessonsPicture, EachClientHasItsRowFromTheFirstStopToTheLast) {
  Given given;
  given.stop();
  const Rect server = given.place_of(process_card(given.world, Story::kServer));
  const Pid first = given.client();
  given.stop();
  const Rect one = given.place_of(client_card(1));
  const Pid second = given.client();
  given.stop();
  const Rect two = given.place_of(client_card(2)), child = given.place_of(process_card(given.world, second));
  EXPECT_EQ(given.place_of(client_card(1)), one);
  EXPECT_EQ(two.y, child.y) << "its child, its connection and itself are in one row";
  given.leave(first);
  given.stop();
  EXPECT_EQ(given.place_of(client_card(2)), two);
  EXPECT_EQ(given.place_of(process_card(given.world, second)), child);
  EXPECT_EQ(given.place_of(process_card(given.world, Story::kServer)), server);
}

TEST(TheLessonsPicture, WhatChangedAReferenceCountIsSaidUntilTheNextStop) {
  Given given;
  given.connect_only();
  given.happens(Story::kServer, Accepted{3, 4, given.port()}, 22);
  given.stop();
  given.happens(Story::kServer, ForkCalled{1}, 27);
  given.happens(Story::kServer, Forked{1, 4243}, 27);
  given.stop();
  EXPECT_TRUE(says(given.picture(60 * kSecond), "fork: 1 → 2"));
  given.stop();
  EXPECT_FALSE(says(given.picture(), "fork: 1 → 2"));
}

TEST(AProcess, ShowsItsLatestCallWithItsResultAsStraceWritesIt) {
  Given given;
  given.connect_only();
  given.happens(Story::kServer, Accepted{3, 4, given.port()}, 22);
  EXPECT_TRUE(says(given.picture(), "accept(3) = 4"));
  given.happens(Story::kServer, ForkCalled{1}, 27);
  given.happens(Story::kServer, Forked{1, 4243}, 27);
  given.happens(4243, ChildStarted{Story::kServer, 1}, 27);
  const Scene forked = given.picture();
  EXPECT_NE(words_on(forked, process_card(given.world, Story::kServer)).find("fork() = 4243\n"), std::string::npos);
  EXPECT_NE(words_on(forked, process_card(given.world, 4243)).find("fork() = 0\n"), std::string::npos);
  given.happens(4243, CallFailed{Call::kClose, 4, EBADF}, 30);
  EXPECT_TRUE(says(given.picture(), "close(4) = -1 EBADF"));
}

TEST(AProcess, ThatHasWaitedForManyDescriptorsShowsWhatTheCallReturned) {
  Given given;
  given.happens(Story::kServer, ServerNamed{ServerKind::kEpoll});
  given.happens(Story::kServer, EpollOpened{4});
  given.happens(Story::kServer, Watched{3});
  given.happens(Story::kServer, PollCalled{Call::kEpollWait, 4});
  given.happens(Story::kServer, FoundReady{3});
  given.happens(Story::kServer, PollReturned{Call::kEpollWait, 1});
  EXPECT_TRUE(says(given.picture(), "epoll_wait(4) = 1"));
  given.happens(Story::kServer, PollCalled{Call::kSelect, -1});
  given.happens(Story::kServer, PollReturned{Call::kSelect, 2});
  EXPECT_TRUE(says(given.picture(), "select() = 2"));
}

TEST(AProcess, KeepsTheRowOfWhatItHasClosedUntilTheNumberIsUsedAgain) {
  Given given;
  given.client();
  const Scene closed = given.picture();
  const auto struck = [&](const Scene& scene) {
    std::size_t count = 0;
    for (const Item& item : scene.items)
      if (const Text* text = std::get_if<Text>(&item.what)) count += text->struck && text->text == "connfd" ? 1 : 0;
    return count;
  };
  EXPECT_EQ(struck(closed), 1u) << "the parent's";
  given.connect_only();
  given.happens(Story::kServer, Accepted{3, 4, given.port()}, 22);
  EXPECT_EQ(struck(given.picture()), 0u);
}

TEST(AServer, WithFewDescriptorsCountsThoseThatAreNotShown) {
  Given given;
  EXPECT_FALSE(says(given.picture(), "of 6"));
  given.lesson.descriptors = 6;
  given.happens(Story::kServer, LimitsKnown{6, 0});
  EXPECT_TRUE(says(given.picture(), "and 0, 1, 2: 4 of 6"));
  const Rect before = given.place_of(process_card(given.world, Story::kServer));
  given.connect_only();
  given.happens(Story::kServer, Accepted{3, 4, given.port()}, 22);
  EXPECT_TRUE(says(given.picture(), "and 0, 1, 2: 5 of 6"));
  EXPECT_EQ(given.place_of(process_card(given.world, Story::kServer)), before);
  expect_sound(given.picture(), 9);
}

TEST(AProcess, ThatIsBlockedIsMarkedAndJoinedToTheDescriptorThatItWaitsFor) {
  Given given;
  const auto marks = [&](const char* part) {
    const Key key = key_of(key_of(process_card(given.world, Story::kServer)), part);
    const Scene scene = given.picture();
    return std::count_if(scene.items.begin(), scene.items.end(), [&](const Item& item) { return item.key == key; });
  };
  EXPECT_EQ(marks("asleep"), 1);
  EXPECT_EQ(marks("waits for"), 1);
  given.happens(Story::kServer, GateReached{Call::kAccept, 3});
  EXPECT_EQ(marks("asleep"), 0) << "a gate is no state of the system";
  EXPECT_TRUE(says(given.picture(), "next: accept(3)"));
}

TEST(AChild, ServesItsClientUntilThatHasGoneAndItHoldsTheConnectionNoMore) {
  Given given;
  const Pid child = given.client();
  const auto service = [&] { return service_of(given.world, *find_process(given.world, child)); };
  EXPECT_EQ(service(), "serves client 1");
  given.happens(0, ClientEnded{{1}, ClientEnd::kClosed, Call::kClose, 0});
  EXPECT_EQ(service(), "serves client 1") << "it has yet to read that";
  given.happens(child, Closed{4}, 30);
  EXPECT_EQ(service(), "served client 1");
}

TEST(AServer, WithoutAHandlerGetsSigchldAllTheSameAndNothingComesOfIt) {
  Given given;
  given.lesson.show.set(Topic::kSignals);
  BugsSwitched switched;
  switched.bugs.set(Bug::kNoSigchldHandler, true);
  given.happens(Story::kServer, switched);
  const Pid child = given.client();
  EXPECT_FALSE(says(given.picture(), "SIGCHLD"));
  given.happens(child, ExitCalled{0}, 31);
  const std::string words = words_on(given.picture(), process_card(given.world, Story::kServer));
  EXPECT_NE(words.find("SIGCHLD\nsent\nno handler\n"), std::string::npos) << words;
  expect_sound(given.picture(), 9);
}

TEST(AZombie, ThatIsSentASignalSaysThatNothingComesOfIt) {
  Given given;
  const Pid child = given.client();
  given.happens(child, SignalSent{SIGTERM});
  given.happens(child, ExitCalled{0}, 31);
  EXPECT_FALSE(says(given.picture(), "without effect")) << "it was alive then";
  given.happens(child, SignalSent{SIGKILL});
  EXPECT_TRUE(says(given.picture(), "SIGKILL sent, without effect"));
  EXPECT_TRUE(says(given.picture(), "ZOMBIE"));
  expect_sound(given.picture(), 9);
}

TEST(AZombie, ThatWasKilledSaysByWhat) {
  Given given;
  const Pid child = given.client();
  given.happens(child, WriteCalled{4}, 17);
  given.happens(child, DeathSeen{});
  EXPECT_TRUE(says(given.picture(), "ZOMBIE"));
  given.happens(child, EndingSeen{SIGPIPE});
  EXPECT_TRUE(says(given.picture(), "killed by SIGPIPE"));
  EXPECT_TRUE(says(given.picture(), "ZOMBIE")) << "it isn't reaped yet";
  expect_sound(given.picture(), 9);
}

TEST(AProcess, ThatWritesToAResetConnectionAndIgnoresSigpipeSaysThatItCame) {
  Given given;
  given.lesson.show.set(Topic::kSignals);
  const Pid child = given.client();
  given.happens(child, WriteCalled{4}, 17);
  EXPECT_FALSE(says(given.picture(), "SIGPIPE"));
  given.happens(child, CallFailed{Call::kWrite, 4, EPIPE}, 17);
  EXPECT_TRUE(says(given.picture(), "SIGPIPE ignored"));
  given.happens(child, Closed{4}, 35);
  EXPECT_FALSE(says(given.picture(), "SIGPIPE"));
}

TEST(AProcess, ThatHasReapedAndFoundNobodyElseShowsBothInTheirOrder) {
  Given given;
  given.lesson = lesson_for(1);
  given.stop();
  const Pid child = given.client();
  given.happens(child, ExitCalled{0}, 31);
  given.stop();
  given.happens(Story::kServer, SignalDelivered{SIGCHLD}, 22);
  given.happens(Story::kServer, Reaped{child, 0}, 8);
  EXPECT_TRUE(says(given.picture(), "waitpid() = 4243\n"));
  given.happens(Story::kServer, CallFailed{Call::kWaitpid, -1, ECHILD}, 8);
  given.happens(Story::kServer, HandlerReturned{SIGCHLD}, 22);
  given.stop();
  EXPECT_TRUE(says(given.picture(), "waitpid() = 4243, then ECHILD"));
  given.lesson = lesson_for(2);
  EXPECT_TRUE(says(given.picture(), "waitpid() = 4243\n")) << "where there is less room, which child it was";
  given.lesson = lesson_for(1);
  given.stop();
  EXPECT_TRUE(says(given.picture(), "waitpid() = -1 ECHILD")) << "the step is over";
}

TEST(AChild, ThatIsReapedSaysWhatItsCounterWasWhereTheLessonIsAboutThat) {
  Given given;
  given.stop();
  const Pid child = given.client();
  given.stop();
  given.happens(child, Counted{1}, 34);
  given.leave(child);
  given.stop();
  EXPECT_FALSE(says(given.picture(), "served was 1"));
  given.lesson.show.set(Topic::kServed);
  EXPECT_TRUE(says(given.picture(), "reaped: exited 0, served was 1"));
  expect_sound(given.picture(), 9);
}

TEST(AChild, HasOneNameInCardsSentencesAndLanes) {
  Given given;
  const Pid child = given.client();
  EXPECT_EQ(mention_of(*find_process(given.world, child)), "child 1");
  EXPECT_TRUE(says(given.picture(), "child 1"));
  EXPECT_FALSE(says(given.picture(), "child of client"));
  const Event closes{given.time, child, 30, Closed{4}};
  EXPECT_NE(narrate_listing(given.world, closes).said.find("hild 1"), std::string::npos);
}

}  // namespace
}  // namespace forktable::test
