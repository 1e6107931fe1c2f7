// Whether the kernel agrees with what is shown, in words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/world/world.hpp"

namespace forktable {

struct KernelVerdict {
  enum Kind : std::uint8_t {
    kNone,     // nobody has asked, or there is nothing to ask about
    kUnasked,  // something has happened since it was asked, or it may not be
    kAgrees,
    kDiffers,
  } kind = kNone;
  std::string words;                   // "The kernel agrees: 4 of 4 references, 3 of 3 sockets"
  std::vector<std::string> elsewhere;  // differences about what has no card
  std::string unchecked;               // what can't be asked here; empty: all can
};
// `live_now`: the time, where things go on. For a moment after something has happened the last agreement stands: it is
// being looked at again, and a mark that comes and goes would draw all eyes.
// `past`: it is a look back, and what the kernel says now may be something else.
KernelVerdict verdict_of(const World& world, std::optional<Nanoseconds> live_now = {}, bool past = false);

// What was compared, how, and with what result: for who wants to know more. Paragraphs.
std::vector<std::string> explain_verdict(const World& world, bool past = false);

}  // namespace forktable
