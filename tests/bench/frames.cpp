#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <random>

#include "tests/bench/figures.hpp"
#include "tests/bench/measurements.hpp"
#include "tests/support/headless_screen.hpp"
#include "tests/support/story.hpp"

namespace forktable::bench {

// Going to any step of a long session, and drawing it.
void measure_seeking(int rounds) {
  announce("seeking");
  const auto fonts = required(Fonts::load());
  test::HeadlessScreen screen(*fonts);
  test::Story story;
  while (story.events.size() < 100'000) story.leave(story.client());
  Model model;
  model.now = story.time;
  take(model, story.events);
  screen.draw(model);
  std::vector<double> costs;
  std::mt19937 random(1);
  for (int i = 0; i < rounds * 20; ++i) {
    const double began = cpu_seconds();
    go_to(model, random() % model.history.size());
    screen.draw(model);
    costs.push_back((cpu_seconds() - began) * 1000);
  }
  add("CPU time of a seek in 100,000 events and its frame", median(costs), "ms", 16.7, Goal::kAtMost);
  add("the same, slowest", *std::max_element(costs.begin(), costs.end()), "ms");
}

void measure_frames(int rounds) {
  announce("frames");
  const auto fonts = required(Fonts::load());
  for (const int processes : {10, 100, 1000}) {
    test::HeadlessScreen screen(*fonts);
    test::Story story;
    std::vector<Pid> children;
    for (int i = 0; i < processes; ++i) children.push_back(story.client());
    Model model;
    model.now = story.time;
    take(model, story.events);
    std::vector<double> costs;
    for (int i = 0; i < rounds * 20; ++i) {
      // Every frame has news, so that every frame is laid out anew, and everything is in motion.
      const Pid child = children[static_cast<std::size_t>(i) % children.size()];
      const std::vector<Event> news{{model.now += kMillisecond, child, 12, Read{4, 6, ShortText("hello\n")}},
                                    {model.now, child, 13, Wrote{4, 6}},
                                    {model.now, child, 12, ReadCalled{4}}};
      const double began = cpu_seconds();
      take(model, news);
      screen.draw(model);
      if (i >= 20) costs.push_back((cpu_seconds() - began) * 1000);
    }
    const bool counted = processes == 100;
    add(fmt::format("CPU time of a frame, {} processes", processes), median(costs), "ms",
        counted ? std::optional<double>(2) : std::nullopt, Goal::kAtMost);
  }
}

}  // namespace forktable::bench
