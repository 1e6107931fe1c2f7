#include "ui/picture/scene.hpp"

#include "core/event/event.hpp"

namespace forktable {

Subject Scene::at(Point place) const {
  for (auto group = groups.rbegin(); group != groups.rend(); ++group)
    if (group->subject && group->rect.contains(place)) return group->subject;
  return {};
}

const Group* Scene::find(const Subject& subject) const {
  for (const Group& group : groups)
    if (group.subject == subject) return &group;
  return nullptr;
}

void transform(Scene& scene, float scale, Point offset) {
  const auto point = [&](Point& p) { p = {p.x * scale + offset.x, p.y * scale + offset.y}; };
  const auto rect = [&](Rect& r) {
    r = {r.x * scale + offset.x, r.y * scale + offset.y, r.width * scale, r.height * scale};
  };
  for (Item& item : scene.items)
    std::visit(Overloaded{[&](Box& box) {
                            rect(box.rect);
                            box.radius *= scale;
                            box.stroke_width *= scale;
                          },
                          [&](Text& text) {
                            point(text.at);
                            text.size *= scale;
                            text.spacing *= scale;
                          },
                          [&](Arrow& arrow) {
                            point(arrow.from);
                            point(arrow.to);
                            arrow.width *= scale;
                          },
                          [&](Line& line) {
                            for (Point& p : line.points) point(p);
                            line.width *= scale;
                          }},
               item.what);
  for (Group& group : scene.groups) rect(group.rect);
}

}  // namespace forktable
