// A call that failed: what that means, and what to do about it.
#pragma once

#include <string>

#include "core/world/world.hpp"

namespace forktable {

// In sentences; empty where the name of the error says enough. `process` is whose call it was, null if it isn't known.
std::string meaning_of(const CallFailed& failed, const Process* process);

// Of a server that has exited with a status other than 0: the call that failed before, why, and what to do about it; in
// one line without a full stop. Empty: it is alive, was killed, or nothing has failed.
std::string why_it_gave_up(const World& world);

}  // namespace forktable
