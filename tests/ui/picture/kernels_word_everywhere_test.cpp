// Everything that the kernel can say, at any number of clients and at any size: it has its place, and can be read.
#include <csignal>

#include "tests/ui/picture/told.hpp"
#include "ui/picture/slide.hpp"

namespace forktable::test {
namespace {

constexpr Size kSizes[] = {{1130, 820}, {1100, 660}, {1024, 612}, {1024, 500},
                           {1024, 416}, {640, 400},  {800, 600},  {1900, 1000}};

// Everything that the kernel can say, about a story in which each connection is in another state.
void say_everything(Told& story, const std::vector<Pid>& children, bool differs) {
  constexpr TcpState kStates[] = {TcpState::kEstablished, TcpState::kCloseWait, TcpState::kFinWait1,
                                  TcpState::kFinWait2,    TcpState::kLastAck,   TcpState::kClosing,
                                  TcpState::kTimeWait,    TcpState::kClose,     TcpState::kSynReceived};
  for (std::size_t i = 0; i < children.size(); ++i) {
    const auto port = static_cast<Port>(40001 + i);
    story.state(8080, port, kStates[i % std::size(kStates)]);
    story.state(port, 8080, kStates[(i + 3) % std::size(kStates)]);
    story.queues(8080, port, 123'456'789, 999'949);
    story.queues(port, 8080, 65'536, 2);
    if (i % 3 == 0) story.happens(children[i], StopSeen{i % 2 == 0});
    if (i % 4 == 0) story.happens(children[i], HoldChanged{1});
    if (i % 5 == 0) story.happens(children[i], GateReached{Call::kWrite, 4});
    story.happens(children[i], SignalsSeen{bit(SIGVTALRM) | bit(SIGSTKFLT) | bit(SIGCHLD) | bit(SIGWINCH), 0});
    if (!differs || i % 7 != 0) continue;
    story.differs(children[i], Differs::kDescriptor, 4, "connection 1234", "listening socket");
    story.differs(children[i], Differs::kDescriptor, 3, "closed", "another socket");
    story.differs(children[i], Differs::kDescriptor, 1234, "closed", "a pipe of Forktable");
    story.differs(children[i], Differs::kCall, 0, "waitpid(1234)", "system call 1234");
    story.differs(0, Differs::kSocket, port, "open", "gone");
  }
  story.listens(1025, 1024);
  if (differs) {
    story.differs(Story::kServer, Differs::kDescriptor, 3, "listening socket", "connection 1234");
    story.differs(Story::kServer, Differs::kDescriptor, 9, "closed", "connection 1234");
    story.differs(99999, Differs::kProcess, 0, "unknown", "alive");
    story.differs(99998, Differs::kProcess, 0, "unknown", "zombie");
    story.differs(99997, Differs::kProcess, 0, "unknown", "alive");
    story.differs(0, Differs::kSocket, 8080, "LISTEN", "gone");
  }
  for (const Aspect aspect : {Aspect::kSharing, Aspect::kCalls, Aspect::kSockets})
    story.happens(0, CheckDenied{aspect, 1});
  story.happens(0, KernelChecked{1233, 1234, 1234, 1234});
}

TEST(KernelInPicture, NothingOverlapsWhateverTheKernelSaysAtAnyNumberOfClients) {
  for (const int clients : {0, 1, 2, 3, 4, 5, 6, 7, 10, 35, 100, 1000}) {
    for (const bool differs : {false, true}) {
      Told story;
      std::vector<Pid> children;
      for (int i = 0; i < clients; ++i) children.push_back(story.client());
      say_everything(story, children, differs);
      if (clients > 1) story.leave(children.back());
      for (const Size area : kSizes) {
        SCOPED_TRACE(std::to_string(clients) + " clients on " + std::to_string(area.width) + "x" +
                     std::to_string(area.height) + (differs ? ", with differences" : ""));
        PictureRequest request = story.request(area);
        request.offer_client = request.step_buttons = true;
        request.selected = {Subject::kKernel};
        const Scene scene = draw_picture(request);
        expect_sound(scene, 8);
        EXPECT_TRUE(says(scene, "backlog 1025 of 1024"));
        EXPECT_NE(scene.find({Subject::kKernel}), nullptr);
        if (HasFailure()) return;
      }
      SCOPED_TRACE(std::to_string(clients) + " clients on a slide");
      expect_sound(draw_slide({story.world, {"Said.", "Meant."}, "step 1", slide_theme(), fonts()}), 9);
      if (HasFailure()) return;
    }
  }
}

TEST(KernelInPicture, NoWordsAreCutOffInOrdinaryPictures) {
  for (const TcpState server : {TcpState::kEstablished, TcpState::kCloseWait, TcpState::kFinWait1, TcpState::kFinWait2,
                                TcpState::kLastAck, TcpState::kClosing, TcpState::kClose})
    for (const Size area : {Size{1130, 675}, Size{1024, 500}, Size{1024, 416}}) {
      Told story;
      story.client();
      story.states(server, server);
      story.queues(8080, story.port(), 123'456, 2'500'000);
      story.listens(2, 1024);
      story.happens(Story::kServer, SignalsSeen{bit(SIGCHLD), 0});
      story.happens(Story::kServer, StopSeen{0});
      story.happens(0, KernelChecked{24, 24, 30, 30});
      EXPECT_FALSE(ends_with_ellipsis(story.picture(area))) << name_of(server) << " " << area.width;
    }
}

}  // namespace
}  // namespace forktable::test
