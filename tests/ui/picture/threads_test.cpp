// Threads in the card of their process.
#include "tests/ui/picture/approaches.hpp"

namespace forktable::test {
namespace {

TEST(Threads, AreRowsInTheCardOfTheirProcessWithOneDescriptorTableForAll) {
  Approach story(ServerKind::kThread);
  std::vector<Pid> threads;
  for (int i = 0; i < 3; ++i) threads.push_back(story.serve());
  const Scene scene = story.picture();
  const Group* card = scene.find(card_of(story.world));
  ASSERT_NE(card, nullptr);
  const std::string words = words_on(scene, card_of(story.world));
  for (std::size_t i = 0; i < threads.size(); ++i) {
    const Subject thread{Subject::kProcess, story.id_of(threads[i])};
    const Group* row = scene.find(thread);
    ASSERT_NE(row, nullptr) << "a row for each";
    EXPECT_TRUE(is_within(row->rect, card->rect));
    EXPECT_EQ(scene.at({row->rect.x + 3, row->rect.y + 3}), thread);
    const std::string number = std::to_string(i + 1);
    EXPECT_NE(words.find("thread " + number + ", serves client " + number), std::string::npos);
  }
  EXPECT_NE(words.find("main\nblocked in accept(3)"), std::string::npos) << words;
  EXPECT_NE(words.find("blocked in read(5)"), std::string::npos);
  EXPECT_TRUE(says(scene, "one descriptor table for all threads"));
  EXPECT_FALSE(says(scene, "one descriptor table each"));
  for (const Group& group : scene.groups)
    if (group.subject.kind == Subject::kProcess) {
      EXPECT_TRUE(is_within(group.rect, card->rect)) << "no card beside it";
    }
  EXPECT_EQ(count_arrows(scene), 4u) << "the process's, and no thread's";
}

TEST(Threads, HaveAStepButtonEach) {
  Approach story(ServerKind::kThread);
  const Pid first = story.serve(), second = story.serve();
  for (const Pid pid : {Story::kServer, first, second}) story.happens(pid, GateReached{Call::kRead, 4});
  PictureRequest request = story.request({1024, 612});
  request.step_buttons = true;
  const Scene scene = draw_picture(request);
  expect_sound(scene, 8);
  for (const Pid pid : {Story::kServer, first, second}) {
    const Subject step{Subject::kStepProcess, story.id_of(pid)};
    const Group* button = scene.find(step);
    ASSERT_NE(button, nullptr) << pid;
    EXPECT_EQ(scene.at({button->rect.x + 4, button->rect.y + 4}), step);
  }
}

TEST(Threads, OfOneConnectionAreNamedAtItsDescriptorAndAConnectionWithoutOneSaysSo) {
  Approach story(ServerKind::kThread);
  const Pid first = story.serve();
  story.serve();
  story.happens(first, ArgumentRead{5});
  const Scene scene = story.picture();
  EXPECT_TRUE(says(scene, "no thread serves it"));
  EXPECT_TRUE(says(scene, "threads 1, 2"));
  EXPECT_TRUE(says(scene, "thread 1, serves client 2"));
}

TEST(Threads, InACallKeepTheirOpenFileWhenItsDescriptorIsClosed) {
  Approach story(ServerKind::kThread);
  const Pid first = story.serve();
  story.serve();
  story.happens(first, Closed{5});
  const Scene scene = story.picture();
  EXPECT_TRUE(says(scene, "blocked in read(5), keeps connection 2"));
  const std::string words = words_on(scene, {Subject::kFile, story.world.files.back().id.value});
  EXPECT_NE(words.find("kept by thread 2's read"), std::string::npos) << words;
  EXPECT_NE(words.find("close: stays 1"), std::string::npos) << words;
  EXPECT_EQ(count_arrows(scene), 3u) << "of 3 and 4, and of the call";
  expect_sound(scene, 8);
}

TEST(Threads, ThatWereMadeAndHaveNotBegunAreNotMissed) {
  Approach story(ServerKind::kThread);
  for (int fd = 4; fd < 6; ++fd) {
    story.connect_only();
    story.happens(Story::kServer, Accepted{3, fd, story.port()});
    story.happens(Story::kServer, ThreadCreateCalled{story.clients});
    story.happens(Story::kServer, ThreadCreated{story.clients});
    EXPECT_FALSE(says(story.picture(), "no thread serves it"));
  }
}

TEST(Threads, ThatHaveEndedStayUntilTheyAreJoinedUnlessTheyWereDetached) {
  Approach story(ServerKind::kThread);
  story.happens(story.serve(), ThreadEnded{});
  EXPECT_FALSE(says(story.picture(), "serves client 1")) << "it was detached";
  story.detach = false;
  const Pid joinable = story.serve();
  EXPECT_TRUE(says(story.picture(), "joinable"));
  story.happens(joinable, ThreadEnded{});
  EXPECT_TRUE(says(story.picture(), "ended, nobody has joined it"));
  story.happens(Story::kServer, ThreadJoined{joinable});
  EXPECT_FALSE(says(story.picture(), "nobody has joined it"));
}

TEST(Threads, ThatAreLeftBehindByManyClientsAreCountedAndEachCanBeClickedOn) {
  Approach story(ServerKind::kThread);
  story.detach = false;
  std::vector<Pid> threads;
  for (int i = 0; i < 40; ++i) {
    threads.push_back(story.serve());
    story.happens(threads.back(), Closed{story.next_fd - 1});
    story.happens(threads.back(), ThreadEnded{});
    story.happens(0, ClientEnded{{story.clients}});
  }
  story.time += 10 * kSecond;
  const Scene scene = story.picture();
  expect_sound(scene, 8);
  EXPECT_TRUE(says(scene, "and 35 that have ended, and nobody has joined"));
  EXPECT_TRUE(says(scene, "41 threads"));
  for (const Pid thread : threads) EXPECT_NE(scene.find({Subject::kProcess, story.id_of(thread)}), nullptr);
}

TEST(Threads, OfAHundredTheOneWithoutAConnectionOfItsOwnStaysOut) {
  Approach story(ServerKind::kThread);
  const Pid first = story.serve();
  for (int i = 0; i < 99; ++i) story.serve();
  story.happens(first, ArgumentRead{5});
  story.time += kSecond;
  const Scene scene = story.picture();
  expect_sound(scene, 8);
  EXPECT_TRUE(says(scene, "NEEDS A LOOK"));
  EXPECT_TRUE(says(scene, "2 threads"));
  EXPECT_TRUE(says(scene, "no thread"));
  EXPECT_TRUE(says(scene, "98 like this: a thread, its client"));
}

}  // namespace
}  // namespace forktable::test
