#include "ui/picture/motion.hpp"

#include <algorithm>
#include <unordered_map>

#include "core/event/event.hpp"

namespace forktable {
namespace {

float mix(float a, float b, float t) { return a + (b - a) * t; }
Point mix(Point a, Point b, float t) { return {mix(a.x, b.x, t), mix(a.y, b.y, t)}; }
Rect mix(Rect a, Rect b, float t) {
  return {mix(a.x, b.x, t), mix(a.y, b.y, t), mix(a.width, b.width, t), mix(a.height, b.height, t)};
}
Color mix(Color a, Color b, float t) {
  // What can't be seen has no colour to come from.
  if (a.alpha == 0) a = b.faded(0);
  if (b.alpha == 0) b = a.faded(0);
  const auto channel = [t](std::uint8_t from, std::uint8_t to) {
    return static_cast<std::uint8_t>(mix(from, to, t) + 0.5f);
  };
  return {channel(a.red, b.red), channel(a.green, b.green), channel(a.blue, b.blue), channel(a.alpha, b.alpha)};
}

// `to` on its way from `from`; words, faces and dashes are those of `to` at once.
void come_from(const Box& from, Box& to, float t) {
  to.rect = mix(from.rect, to.rect, t);
  to.radius = mix(from.radius, to.radius, t);
  to.fill = mix(from.fill, to.fill, t);
  to.stroke = mix(from.stroke, to.stroke, t);
  to.stroke_width = mix(from.stroke_width, to.stroke_width, t);
}
void come_from(const Text& from, Text& to, float t) {
  to.at = mix(from.at, to.at, t);
  to.size = mix(from.size, to.size, t);
  to.color = mix(from.color, to.color, t);
}
void come_from(const Arrow& from, Arrow& to, float t) {
  to.from = mix(from.from, to.from, t);
  to.to = mix(from.to, to.to, t);
  to.color = mix(from.color, to.color, t);
}
void come_from(const Line& from, Line& to, float t) {
  if (from.points.size() == to.points.size())
    for (std::size_t i = 0; i < to.points.size(); ++i) to.points[i] = mix(from.points[i], to.points[i], t);
  to.color = mix(from.color, to.color, t);
}

void fade(Item& item, float by) {
  std::visit(Overloaded{[by](Box& box) {
                          box.fill = box.fill.faded(by);
                          box.stroke = box.stroke.faded(by);
                        },
                        [by](auto& other) { other.color = other.color.faded(by); }},
             item.what);
}

void shift(Item& item, Point by) {
  const auto point = [by](Point& p) { p = {p.x + by.x, p.y + by.y}; };
  std::visit(Overloaded{[&](Box& box) {
                          box.rect.x += by.x;
                          box.rect.y += by.y;
                        },
                        [&](Text& text) { point(text.at); },
                        [&](Arrow& arrow) {
                          point(arrow.from);
                          point(arrow.to);
                        },
                        [&](Line& line) { std::for_each(line.points.begin(), line.points.end(), point); }},
             item.what);
}

}  // namespace

float eased(float progress) {
  const float t = std::clamp(progress, 0.f, 1.f);
  return t * t * (3 - 2 * t);
}

Scene blend(const Scene& from, const Scene& to, float progress) {
  if (progress >= 1) return to;
  std::unordered_map<Key, const Item*> before;
  before.reserve(from.items.size());
  for (const Item& item : from.items) before.emplace(item.key, &item);
  std::unordered_map<Key, const Group*> cards_before;
  for (const Group& group : from.groups) cards_before.emplace(group.key, &group);
  // How far a new card is from where it comes out.
  std::unordered_map<Key, Point> births;
  for (const Group& group : to.groups) {
    if (cards_before.count(group.key) != 0) continue;
    const auto parent = cards_before.find(group.born_from);
    if (parent != cards_before.end())
      births[group.key] = {parent->second->rect.x - group.rect.x, parent->second->rect.y - group.rect.y};
  }

  Scene scene;
  scene.size = to.size;
  scene.groups = to.groups;
  scene.items.reserve(to.items.size() + 16);
  std::vector<Item> present;
  present.reserve(to.items.size());
  for (const Item& item : to.items) {
    Item& moved = present.emplace_back(item);
    const auto old = before.find(item.key);
    if (old != before.end() && old->second->what.index() == item.what.index()) {
      std::visit([&]<class T>(T& what) { come_from(std::get<T>(old->second->what), what, progress); }, moved.what);
    } else {
      fade(moved, progress);
      if (const auto birth = births.find(item.group); birth != births.end())
        shift(moved, {birth->second.x * (1 - progress), birth->second.y * (1 - progress)});
    }
    if (old != before.end()) before.erase(old);
  }
  // Those who are leaving, beneath those who stay, in the order in which they were painted.
  for (const Item& item : from.items)
    if (before.count(item.key) != 0) fade(scene.items.emplace_back(item), 1 - progress);
  scene.items.insert(scene.items.end(), std::make_move_iterator(present.begin()),
                     std::make_move_iterator(present.end()));
  return scene;
}

}  // namespace forktable
