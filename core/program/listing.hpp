// The listing of a server: its own source text, as it was compiled, from its first function on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/event/bug.hpp"
#include "core/event/words.hpp"
#include "core/system/result.hpp"

namespace forktable {

struct ListingLine {
  unsigned number = 0;        // in the source file, from 1
  std::string text;           // without the switch that stands before it
  std::optional<Bug> unless;  // left out when this bug is switched on
  std::optional<Bug> when;    // only there when it is
};
// Whether the line does anything, with those bugs switched on.
bool is_switched_off(const ListingLine& line, Bugs bugs);

struct Listing {
  std::string
      file;  // "process_server.cpp"; "inetd_server.cpp, cat.cpp": the second begins at its comment, "// cat: ..."
  std::vector<ListingLine> lines;
};

const Listing& listing_of(ServerKind server);
// By its name, as on the command line. Empty for one that is not known.
const Listing& listing_of(std::string_view server);

// What can be switched off or on in it, in the order of Bug.
std::vector<Bug> switches_of(const Listing& listing);
// An error that names the first that is no switch of this server, and those that are.
Result<void> check_switches(ServerKind server, Bugs bugs);

// Of a source text; for tests.
std::vector<ListingLine> parse_listing(std::string_view source);

}  // namespace forktable
