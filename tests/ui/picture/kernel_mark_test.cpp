// The mark in the picture: the kernel agrees, or disagrees, or hasn't been asked since.
#include <algorithm>

#include "tests/ui/picture/told.hpp"
#include "ui/picture/kernel_verdict.hpp"
#include "ui/picture/slide.hpp"

namespace forktable::test {
namespace {

TEST(KernelsMark, SaysTheFiguresWhereTheKernelAgrees) {
  Told story;
  EXPECT_EQ(story.picture().find({Subject::kKernel}), nullptr) << "nobody has asked";
  story.client();
  story.happens(0, KernelChecked{4, 4, 3, 3});
  const Scene scene = story.picture();
  EXPECT_TRUE(says(scene, "The kernel agrees: 4 of 4 references, 3 of 3 sockets\n"));
  const Group* mark = scene.find({Subject::kKernel});
  ASSERT_NE(mark, nullptr);
  EXPECT_EQ(scene.at({mark->rect.x + 5, mark->rect.y + 5}), (Subject{Subject::kKernel}));
  for (const Group& group : scene.groups)
    if (group.subject.kind == Subject::kProcess) {
      EXPECT_GT(mark->rect.y, group.rect.bottom()) << "below the processes";
    }
}

TEST(KernelsMark, ClaimsNothingOfWhatHappenedSince) {
  Told story;
  const Pid child = story.client();
  story.happens(0, KernelChecked{4, 4, 3, 3});
  story.happens(child, Wrote{4, 6});
  EXPECT_EQ(verdict_of(story.world).kind, KernelVerdict::kUnasked);
  EXPECT_FALSE(says(story.picture(), "4 of 4"));
  EXPECT_TRUE(says(story.picture(), "Not compared with the kernel at this step"));
}

TEST(KernelsMark, OfAMomentThatIsOverSaysNothingOfNow) {
  Told story;
  story.client();
  story.happens(0, KernelChecked{4, 4, 3, 3});
  PictureRequest request = story.request();
  request.past = true;
  const Scene scene = draw_picture(request);
  EXPECT_TRUE(says(scene, "The kernel agreed then: 4 of 4 references, 3 of 3 sockets\n"));
  EXPECT_FALSE(std::any_of(scene.items.begin(), scene.items.end(), [](const Item& item) {
    const Box* box = std::get_if<Box>(&item.what);
    return box != nullptr && box->fill == light_theme().good;
  })) << "nor by its colour";
}

TEST(KernelsMark, StandsForAMomentWhileItIsLookedAtAgainAndNoLonger) {
  Told story;
  const Pid child = story.client();
  story.happens(0, KernelChecked{4, 4, 3, 3});
  const Nanoseconds moved = story.time + kMillisecond;
  for (int i = 0; i < 500; ++i) story.happens(child, Wrote{4, 6});
  EXPECT_EQ(verdict_of(story.world, moved + 200 * kMillisecond).kind, KernelVerdict::kAgrees);
  EXPECT_EQ(verdict_of(story.world, moved + 400 * kMillisecond).kind, KernelVerdict::kUnasked)
      << "also when things never come to rest";
  EXPECT_EQ(verdict_of(story.world).kind, KernelVerdict::kUnasked) << "a moment of the past was compared or it wasn't";
}

TEST(KernelsMark, SaysWhereTheKernelDisagrees) {
  Told story;
  const Pid child = story.client();
  story.differs(child, Differs::kDescriptor, 4, "connection 1", "closed");
  EXPECT_TRUE(says(story.picture(), "The kernel disagrees: 1 difference\n"));
  story.happens(0, KernelChecked{2, 3, 3, 3});
  EXPECT_EQ(verdict_of(story.world).words, "The kernel disagrees: 2 of 3 references agree, 3 of 3 sockets");
  story.differs(9999, Differs::kProcess, 0, "unknown", "alive");
  EXPECT_TRUE(says(story.picture(), "Process 9999: not reported, in the kernel alive\n")) << "it has no card";
}

TEST(KernelsMark, NamesWhatCannotBeCheckedHere) {
  Told story;
  story.client();
  story.happens(0, CheckDenied{Aspect::kSharing, 1});
  story.happens(0, KernelChecked{4, 4, 3, 3});
  const std::string words = words_on(story.picture(), {Subject::kKernel});
  EXPECT_EQ(verdict_of(story.world).kind, KernelVerdict::kUnasked) << "a part of it is not all";
  EXPECT_EQ(words.find("agree"), std::string::npos);
  EXPECT_NE(words.find("in part only: 4 of 4 references"), std::string::npos);
  EXPECT_NE(verdict_of(story.world).unchecked.find("which descriptors share an open file"), std::string::npos);
  EXPECT_NE(words.find("Not checked here"), std::string::npos);
  EXPECT_NE(words.find("doctor"), std::string::npos);
  story.happens(0, KernelChecked{0, 0, 3, 3});
  EXPECT_EQ(verdict_of(story.world).kind, KernelVerdict::kUnasked) << "who could ask about nothing can't agree";
}

TEST(KernelsMark, IsGoneWithTheServer) {
  Told story;
  story.happens(0, KernelChecked{1, 1, 1, 1});
  EXPECT_NE(story.picture().find({Subject::kKernel}), nullptr);
  story.happens(Story::kServer, Collected{0});
  EXPECT_EQ(story.picture().find({Subject::kKernel}), nullptr);
}

TEST(KernelsMark, ExplainsWhatWasComparedAndHow) {
  Told story;
  const Pid child = story.client();
  story.differs(child, Differs::kDescriptor, 4, "connection 1", "closed");
  std::string all;
  for (const std::string& paragraph : explain_verdict(story.world)) all += paragraph + "\n";
  for (const char* part : {"Descriptor 4", "reported connection 1, in the kernel closed", "kcmp", "sock_diag", "/proc"})
    EXPECT_NE(all.find(part), std::string::npos) << part;
}

TEST(KernelsMark, SaysThatItAgreesInALessonWhereverItsPictureHasRows) {
  Told story;
  story.client();
  story.happens(0, KernelChecked{4, 4, 3, 3});
  for (const float width : {780.f, 900.f, 1200.f, 2000.f}) {
    PictureRequest request = story.request({width, 700});
    request.stage.slots = 2;
    request.live_now = story.time;
    const Scene scene = draw_picture(request);
    EXPECT_TRUE(says(scene, "kernel agrees\n") || says(scene, "kernel\nagrees\n")) << width;
    expect_sound(scene, 5);
  }
}

TEST(KernelsMark, IsSmallAtTheFootOfASlideAndNotInItsPicture) {
  Told story;
  story.client();
  story.happens(0, KernelChecked{4, 4, 3, 3});
  const Scene agreed = draw_slide({story.world, {"Said.", ""}, "step 1", slide_theme(), fonts()});
  EXPECT_TRUE(says(agreed, "The kernel agrees: 4 of 4 references, 3 of 3 sockets"));
  EXPECT_EQ(agreed.find({Subject::kKernel}), nullptr);
  story.happens(0, ClientHalfClosed{{1}});
  EXPECT_FALSE(says(draw_slide({story.world, {"Said.", ""}, "step 1", slide_theme(), fonts()}), "The kernel"));
}

TEST(Slide, SaysWhatChangedAtItsStepThoughTheKernelHasSpokenSince) {
  Told story;
  story.connect_only();
  story.happens(Story::kServer, Accepted{3, 4, 40001});
  story.happens(Story::kServer, ForkCalled{1});
  story.happens(Story::kServer, Forked{1, 5000});
  const Nanoseconds forked = story.time;
  story.happens(0, KernelChecked{4, 4, 3, 3});
  SlideRequest request{story.world, {"Said.", ""}, "step 1", slide_theme(), fonts()};
  request.now = forked;
  EXPECT_TRUE(says(draw_slide(request), "fork: 1 → 2"));
}

}  // namespace
}  // namespace forktable::test
