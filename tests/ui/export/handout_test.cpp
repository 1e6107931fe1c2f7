#include <gtest/gtest.h>

#include "tests/compare/costs.hpp"
#include "tests/support/text.hpp"
#include "tests/ui/export/told_run.hpp"
#include "ui/picture/chart.hpp"

namespace forktable::test {
namespace {

TEST(Handout, OfTheSameRunIsTheSame) { EXPECT_EQ(ToldRun().handout(), ToldRun().handout()); }

TEST(Handout, TakesAFewKilobytesAStep) {
  const ToldRun run;
  const std::vector<Page> pages = run.pages();
  Handout one({"a", "b", run.listing, run.story.events, slide_theme(), fonts()});
  one.add(pages[0]);
  const std::size_t all = run.handout().size(), fixed = one.finish().size();
  EXPECT_LT((all - fixed) / (pages.size() - 1), 3000u) << all << ", of which " << fixed << " for the first page";
  EXPECT_LT(fixed, 100'000u);
}

TEST(Handout, NamesNoPlaceElsewhereAndForbidsAllThatIsNotInIt) {
  std::string html = ToldRun().handout();
  EXPECT_TRUE(contains(html, "default-src 'none'; script-src 'sha256-"));
  EXPECT_FALSE(contains(html, "unsafe-eval"));
  for (const std::string name : {"http://www.w3.org/2000/svg", "http://www.w3.org/XML/1998/namespace"})
    for (std::size_t at = 0; (at = html.find(name)) != std::string::npos;) html.erase(at, name.size());
  EXPECT_FALSE(contains(html, "http:"));
  EXPECT_FALSE(contains(html, "https:"));
  EXPECT_FALSE(contains(html, "innerHTML"));
}

TEST(Handout, HoldsNoByteThatIsNoText) {
  ToldRun run(std::string_view("</script>\0\x01\xFF", 12));
  run.listing.lines[0].text = "\x02\x1B[31m\xC3";
  std::string html = run.handout("\x03<title>\x7F");
  for (const char c : html) EXPECT_TRUE(static_cast<unsigned char>(c) >= ' ' || c == '\n') << int(c);
  std::string_view rest = html;
  std::size_t scripts = 0;
  for (; rest.find("<script") != std::string_view::npos; ++scripts) rest.remove_prefix(rest.find("<script") + 1);
  EXPECT_EQ(scripts, 2u) << "the data and the program";
}

TEST(Handout, GivesAChartAViewOfItsOwnAndNoPictureRoomForIt) {
  const ToldRun run;
  const CostTable costs = some_costs();
  Page page = run.pages()[0];
  Handout handout({"a", "b", run.listing, run.story.events, slide_theme(), fonts()});
  handout.add(page);
  const auto views = [](const std::string& html) { return html.substr(html.find("\"views\":")); };
  const std::string before = views(handout.finish());
  page.chart = true;
  page.picture = draw_chart({costs, slide_theme(), fonts()});
  handout.add(page);
  const std::string html = handout.finish();
  EXPECT_TRUE(contains(html, "\"view\":\"0 0 1920 1080\""));
  EXPECT_EQ(views(html).substr(0, 60), before.substr(0, 60));
}

TEST(Handout, OfNothingIsStillAPage) {
  const Listing none;
  const std::vector<Event> events;
  const Handout handout({"nothing", "", none, events, slide_theme(), fonts()});
  EXPECT_TRUE(contains(handout.finish(), "<title>nothing</title>"));
}

}  // namespace
}  // namespace forktable::test
