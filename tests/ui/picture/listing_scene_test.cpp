#include "ui/picture/listing_scene.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>

#include "tests/support/story.hpp"
#include "tests/ui/picture/sound.hpp"

namespace forktable::test {
namespace {

const Listing& listing() { return listing_of("process"); }

unsigned line_with(const std::string& words) {
  for (const ListingLine& line : listing().lines)
    if (line.text.find(words) != std::string::npos) return line.number;
  ADD_FAILURE() << words;
  return 0;
}

ListingRequest request_of(const Story& story, Size area = {420, 640}) {
  return {listing(), story.world, "running now", area, light_theme(), fonts(), true};
}

Story with_bugs(std::initializer_list<Bug> bugs) {
  Story story;
  BugsSwitched switched;
  for (const Bug bug : bugs) switched.bugs.set(bug, true);
  story.happens(Story::kServer, switched);
  return story;
}

const Text* text_with(const Scene& scene, const std::string& words) {
  for (const Item& item : scene.items)
    if (const Text* text = std::get_if<Text>(&item.what);
        text != nullptr && text->text.find(words) != std::string::npos)
      return text;
  return nullptr;
}

TEST(ListingScene, NothingOverlapsAtAnySizeWithAnyNumberOfProcessesAndAnyBugs) {
  Story story;
  const std::vector<ListingLine>& lines = listing().lines;
  for (int clients = 0; clients < 30; ++clients) {
    if (clients > 0) {
      const Pid child = story.client();
      const auto number = lines[static_cast<std::size_t>(clients) * 7 % lines.size()].number;
      story.happens(child, GateReached{Call::kRead, 4}, clients % 3 == 0 ? number : line_with("Read("));
    }
    BugsSwitched switched;
    switched.bugs.value = static_cast<std::uint32_t>(clients * 37) & ((1u << kBugCount) - 1);
    story.happens(Story::kServer, switched);
    for (const Size area : {Size{420, 480}, Size{300, 400}, Size{260, 200}, Size{600, 1000}}) {
      SCOPED_TRACE(std::to_string(clients) + " clients on " + std::to_string(area.width) + "x" +
                   std::to_string(area.height));
      expect_sound(draw_listing(request_of(story, area)), 8.5f);
      if (HasFailure()) return;
    }
  }
}

TEST(ListingScene, ShowsEveryLineWhereThereIsRoom) {
  const Story story;
  const std::string words = words_of(draw_listing(request_of(story, {500, 700})));
  for (const ListingLine& line : listing().lines)
    if (!line.when) {
      EXPECT_NE(words.find("\n" + std::to_string(line.number) + "\n"), std::string::npos) << line.text;
    }
}

TEST(ListingScene, AProcessIsAtItsLineAndClickingItSelectsIt) {
  Story story;
  const Pid child = story.client();
  story.happens(child, ReadCalled{4}, line_with("Read("));
  const Scene scene = draw_listing(request_of(story));
  const Process& process = *find_process(story.world, child);
  const Subject subject{Subject::kProcess, process.id.value};
  const Group* chip = scene.find(subject);
  ASSERT_NE(chip, nullptr);
  const Point middle{chip->rect.x + chip->rect.width / 2, chip->rect.y + chip->rect.height / 2};
  EXPECT_EQ(scene.at(middle), subject);
  const Text* line = text_with(scene, "((n = Read(connfd");
  ASSERT_NE(line, nullptr);
  EXPECT_GT(line->at.y, chip->rect.y);
  EXPECT_LT(line->at.y, chip->rect.bottom());
}

TEST(ListingScene, AProcessAtItsGateIsAStepButton) {
  Story story;
  const Pid child = story.client();
  story.happens(child, GateReached{Call::kRead, 4}, line_with("Read("));
  const std::uint32_t id = find_process(story.world, child)->id.value;
  ListingRequest request = request_of(story);
  EXPECT_NE(draw_listing(request).find({Subject::kStepProcess, id}), nullptr);
  EXPECT_EQ(draw_listing(request).find({Subject::kProcess, id}), nullptr);
  request.step_buttons = false;
  EXPECT_EQ(draw_listing(request).find({Subject::kStepProcess, id}), nullptr);
  EXPECT_NE(draw_listing(request).find({Subject::kProcess, id}), nullptr);
}

TEST(ListingScene, ALineThatIsSwitchedOffIsStruckOutAndMarked) {
  const Scene without = draw_listing(request_of(Story()));
  EXPECT_FALSE(says(without, "left out"));
  EXPECT_FALSE(text_with(without, "// important")->struck);
  const Scene scene = draw_listing(request_of(with_bugs({Bug::kParentKeepsConnfd})));
  EXPECT_TRUE(says(scene, "left out"));
  EXPECT_TRUE(text_with(scene, "// important")->struck);
}

TEST(ListingScene, ALineThatTakesAnothersPlaceIsThereOnlyThen) {
  EXPECT_FALSE(says(draw_listing(request_of(Story())), "if (Waitpid"));
  const Scene scene = draw_listing(request_of(with_bugs({Bug::kOneWaitpid})));
  ASSERT_NE(text_with(scene, "if (Waitpid"), nullptr);
  EXPECT_FALSE(text_with(scene, "if (Waitpid")->struck);
  EXPECT_TRUE(text_with(scene, "while (Waitpid")->struck);
}

TEST(ListingScene, WhereThereIsNoRoomForAllLinesThoseOfTheProcessesAreInView) {
  Story story;
  const Pid child = story.client();
  story.happens(child, ReadCalled{4}, line_with("Exit(0)"));
  EXPECT_TRUE(says(draw_listing(request_of(story, {420, 200})), "child 1"));
  story.happens(child, ReadCalled{4}, line_with("saved_errno = errno"));
  EXPECT_TRUE(says(draw_listing(request_of(story, {420, 200})), "child 1"));
}

// The lines of Fork, and of what the child does.
ListingRequest folded(const Story& story, const Lines& lines, Size area = {600, 400}) {
  ListingRequest request = request_of(story, area);
  request.only = &lines;
  return request;
}

TEST(AFoldedListing, HasTheLinesThatMatterInLargerTypeWithoutTheirCommonIndentAndSaysWhereLinesAreLeftOut) {
  const unsigned accept = line_with("Accept("), fork = line_with("Fork()");
  const Lines lines = {{accept, accept}, {fork, fork + 2}};
  const Scene scene = draw_listing(folded(Story(), lines)), whole = draw_listing(request_of(Story(), {600, 900}));
  ASSERT_NE(text_with(scene, "Accept("), nullptr);
  EXPECT_EQ(text_with(scene, "Signal("), nullptr);
  EXPECT_GT(text_with(scene, "Accept(")->size, text_with(whole, "Accept(")->size);
  // From the line's number, in sizes of its type.
  const auto indent = [&](const Scene& one) {
    const Text* const code = text_with(one, "connfd = Accept(");
    return (code->at.x - text_with(one, std::to_string(accept))->at.x) / code->size;
  };
  EXPECT_LT(indent(scene), indent(whole)) << "its indent is that of all";
  const auto folds = std::count_if(scene.items.begin(), scene.items.end(), [](const Item& item) {
    const Line* line = std::get_if<Line>(&item.what);
    return line != nullptr && line->dash == Dash::kDashed;
  });
  EXPECT_EQ(folds, 1) << "between accept and fork";
  expect_sound(scene, 12);
}

TEST(AFoldedListing, HasWhatACallReturnedAtItsLineWhileThatIsNew) {
  Story story;
  const unsigned accept = line_with("Accept("), fork = line_with("Fork()");
  const Nanoseconds before = story.time;
  story.connect_only();
  story.happens(Story::kServer, Accepted{3, 4, story.port()}, accept);
  story.happens(Story::kServer, GateReached{Call::kFork, -1}, fork);
  const Lines lines = {{accept, fork}};
  ListingRequest request = folded(story, lines);
  EXPECT_EQ(text_with(draw_listing(request), "= 4"), nullptr);
  request.since = before;
  const Scene scene = draw_listing(request);
  const Text* result = text_with(scene, "= 4");
  ASSERT_NE(result, nullptr);
  EXPECT_NEAR(result->at.y, text_with(scene, "Accept(")->at.y, 3);
  request.since = story.time;
  EXPECT_EQ(text_with(draw_listing(request), "= 4"), nullptr);
}

TEST(AFoldedListing, HasRoomForFewResultsHoweverManyProcessesHaveJustDoneALine) {
  Story story;
  const unsigned read = line_with("Read("), write = line_with("Write(");
  for (int i = 0; i < 40; ++i) {
    const Pid child = story.client();
    story.happens(child, Read{4, 6, ShortText("hello\n")}, read);
    story.happens(child, GateReached{Call::kWrite, 4}, write);
  }
  const Lines lines = {{read, write}};
  ListingRequest request = folded(story, lines);
  request.since = 0;
  expect_sound(draw_listing(request), 12);
}

TEST(AFoldedListing, HasOnePillForSiblingsThatStandAtOneLineWhereTheirsWouldCutIt) {
  Story story;
  const unsigned read = line_with("Read(");
  const Lines lines = {{read, read}};
  const auto pill_of = [&](float width) {
    ListingRequest request = folded(story, lines, {width, 300});
    request.step_buttons = false;
    return draw_listing(request);
  };
  for (int i = 0; i < 2; ++i) story.happens(story.client(), ReadCalled{4}, read);
  EXPECT_TRUE(says(pill_of(940), "children 1, 2\n"));
  story.happens(story.client(), ReadCalled{4}, read);
  // In as many words as the code leaves room for.
  for (const auto& [width, label] : {std::pair{940.f, "children 1-3\n"}, {800.f, "child 1-3\n"}, {500.f, "\n1-3\n"}}) {
    const Scene crowded = pill_of(width);
    EXPECT_TRUE(says(crowded, label)) << words_of(crowded);
    EXPECT_FALSE(says(crowded, "child 1\n"));
    EXPECT_FALSE(says(crowded, "…")) << words_of(crowded);
  }
  // With room, each has its own, in the colour of whom it serves.
  EXPECT_TRUE(says(pill_of(1600), "child 1\n"));
}

TEST(ListingScene, SharesMarksWhereNobodyClicksOnThem) {
  Story story;
  for (int i = 0; i < 3; ++i) story.happens(story.client(), ReadCalled{4}, line_with("Read("));
  ListingRequest request = request_of(story);
  request.step_buttons = false;
  EXPECT_FALSE(says(draw_listing(request), "1-3\n"));
  request.shares_marks = true;
  EXPECT_TRUE(says(draw_listing(request), "1-3\n")) << words_of(draw_listing(request));
}

TEST(ListingScene, APillOfWhoIsAboutToLookAtErrnoIsWhereTheProgramDoesThat) {
  for (const bool heeds_eintr : {true, false}) {
    Story story = heeds_eintr ? Story() : with_bugs({Bug::kNoEintrCheck});
    const unsigned accept = line_with("Accept(");
    story.happens(Story::kServer, CallFailed{Call::kAccept, 3, EMFILE}, accept);
    story.happens(Story::kServer, GateReached{Call::kErrno, -1}, accept);
    const Scene scene = draw_listing(request_of(story, {500, 700}));
    const Group* pill = scene.find({Subject::kStepProcess, story.world.server.value});
    ASSERT_NE(pill, nullptr);
    const Text* code = text_with(scene, heeds_eintr ? "errno == EINTR" : "Back_off(");
    ASSERT_NE(code, nullptr);
    EXPECT_TRUE(pill->rect.y < code->at.y && code->at.y < pill->rect.bottom()) << words_of(scene);
    story.happens(Story::kServer, ErrnoSeen{EMFILE}, line_with("Back_off("));
    EXPECT_NE(draw_listing(request_of(story, {500, 700})).find({Subject::kProcess, story.world.server.value}), nullptr);
  }
}

TEST(AFoldedListing, NamesTheFileThatItsLinesAreOf) {
  const Listing& both = listing_of("inetd");
  Story story;
  const auto title = [&](unsigned first, unsigned last) {
    const Lines lines = {{first, last}};
    ListingRequest request{both, story.world, "", {700, 400}, light_theme(), fonts()};
    request.only = &lines;
    return words_of(draw_listing(request));
  };
  const auto cat = std::find_if(both.lines.begin(), both.lines.end(),
                                [](const ListingLine& line) { return line.text.starts_with("// cat:"); });
  ASSERT_NE(cat, both.lines.end());
  const unsigned second = cat->number, last = both.lines.back().number;
  EXPECT_TRUE(title(second - 8, second - 2).starts_with("inetd_server.cpp\n"));
  EXPECT_TRUE(title(second, last).starts_with("cat.cpp\n"));
  EXPECT_TRUE(title(second - 8, last).starts_with("inetd_server.cpp, cat.cpp\n"));
}

TEST(ListingScene, ProcessesBeyondTheRoomOfALineAreCounted) {
  Story story;
  for (int i = 0; i < 40; ++i) story.happens(story.client(), ReadCalled{4}, line_with("Read("));
  const Scene scene = draw_listing(request_of(story));
  const auto chips = std::count_if(scene.groups.begin(), scene.groups.end(), [&](const Group& group) {
    return group.subject.kind == Subject::kProcess && group.subject.id != story.world.server.value;
  });
  EXPECT_GE(chips, 1);
  EXPECT_TRUE(says(scene, "+" + std::to_string(40 - chips)));
}

TEST(ListingScene, TheLinesOfABugStayInViewWhereTheyAndTheLatestStepHaveNoRoomTogether) {
  Story story;
  story.happens(Story::kServer, ServerNamed{ServerKind::kThread});
  BugsSwitched switched;
  switched.bugs.set(Bug::kConnfdRace, true);
  story.happens(Story::kServer, switched);
  story.happens(Story::kServer, ReadCalled{4}, 9);
  const Listing& threads = listing_of("thread");
  ListingRequest request{threads, story.world, "running now", {420, 420}, light_theme(), fonts(), true};
  const Scene scene = draw_listing(request);
  EXPECT_NE(text_with(scene, "&connfd"), nullptr);
  EXPECT_NE(text_with(scene, "Free(argument)"), nullptr);
}

}  // namespace
}  // namespace forktable::test
