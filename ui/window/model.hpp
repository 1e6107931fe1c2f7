// What the window shows: the World, what was said about it, and what the user chose.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "core/session/live_session.hpp"
#include "core/world/narrate.hpp"
#include "core/world/world.hpp"
#include "ui/picture/scene.hpp"
#include "ui/window/settings.hpp"

namespace forktable {

// One event, told.
struct Said {
  std::uint64_t step = 0;
  std::uint32_t connection = 0;  // whose colour it has; 0: none
  Narration narration;
};

struct Message {
  std::string text;
  bool trouble = false;
  Nanoseconds until = 0;
};

// What went between a client and the server.
struct Utterance {
  bool sent = false;  // by the client; else received
  std::string text;
};

struct Model {
  World world;
  std::vector<Event> events;  // all of this session
  std::deque<Said> said;      // the latest, the oldest first
  Nanoseconds now = 0;
  Nanoseconds last_news = 0;

  Settings settings;
  Subject selected;
  std::vector<Utterance> transcript;  // of the selected client, the latest
  bool help_open = false;
  std::vector<Message> messages;
};

// In a crowd it is not told what clients and children say to each other: nobody could read the rest.
bool tells_talk(const World& world);

// Takes in what has happened.
void take(Model& model, const std::vector<Event>& events);

void select(Model& model, Subject subject);
// The next client that is there, by id; `by` is 1 or -1.
void select_next(Model& model, int by);

// A line at the lower edge, for some seconds.
void tell(Model& model, std::string text, bool trouble = false);

// Nothing moves by itself after this time: nothing fades, no message goes.
Nanoseconds restless_until(const Model& model);

}  // namespace forktable
