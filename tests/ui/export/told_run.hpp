// A lesson that was held, told event by event, and its handout.
#pragma once

#include "tests/support/story.hpp"
#include "tests/ui/loaded_fonts.hpp"
#include "ui/export/html.hpp"

namespace forktable::test {

// Two clients come and go. `said`: what the first client says.
struct ToldRun {
  explicit ToldRun(std::string_view said = "hello\n") {
    const Pid child = story.client();
    story.happens(0, ClientSent{{1}, static_cast<std::uint32_t>(said.size()), ShortText(said)});
    story.client();
    story.leave(child);
  }

  DeckRequest deck() const {
    DeckRequest request{story.events, nullptr, slide_theme(), fonts()};
    request.last = story.events.size();
    return request;
  }
  std::vector<Page> pages() const {
    std::vector<Page> pages;
    for_each_page(
        deck(), [](std::uint64_t) { return true; },
        [&](const Page& page) {
          pages.push_back(page);
          return true;
        });
    return pages;
  }
  std::string handout(const std::string& title = "Two clients") const {
    Handout handout({title, "told", listing, story.events, slide_theme(), fonts()});
    for (const Page& page : pages()) handout.add(page);
    return handout.finish();
  }

  Story story;
  Listing listing = listing_of("process");
};

}  // namespace forktable::test
