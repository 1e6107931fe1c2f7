// What an event says of itself where it is defined (fields.hpp), asked of any event.
#pragma once

#include <string_view>

#include "core/event/event.hpp"

namespace forktable {

Teller teller_of(const What& what);
Moves moves_of(const What& what);
Narrated narrated_of(const What& what);
inline bool is_narrated(const Event& event) { return narrated_of(event.what) != Narrated::kNever; }
// With the names of fields in braces: "close {fd}". Empty for none.
std::string_view mark_of(const What& what);
// The client that it tells of, or none.
ClientId client_of(const What& what);

}  // namespace forktable
