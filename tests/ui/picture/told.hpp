// A story in which the kernel has its say, and what its picture shows of that.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/story.hpp"
#include "tests/ui/picture/sound.hpp"
#include "ui/picture/picture.hpp"

namespace forktable::test {

constexpr std::uint32_t bit(int signal) { return 1u << (signal - 1); }

// A story in which the kernel has its say.
struct Told : Story {
  void state(Port port, Port peer, TcpState state) { happens(0, TcpStateSeen{port, peer, state}); }
  void queues(Port port, Port peer, std::uint32_t receive, std::uint32_t send) {
    happens(0, QueuesSeen{port, peer, receive, send});
  }
  // Of the latest client: the server's end and its own.
  void states(TcpState server, TcpState client) {
    state(8080, port(), server);
    state(port(), 8080, client);
  }
  void listens(std::uint32_t waiting, std::uint32_t most = 128) {
    state(8080, 0, TcpState::kListen);
    queues(8080, 0, waiting, most);
  }
  void differs(Pid pid, Differs in, int number, const char* ours, const char* kernel) {
    happens(pid, DifferenceSeen{in, number, ShortText(ours), ShortText(kernel)});
  }
  PictureRequest request(Size area = {1130, 820}) const { return {world, time, area, light_theme(), fonts()}; }
  Scene picture(Size area = {1130, 820}) const { return draw_picture(request(area)); }
};

inline std::string words_on(const Scene& scene, Subject subject) {
  const Group* card = scene.find(subject);
  EXPECT_NE(card, nullptr);
  std::string all;
  for (const Item& item : scene.items)
    if (const Text* text = std::get_if<Text>(&item.what); text != nullptr && card != nullptr && item.group == card->key)
      all += text->text + "\n";
  return all;
}

// The box behind these words, such as a chip.
inline Color color_behind(const Scene& scene, const std::string& words) {
  const Box* behind = nullptr;
  for (const Item& item : scene.items) {
    if (const Box* box = std::get_if<Box>(&item.what)) behind = box;
    if (const Text* text = std::get_if<Text>(&item.what); text != nullptr && text->text == words)
      return behind != nullptr ? behind->fill : kTransparent;
  }
  ADD_FAILURE() << words << " isn't said";
  return kTransparent;
}

inline std::vector<Box> boxes_of(const Scene& scene, Color stroke) {
  std::vector<Box> all;
  for (const Item& item : scene.items)
    if (const Box* box = std::get_if<Box>(&item.what); box != nullptr && box->stroke == stroke) all.push_back(*box);
  return all;
}

inline bool ends_with_ellipsis(const Scene& scene) { return says(scene, "…\n"); }

}  // namespace forktable::test
