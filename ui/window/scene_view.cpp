#include "ui/window/scene_view.hpp"

namespace forktable {

void show(const PanelContext& context, const Scene& scene, const View& view) {
  paint(scene, view, *ImGui::GetWindowDrawList(), context.pen.glyphs, context.pen.texture, context.pen.pixels_per_unit);
}

Subject under_mouse(const Scene& scene, const View& view) {
  if (!ImGui::IsWindowHovered() || ImGui::IsAnyItemHovered()) return {};
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  const Subject subject = scene.at({(mouse.x - view.origin.x) / view.zoom, (mouse.y - view.origin.y) / view.zoom});
  if (subject) ImGui::SetMouseCursor(ImGuiMouseCursor_Hand);
  return subject;
}

void click(const PanelContext& context, Subject subject) {
  switch (subject.kind) {
    case Subject::kLaunch: return context.actions.push_back(LaunchClients{1});
    case Subject::kStep: return context.actions.push_back(GoToStep{subject.id});
    case Subject::kStepProcess: return context.actions.push_back(StepProcess{ProcessId{subject.id}});
    case Subject::kNone:
    case Subject::kProcess:
    case Subject::kFile:
    case Subject::kClient:
    case Subject::kDescriptor:
    case Subject::kKernel: return context.actions.push_back(Select{subject});
  }
}

}  // namespace forktable
