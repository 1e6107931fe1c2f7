// What the whole window does from one frame to the next.
#include "ui/window/screen.hpp"

#include <gtest/gtest.h>

#include "tests/support/headless_screen.hpp"
#include "tests/support/story.hpp"

namespace forktable::test {
namespace {

// A server with two clients, the first of which has half-closed and can send no more.
class AScreen : public ::testing::Test {
 protected:
  AScreen() {
    Story story;
    story.client();
    story.client();
    story.happens(0, ClientHalfClosed{{1}});
    model.now = story.time;
    take(model, story.events);
    draw();
  }
  void draw() {
    for (int frame = 0; frame < 5; ++frame) {
      screen.draw(model);
      model.open_menu.clear();
    }
  }
  void select_client(std::uint32_t number) { select(model, {Subject::kClient, number}); }
  static bool a_menu_is_open() { return ImGui::IsPopupOpen(nullptr, ImGuiPopupFlags_AnyPopup); }

  const std::unique_ptr<Fonts> fonts = Fonts::load().value();
  HeadlessScreen screen{*fonts};
  Model model;
};

TEST_F(AScreen, KeepsAMenuOpenWhileTheNextClientIsSelected) {
  select_client(1);
  draw();
  model.open_menu = "server";
  draw();
  select_client(2);
  draw();
  EXPECT_TRUE(a_menu_is_open());
}

TEST_F(AScreen, HasTheFieldForTheNextLineReadyWhenAClientIsSelectedThatCanTalk) {
  select_client(1);
  draw();
  EXPECT_FALSE(ImGui::GetIO().WantTextInput);
  select_client(2);
  draw();
  EXPECT_TRUE(ImGui::GetIO().WantTextInput);
}

}  // namespace
}  // namespace forktable::test
