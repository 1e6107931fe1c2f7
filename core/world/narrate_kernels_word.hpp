// A part of narrate(): what the kernel says when it is asked.
#pragma once

#include <fmt/format.h>

#include <string>

#include "core/world/circumstances.hpp"
#include "core/world/describe.hpp"
#include "core/world/narrate.hpp"

namespace forktable {

class NarrateKernelsWord : Circumstances {
 public:
  NarrateKernelsWord(const World& world, const Event& event) : Circumstances(world, event) {}

  Narration operator()(const StopSeen& what) const {
    if (what.traced != 0) return {fmt::format("A debugger holds {}.", mention()), "It runs when the debugger lets it."};
    return {fmt::format("{} is stopped, says the kernel.", who()),
            "It doesn't run until it gets SIGCONT. What is sent to it waits, and so does who waits for it."};
  }
  Narration operator()(const ContinueSeen&) const { return {fmt::format("{} is no longer stopped.", who()), {}}; }
  Narration operator()(const SignalsSeen& what) const {
    if (what.pending == 0) return {fmt::format("No signal is pending for {}.", mention()), {}};
    return {fmt::format("Pending for {}: {}.", mention(), names_of_signals(what.pending)),
            "A pending signal is one bit: however often it is sent in the meantime, it is delivered once."};
  }
  Narration operator()(const EndingSeen& what) const {
    return {fmt::format("{} was {}, says the kernel.", who(), ending_of(what.status)),
            "It keeps that for the parent, which can ask for it with waitpid."};
  }
  Narration operator()(const TcpStateSeen& what) const {
    const std::string which = what.peer.port == 0
                                  ? fmt::format("The socket that listens on port {}", what.local.port)
                                  : fmt::format("The socket {} → {}", words_of(what.local), words_of(what.peer));
    if (what.state == TcpState::kGone) return {which + " is gone.", {}};
    return {fmt::format("{} is in state {}.", which, name_of(what.state)), meaning_of(what.state)};
  }
  Narration operator()(const QueuesSeen& what) const {
    if (what.peer.port == 0)
      return {fmt::format("{} for accept, of at most {}.", plural(what.receive, "connection waits", "connections wait"),
                          what.send),
              {}};
    return {fmt::format("The socket {} → {}: {} to be read, {} not acknowledged.", words_of(what.local),
                        words_of(what.peer), plural(what.receive, "byte", "bytes"), plural(what.send, "byte", "bytes")),
            {}};
  }
  Narration operator()(const KernelChecked& what) const {
    const bool all = what.references_agreeing == what.references && what.sockets_agreeing == what.sockets;
    // Differences are told before it.
    if (all && !world_.differences.empty())
      return {fmt::format("The kernel disagrees: {}.", plural(world_.differences.size(), "difference", "differences")),
              {}};
    return {fmt::format("The kernel {}: {} of {} references{}, {} of {} sockets.", all ? "agrees" : "disagrees",
                        what.references_agreeing, what.references, all ? "" : " agree", what.sockets_agreeing,
                        what.sockets),
            {}};
  }
  Narration operator()(const CheckDenied& what) const {
    return {fmt::format("This machine doesn't let Forktable check: {}.", meaning_of(what.aspect)),
            "What is shown of it is what was reported. “forktable doctor” says how to allow it."};
  }
  Narration operator()(const DifferenceSeen& what) const {
    return {fmt::format("The kernel disagrees about {}: reported {}, in the kernel {}.",
                        subject_of(what.in, what.number), printable(what.ours.view()), printable(what.kernel.view())),
            "Something happened that no report told of: another program may have had its hand in it."};
  }
  Narration operator()(const DifferenceGone& what) const {
    return {fmt::format("The kernel agrees again about {}.", subject_of(what.in, what.number)), {}};
  }
};

}  // namespace forktable
