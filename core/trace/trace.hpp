// A recording for other tools: the Trace Event Format, which ui.perfetto.dev and chrome://tracing open.
#pragma once

#include <string>
#include <vector>

#include "core/event/event.hpp"
#include "core/system/result.hpp"

namespace forktable {

// JSON, UTF-8 whatever names and messages hold; the same events give the same bytes.
//
// A track for each process and each client, in the order in which they began. A process has its track for itself,
// whoever had its pid before. On it: its life; where it was blocked (and in which call), at a gate, stopped, in fork,
// in a signal handler, a zombie; and what it did, as instants. Each has the step of the recording, the line of the
// listing and the sentence that is told of it. Each fork is a flow to the child. Each open file is a counter of its
// references, and where the kernel said something else than the reports stands on a track of its own.
//
// Times are microseconds since the first event.
//
// References are counted at each step that may change them: more than kMostTraced (limits.hpp) is an error, which says
// from which step on; `first_line` is the recording's, 0 if there is none.
Result<std::string> trace_of(const std::vector<Event>& events, std::size_t first_line = 0);

}  // namespace forktable
