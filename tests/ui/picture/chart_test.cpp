// What each server costs, drawn.
#include "ui/picture/chart.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/compare/costs.hpp"
#include "tests/ui/picture/sound.hpp"

namespace forktable::test {
namespace {

constexpr std::string_view kCharted[] = {"memory_per_client_kib", "first_byte_ms", "connections_per_second",
                                         "context_switches_per_connection"};

std::vector<Rect> bars_of(const Scene& scene) {
  // What is filled and no key and no answer: it begins where its column's bars begin.
  std::vector<Rect> bars;
  for (const Item& item : scene.items)
    if (const Box* box = std::get_if<Box>(&item.what); box != nullptr && box->radius == 3) bars.push_back(box->rect);
  return bars;
}

TEST(Chart, NothingOverlapsWithAnyNumberOfServersAndClients) {
  const std::vector<std::vector<int>> clients = {{1}, {1000}, {1, 10, 100}, {1, 10, 100, 1000}, {1, 2, 4, 8, 16, 1000}};
  for (std::size_t servers = 1; servers <= 7; ++servers)
    for (const auto& counts : clients) {
      SCOPED_TRACE(servers * 10 + counts.size());
      const CostTable table = some_costs(servers, counts);
      for (const Theme* theme : {&slide_theme(), &dark_theme()})
        expect_sound(draw_chart({table, *theme, fonts()}), servers * counts.size() <= 21 ? 17 : 9);
    }
}

TEST(Chart, OfTheFiveServersThatAreComparedHasNoTypeBelowElevenPointsOnASlide) {
  const CostTable table = some_costs();
  expect_sound(draw_chart({table, slide_theme(), fonts()}), 22);
}

TEST(Chart, HasEveryFigureAndTheReasonForThoseThatAreMissing) {
  const CostTable table = some_costs(7);
  const Scene scene = draw_chart({table, slide_theme(), fonts()});
  for (const ServerCosts& costs : table.servers) {
    EXPECT_TRUE(says(scene, std::string(name_of(costs.kind)))) << name_of(costs.kind);
    for (const CostsAt& at : costs.at)
      for (const FigureKind& kind : kFigureKinds) {
        if (std::find(std::begin(kCharted), std::end(kCharted), kind.key) == std::end(kCharted)) continue;
        const Figure& figure = at.*kind.of;
        EXPECT_TRUE(says(scene, figure.value ? shown(figure) : figure.reason)) << kind.key;
      }
  }
  EXPECT_FALSE(says(scene, "…")) << "and nothing is shortened";
}

TEST(Chart, TellsWhatIsSharedInWords) {
  const CostTable table = some_costs(3);
  const std::string words = words_of(draw_chart({table, slide_theme(), fonts()}));
  const auto times = [&](const std::string& word) {
    int count = 0;
    for (std::size_t at = words.find("\n" + word + "\n"); at != words.npos; at = words.find("\n" + word + "\n", at + 1))
      ++count;
    return count;
  };
  EXPECT_EQ(times("yes"), 6);
  EXPECT_EQ(times("no"), 2);
  EXPECT_EQ(times("?"), 1);
}

TEST(Chart, DrawsBarsAsLongAsTheirFiguresAre) {
  CostTable table = some_costs(2, {1});
  for (const FigureKind& kind : kFigureKinds) {
    (table.servers[0].at[0].*kind.of).value = 4;
    (table.servers[1].at[0].*kind.of).value = 1;
  }
  table.servers[1].at[0].memory_per_client.value = 0;
  const auto bars = bars_of(draw_chart({table, slide_theme(), fonts()}));
  ASSERT_EQ(bars.size(), 7u) << "nothing has no bar";
  for (std::size_t i = 1; i < 4; ++i) EXPECT_NEAR(bars[i].width, 4 * bars[i + 3].width, 0.5f);
}

}  // namespace
}  // namespace forktable::test
