// What a lesson's clients do, begun on a session.
#pragma once

#include <vector>

#include "core/lesson/action.hpp"
#include "core/session/session.hpp"

namespace forktable {

// `clients` are those that have come so far, in the order of the lesson's; one that comes is added. False if there is
// nothing to do but wait.
bool begin(const ClientDoes& deed, Session& session, std::vector<ClientId>& clients);

}  // namespace forktable
