// What holds for every Scene.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "tests/ui/loaded_fonts.hpp"
#include "ui/picture/scene.hpp"

namespace forktable::test {

inline std::string words_of(const Scene& scene) {
  std::string all;
  for (const Item& item : scene.items)
    if (const Text* text = std::get_if<Text>(&item.what)) all += text->text + "\n";
  return all;
}

inline bool says(const Scene& scene, const std::string& words) {
  return words_of(scene).find(words) != std::string::npos;
}

inline Rect bounds_of(const Text& text) {
  const float width = fonts().width(text);
  const float left = text.at.x - (text.align == Align::kCenter ? width / 2 : text.align == Align::kRight ? width : 0);
  return {left, text.at.y - text.size * 0.75f, width, text.size * 0.95f};
}

constexpr float kLargestMarkBox = 40;

inline bool overlap(const Rect& a, const Rect& b) {
  constexpr float kTouching = 0.6f;
  return a.x + kTouching < b.right() && b.x + kTouching < a.right() && a.y + kTouching < b.bottom() &&
         b.y + kTouching < a.bottom();
}

// A place to click within a card.
inline bool is_within(const Rect& inner, const Rect& outer) {
  return inner.x >= outer.x && inner.y >= outer.y && inner.right() <= outer.right() && inner.bottom() <= outer.bottom();
}

// Nothing overlaps, nothing is cut off, no type is smaller than that.
inline void expect_sound(const Scene& scene, float smallest_type) {
  std::set<Key> places;
  for (std::size_t i = 0; i < scene.groups.size(); ++i) {
    EXPECT_TRUE(places.insert(scene.groups[i].key).second) << "two cards with one key";
    const Rect& card = scene.groups[i].rect;
    EXPECT_GE(card.x, 0);
    EXPECT_GE(card.y, 0);
    EXPECT_LE(card.right(), scene.size.width + 0.5f);
    EXPECT_LE(card.bottom(), scene.size.height + 0.5f);
    for (std::size_t j = i + 1; j < scene.groups.size(); ++j)
      EXPECT_TRUE(!overlap(card, scene.groups[j].rect) || is_within(scene.groups[j].rect, card))
          << "cards " << i << " and " << j;
  }
  std::map<Key, Rect> cards;
  for (const Group& group : scene.groups) cards[group.key] = group.rect;
  std::vector<std::pair<Rect, std::string>> texts;
  std::set<Key> keys;
  for (const Item& item : scene.items) {
    EXPECT_TRUE(keys.insert(item.key).second) << "two items with one key";
    const Text* text = std::get_if<Text>(&item.what);
    if (text == nullptr) continue;
    EXPECT_GE(text->size, smallest_type) << text->text;
    const Rect bounds = bounds_of(*text);
    EXPECT_LE(bounds.right(), scene.size.width + 1) << text->text;
    EXPECT_LE(bounds.bottom(), scene.size.height + 1) << text->text;
    if (const auto card = cards.find(item.group); card != cards.end()) {
      EXPECT_GE(bounds.x, card->second.x) << text->text;
      EXPECT_LE(bounds.right(), card->second.right()) << text->text;
      EXPECT_GE(bounds.y, card->second.y - 1) << text->text;
      EXPECT_LE(bounds.bottom(), card->second.bottom()) << text->text;
    }
    texts.emplace_back(bounds, text->text);
  }
  if (texts.size() > 2500) return;  // a comparison of each with each
  // A small mark on a card stands beside a text, or has it within itself.
  for (const Item& item : scene.items) {
    const Box* box = std::get_if<Box>(&item.what);
    if (box == nullptr || !cards.contains(item.group) || box->rect.width > kLargestMarkBox ||
        box->rect.height > kLargestMarkBox)
      continue;
    for (const auto& [bounds, text] : texts)
      EXPECT_FALSE(overlap(bounds, box->rect) && (bounds.x < box->rect.x || bounds.right() > box->rect.right()))
          << "a mark over " << text;
  }
  for (std::size_t i = 0; i < texts.size(); ++i)
    for (std::size_t j = i + 1; j < texts.size(); ++j)
      EXPECT_FALSE(overlap(texts[i].first, texts[j].first)) << texts[i].second << " over " << texts[j].second;
}

}  // namespace forktable::test
