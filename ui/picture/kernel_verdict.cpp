#include "ui/picture/kernel_verdict.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/world/describe.hpp"

namespace forktable {
namespace {

constexpr Nanoseconds kPatience = 300 * kMillisecond;

bool all_agree(const KernelChecked& check) {
  return check.references_agreeing == check.references && check.sockets_agreeing == check.sockets;
}

std::string figures_of(const KernelChecked& check) {
  const bool agree = all_agree(check);
  return fmt::format("{} of {}{}, {} of {}", check.references_agreeing,
                     plural(check.references, "reference", "references"), agree ? "" : " agree", check.sockets_agreeing,
                     plural(check.sockets, "socket", "sockets"));
}

bool has_card(const World& world, const Difference& one) {
  if (one.in != Differs::kSocket) return find_process(world, one.pid) != nullptr;
  return std::any_of(world.files.begin(), world.files.end(),
                     [&](const OpenFile& file) { return file.port == one.number; }) ||
         std::any_of(world.clients.begin(), world.clients.end(),
                     [&](const Client& client) { return !client.outsider && client.address.port == one.number; });
}

std::string whole_words(const Difference& one) {
  switch (one.in) {
    case Differs::kSocket: return fmt::format("Port {}: {}", one.number, words_of(one));
    case Differs::kDescriptor: return fmt::format("Descriptor {} of {}: {}", one.number, one.pid, words_of(one));
    case Differs::kWatched: return fmt::format("Descriptor {} in epoll of {}: {}", one.number, one.pid, words_of(one));
    case Differs::kSegment: return fmt::format("Segment {}: {}", one.number, words_of(one));
    case Differs::kSemaphore: return fmt::format("Semaphore {}: {}", one.number, words_of(one));
    case Differs::kProcess:
    case Differs::kCall:
    case Differs::kMask: break;
  }
  return fmt::format("Process {}: {}", one.pid, words_of(one));
}

std::string aspects_of(std::uint32_t denied) {
  std::string all;
  for (std::size_t i = 0; i < std::size(kAspectNames); ++i)
    if ((denied >> i & 1u) != 0) all += (all.empty() ? "" : ", ") + meaning_of(static_cast<Aspect>(i));
  return all;
}

}  // namespace

KernelVerdict verdict_of(const World& world, std::optional<Nanoseconds> live_now, bool past) {
  KernelVerdict verdict;
  const bool asked = world.check || world.denied != 0 || !world.differences.empty();
  if (world.processes.empty() || !asked) return verdict;
  if (world.denied != 0)
    verdict.unchecked = fmt::format("Not checked here: {} (forktable doctor says why)", aspects_of(world.denied));
  if (!world.differences.empty()) {
    verdict.kind = KernelVerdict::kDiffers;
    const bool figures = is_checked(world) && !all_agree(*world.check);
    verdict.words =
        (past ? "The kernel disagreed then: " : "The kernel disagrees: ") +
        (figures ? figures_of(*world.check) : plural(world.differences.size(), "difference", "differences"));
    for (const Difference& one : world.differences)
      if (!has_card(world, one)) verdict.elsewhere.push_back(whole_words(one));
  } else if (world.denied != 0 && world.check && world.check->references == 0) {
    verdict.kind = KernelVerdict::kUnasked;
    verdict.words = "The kernel could not be asked about any reference";
  } else if (world.check && all_agree(*world.check) &&
             (is_checked(world) || (live_now && *live_now - world.moved_at < kPatience))) {
    // Agreement about a part is no agreement.
    verdict.kind = world.denied == 0 ? KernelVerdict::kAgrees : KernelVerdict::kUnasked;
    verdict.words = world.denied != 0
                        ? "Compared with the kernel in part only: " + figures_of(*world.check)
                        : (past ? "The kernel agreed then: " : "The kernel agrees: ") + figures_of(*world.check);
  } else {
    verdict.kind = KernelVerdict::kUnasked;
    verdict.words = live_now ? "Not yet compared with the kernel" : "Not compared with the kernel at this step";
  }
  return verdict;
}

std::vector<std::string> explain_verdict(const World& world, bool past) {
  const KernelVerdict verdict = verdict_of(world, {}, past);
  if (verdict.kind == KernelVerdict::kNone)
    return {"The kernel was not asked: no server runs, or the recording is older."};
  std::vector<std::string> all{verdict.words + "."};
  for (const Difference& one : world.differences)
    all.push_back(fmt::format("{}, since step {}.", whole_words(one), one.step));
  if (!verdict.unchecked.empty()) all.push_back(verdict.unchecked + ".");
  all.push_back(
      "The picture is drawn from what the server's processes report. Whenever they rest, the kernel is asked whether "
      "it "
      "is so.");
  all.push_back(
      "A reference agrees when that descriptor of that process is open and refers to the same open file as the others "
      "drawn to it: /proc/PID/fd, and kcmp(2) where the inode doesn't tell.");
  all.push_back(
      "A socket agrees when there is one with these ports: sock_diag(7), where the TCP states and the queues come "
      "from, "
      "too. /proc/PID tells which processes live, and in which call each waits.");
  return all;
}

}  // namespace forktable
