// What a lesson allows: its captions are true only while nobody but the lesson moves its server and clients.
#pragma once

#include <span>
#include <string>

#include "ui/window/action.hpp"
#include "ui/window/model.hpp"

namespace forktable {

// It would make a lesson's captions untrue.
bool disturbs(const Action& action);
// What somebody else did to the lesson's server, in words; empty: nothing. `world` is the one before the event.
std::string disturbance(const World& world, const Event& event);

// Takes in what has happened: all at once, so that of a storm only the latest is told; but while a lesson is being
// given, event by event, as each may be a disturbance.
void take_in(Model& model, std::span<const Event> events);

// What the user means by it: in the list of lessons, the keys that go through time choose; and a lesson that is over or
// can't go on doesn't run, but begins again.
Action meant_by(const Action& action, const Model& model);

}  // namespace forktable
