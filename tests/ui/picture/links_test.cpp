// What goes from card to card: which way it takes, and to whom.
#include "ui/picture/links.hpp"

#include <algorithm>

#include "tests/ui/picture/approaches.hpp"

namespace forktable::test {
namespace {

// Of a lesson about the accept queue, with so many clients.
Scene lesson_picture(const Approach& story, std::size_t clients) {
  PictureRequest request = story.request();
  request.stage.slots = clients;
  request.stage.show.value = 0;
  request.stage.show.set(Topic::kRefcnt);
  request.stage.show.set(Topic::kQueue);
  return draw_picture(request);
}

using Way = std::vector<Point>;

// Whether two lines that aren't parallel meet. Such as touch do, too.
bool meet(Point a, Point b, Point c, Point d) {
  const auto side = [](Point from, Point to, Point point) {
    return (to.x - from.x) * (point.y - from.y) - (to.y - from.y) * (point.x - from.x);
  };
  return side(a, b, c) * side(a, b, d) <= 0 && side(c, d, a) * side(c, d, b) <= 0;
}
bool cross(const Way& one, const Way& other) {
  for (std::size_t i = 1; i < one.size(); ++i)
    for (std::size_t j = 1; j < other.size(); ++j)
      if (meet(one[i - 1], one[i], other[j - 1], other[j])) return true;
  return false;
}

// By what they are drawn as.
std::vector<Way> ways_of(const Scene& scene, const char* group, const char* part, std::uint32_t ids) {
  std::vector<Way> ways;
  for (std::uint32_t id = 1; id <= ids; ++id)
    for (const Item& item : scene.items)
      if (const Line* line = std::get_if<Line>(&item.what);
          line != nullptr && item.key == key_of(key_of(group), part, id))
        ways.push_back(line->points);
  return ways;
}

TEST(TheWayToTheAcceptQueue, CrossesNoConnectionAndNoOtherClientsWay) {
  for (const ServerKind kind : {ServerKind::kIterative, ServerKind::kPrefork, ServerKind::kProcess}) {
    SCOPED_TRACE(name_of(kind));
    Approach story(kind);
    const std::uint32_t served = kind == ServerKind::kIterative ? 1 : 3;
    for (std::uint32_t i = 0; i < served; ++i) story.serve();
    for (int i = 0; i < 3; ++i) story.connect_only();
    const Scene scene = lesson_picture(story, served + 3);
    expect_sound(scene, 5);
    const auto queued = ways_of(scene, "links", "queued", served + 3);
    const auto connections = ways_of(scene, "links", "link", 20);
    ASSERT_EQ(queued.size(), 3u);
    ASSERT_EQ(connections.size(), served);
    for (std::size_t i = 0; i < queued.size(); ++i) {
      for (const Way& connection : connections) EXPECT_FALSE(cross(queued[i], connection)) << i;
      for (std::size_t j = i + 1; j < queued.size(); ++j) EXPECT_FALSE(cross(queued[i], queued[j])) << i << ", " << j;
      for (const Point& point : queued[i]) EXPECT_LT(point.x, scene.size.width);
    }
  }
}

TEST(TheSharedSegment, IsJoinedToEachProcessThatHasItAttached) {
  Approach story(ServerKind::kProcessShm);
  const Pid child = story.serve();
  story.serve();
  const auto joined = [&] {
    const Scene scene = story.picture();
    expect_sound(scene, 5);
    return ways_of(scene, "attachments", "attached", 10).size();
  };
  EXPECT_EQ(joined(), 3u);
  story.happens(child, ExitCalled{0});
  EXPECT_EQ(joined(), 2u) << "a zombie has no memory";
  EXPECT_TRUE(ways_of(Approach(ServerKind::kProcess).picture(), "attachments", "attached", 10).empty());
}

}  // namespace
}  // namespace forktable::test
