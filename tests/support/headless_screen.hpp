// The whole window without a window: ImGui draws its frames, and nobody shows them.
#pragma once

#include <imgui.h>

#include "ui/window/screen.hpp"

namespace forktable::test {

class HeadlessScreen {
 public:
  // The fonts must outlive it.
  explicit HeadlessScreen(const Fonts& fonts) : screen_(fonts) {
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.DisplaySize = {kSize.width, kSize.height};
    io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
    io.DeltaTime = 1.f / 60;
  }

  // The next frame, a sixtieth of a second later. What the user asked for in it.
  Actions draw(const Model& model) {
    const Screen::Frame frame{kSize, 1, 1, nullptr, clock_ += 1.0 / 60};
    if (screen_.prepare(model, frame)) {
      unsigned char* pixels = nullptr;
      int width = 0, height = 0;
      ImGui::GetIO().Fonts->GetTexDataAsAlpha8(&pixels, &width, &height);
    }
    ImGui::NewFrame();
    Actions wanted = screen_.draw(model, frame);
    ImGui::Render();
    return wanted;
  }

 private:
  static constexpr Size kSize{1600, 900};

  struct Context {
    Context() { ImGui::CreateContext(); }
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { ImGui::DestroyContext(); }
  };
  Context context_;
  Screen screen_;
  double clock_ = 0;
};

}  // namespace forktable::test
