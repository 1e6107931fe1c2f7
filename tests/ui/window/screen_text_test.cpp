// What stands on the screen to be read is what was drawn, and was neither clipped away nor painted over.
#include "ui/window/screen_text.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "ui/window/scene_painter.hpp"
#include "ui/window/style.hpp"

namespace forktable::test {
namespace {

constexpr ImU32 kInk = IM_COL32(0, 0, 0, 255), kPaper = IM_COL32(255, 255, 255, 255),
                kVeil = IM_COL32(255, 255, 255, 200);

class AFrame : public ::testing::Test {
 protected:
  AFrame() {
    ImGui::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.DisplaySize = {800, 600};
    style = make_style(*fonts, 1);
    unsigned char* pixels = nullptr;
    int width = 0, height = 0;
    io.Fonts->GetTexDataAsAlpha8(&pixels, &width, &height);
    ImGui::NewFrame();
  }
  ~AFrame() override { ImGui::DestroyContext(); }

  ImDrawList& list() { return *ImGui::GetForegroundDrawList(); }
  void paint_text(Point at, const char* text, Face face = Face::kRegular, float spacing = 0, float size = 12.5f) {
    Scene scene;
    scene.items.push_back({1, 0, Text{at, text, face, size, Color::rgb(0), Align::kLeft, spacing}});
    paint(scene, {{0, 0}, 1}, list(), glyphs, kGlyphs, 1);
  }
  // The words with a space between them, and a bar between texts.
  std::string read() {
    ImGui::Render();
    std::string all;
    int line = 1;
    for (const ScreenWord& word : words = read_screen(*ImGui::GetDrawData(), glyphs, kGlyphs)) {
      if (!all.empty()) all += word.line == line ? " " : "|";
      line = word.line;
      all += word.text;
    }
    return all;
  }

  const ImTextureID kGlyphs = reinterpret_cast<ImTextureID>(std::uintptr_t{1});
  const std::unique_ptr<Fonts> fonts = Fonts::load().value();
  GlyphCache glyphs{*fonts};
  Style style;
  std::vector<ScreenWord> words;
};

TEST_F(AFrame, IsReadAsItWasDrawnByImGuiAndByThePicture) {
  ImGui::PushFont(style.text);
  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize({400, 200});  // or its first frame would only measure it
  ImGui::Begin("panel", nullptr, ImGuiWindowFlags_NoDecoration);
  ImGui::TextUnformatted("Good morning, 127.0.0.1:8080 → “Öl”");
  ImGui::Button("+ Client");
  ImGui::End();
  ImGui::PopFont();
  paint_text({300, 300}, "blocked in accept(3) … ✓", Face::kMono);
  paint_text({300, 330}, "PROCESSES, WIDE", Face::kBold, 1.5f);
  EXPECT_EQ(read(), "Good morning, 127.0.0.1:8080 → “Öl”|+ Client|blocked in accept(3) … ✓|PROCESSES, WIDE");
}

TEST_F(AFrame, IsReadInSmallTypeWhereverItsPixelsAre) {
  std::string expected;
  for (int i = 0; i < 10; ++i) {
    paint_text({100 + 0.1f * static_cast<float>(i), 20 + 20 * static_cast<float>(i)}, "OPEN FILE TABLE (one)",
               Face::kBold, 0.9f, 7);
    expected += std::string(i == 0 ? "" : "|") + "OPEN FILE TABLE (one)";
  }
  EXPECT_EQ(read(), expected);
}

TEST_F(AFrame, TellsWhereEachWordStands) {
  paint_text({100, 200}, "one two");
  read();
  ASSERT_EQ(words.size(), 2u);
  const Rect first = words[0].rect, second = words[1].rect;
  EXPECT_NEAR(first.x, 100, 2);
  EXPECT_NEAR(first.bottom(), 200, 2) << "it stands on its baseline";
  EXPECT_GT(second.x, first.right());
  EXPECT_NEAR(second.right(), 100 + fonts->width(Face::kRegular, 12.5f, "one two"), 2);
}

TEST_F(AFrame, LeavesOutWhatIsClippedAway) {
  list().PushClipRect({0, 0}, {100, 600});
  paint_text({60, 100}, "half of it stays");
  paint_text({200, 100}, "all of it goes");
  list().PopClipRect();
  paint_text({-500, 100}, "beside the window");
  const std::string said = read();
  EXPECT_TRUE(said.starts_with("half")) << said;
  EXPECT_FALSE(said.ends_with("stays")) << said;
  EXPECT_EQ(said.find("goes"), std::string::npos) << said;
  EXPECT_EQ(said.find("window"), std::string::npos) << said;
}

TEST_F(AFrame, LeavesOutWhatIsPaintedOver) {
  paint_text({100, 100}, "under a card");
  paint_text({100, 200}, "beside it");
  list().AddRectFilled({90, 80}, {300, 120}, kPaper, 8);
  paint_text({100, 110}, "on the card");
  EXPECT_EQ(read(), "beside it|on the card");
}

TEST_F(AFrame, KeepsWhatIsSeenThroughAVeilOrStandsOnACard) {
  list().AddRectFilled({90, 80}, {300, 120}, kPaper, 8);
  paint_text({100, 100}, "on a card");
  list().AddRectFilled({0, 0}, {800, 600}, kVeil);
  list().AddLine({0, 97}, {800, 97}, kInk, 2);  // struck out
  EXPECT_EQ(read(), "on a card");
}

TEST_F(AFrame, LeavesOutWhatHasNoColour) {
  list().AddText({100, 100}, IM_COL32(0, 0, 0, 0), "unseen");
  list().AddText({100, 200}, kInk, "seen");
  EXPECT_EQ(read(), "seen");
}

}  // namespace
}  // namespace forktable::test
