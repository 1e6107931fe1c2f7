// Asks the kernel again and again whether it agrees with what the server and the clients have told, and tells what it
// says: as events, like everything else.
//
// It keeps a World of its own, so that it knows what has been told. A difference is told when two looks in a row have
// found it, for a process may have done something that it hasn't reported yet.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "core/kernel/compare.hpp"
#include "core/kernel/probe.hpp"

namespace forktable {

class KernelWatch {
 public:
  using Tell = std::function<void(Pid, const What&)>;
  // Of a client in the accept queue that nobody has told of.
  using Meet = std::function<void(Address)>;
  KernelWatch(Tell tell, Meet meet) : tell_(std::move(tell)), meet_(std::move(meet)) {}

  // Every event of the session, in its order.
  void note(const Event& event);

  // When to look next; nothing if there is nothing to look at. CLOCK_MONOTONIC, as all times here.
  std::optional<Nanoseconds> due() const;
  // `catch_up` has to note() all that has been reported by then. Takes at most a tenth of the time, in the long
  // run.
  void look(const std::function<void()>& catch_up);

  // Nothing has happened since a look that told all.
  bool is_current() const { return is_checked(world_); }
  // No client's FIN is on its way: the kernel takes some 40 ms to acknowledge one, where nothing else is sent.
  bool is_acknowledged() const;
  // Times that it was due, whether or not there was anything to ask: at least 80 ms apart while nothing moves, and
  // 250 while nobody is connected either.
  std::uint64_t looks() const { return looks_; }
  std::uint64_t complete_looks() const { return complete_looks_; }
  std::uint64_t references_compared() const { return references_compared_; }

 private:
  // Of what there is; and of what has ended, while the kernel remembers it.
  std::vector<SocketEnd> present_ends() const;
  std::vector<SocketEnd> ends() const;
  std::vector<SocketEnd> changing_ends(Nanoseconds now);
  void forget_some(Nanoseconds now);
  bool is_still(Nanoseconds now);
  std::vector<Address> list_waiting(const KernelFacts& facts, bool all);
  void meet_unknown(const std::vector<Address>& waiting, Nanoseconds listed_at) const;
  void tell_processes(const KernelFacts& facts) const;
  bool is_held(SocketEnd end, const KernelFacts& facts) const;
  void tell_sockets(const KernelFacts& facts);
  void tell_shared(const KernelFacts& facts) const;
  void tell_differences(Comparison& comparison, const KernelFacts& facts);
  // False: something was refused, and has to be asked again.
  bool tell_denied(const KernelFacts& facts) const;
  void tell_limit(const KernelFacts& facts) const;

  Tell tell_;
  Meet meet_;
  World world_;
  Probe probe_;
  std::vector<Difference> suspected_;  // by the latest look
  KernelFacts facts_;                  // of the latest look
  bool asks_all_again_ = true;         // at the next look
  Nanoseconds all_at_ = 0;             // when all sockets were asked about last
  Nanoseconds anew_at_ = 0;            // when some processes were asked anew, by pid, up to this one
  Pid anew_until_ = 0;
  std::map<SocketEnd, Nanoseconds> waiting_since_;  // in TIME_WAIT
  Nanoseconds next_look_ = 0;
  Nanoseconds earliest_look_ = 0;  // so as not to cost more than its share
  bool idle_ = false;              // nobody is connected, all wait, no socket goes soon: what comes next will be told
  bool stepped_ = false;           // a step is complete: it is worth more than that
  Nanoseconds looked_until_ = 0;
  std::optional<std::uint64_t> settled_at_;  // the step after a look that found all as it had been told
  std::uint32_t queued_ = 0;                 // connections in the accept queue, by the latest look
  int hurried_ = 0;                          // looks in a row that came early
  std::uint64_t looks_ = 0, complete_looks_ = 0, references_compared_ = 0;
};

}  // namespace forktable
