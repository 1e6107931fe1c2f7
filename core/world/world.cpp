#include "core/world/world.hpp"

#include <algorithm>
#include <cstddef>

#include "core/world/limits.hpp"

namespace forktable {
namespace {

// In a vector sorted by id.
template <class T, class I>
const T* find_by_id(const std::vector<T>& all, I id) {
  const auto at = std::lower_bound(all.begin(), all.end(), id, [](const T& one, I wanted) { return one.id < wanted; });
  return at != all.end() && at->id == id ? &*at : nullptr;
}

template <class T, class I>
const T* find_latest(const std::vector<T>& all, I id) {
  const auto at = std::find_if(all.rbegin(), all.rend(), [&](const T& one) { return one.id == id; });
  return at != all.rend() ? &*at : nullptr;
}

}  // namespace

const Process* find_process(const World& world, ProcessId id) {
  const Process* process = find_by_id(world.processes, id);
  return process != nullptr ? process : find_latest(world.departed, id);
}

const Process* find_process(const World& world, Pid pid) {
  const auto at = std::lower_bound(world.by_pid.begin(), world.by_pid.end(), std::pair{pid, ProcessId{}});
  return at != world.by_pid.end() && at->first == pid ? find_by_id(world.processes, at->second) : nullptr;
}

const Process* find_present(const World& world, ProcessId id) { return find_by_id(world.processes, id); }

const Process& process_of(const World& world, const Process& thread) {
  const Process* process = thread.thread_of ? find_process(world, thread.thread_of) : &thread;
  return process != nullptr ? *process : thread;
}

std::vector<const Process*> threads_of(const World& world, const Process& process) {
  std::vector<const Process*> threads;
  for (const Process& one : world.processes)
    if (one.thread_of == process.id) threads.push_back(&one);
  return threads;
}

bool is_attached(const World& world, const Process& process) {
  return world.segment && process.life == Life::kAlive && !process.thread_of && process.id >= world.server;
}

std::uint32_t count_attached(const World& world) {
  return static_cast<std::uint32_t>(std::count_if(world.processes.begin(), world.processes.end(),
                                                  [&](const auto& one) { return is_attached(world, one); }));
}

const OpenFile* find_file(const World& world, FileId id) { return find_by_id(world.files, id); }

const OpenFile* find_gone_file(const World& world, FileId id) { return find_latest(world.gone_files, id); }

const Client* find_client(const World& world, ClientId id) {
  const Client* client = find_by_id(world.clients, id);
  return client != nullptr ? client : find_latest(world.gone_clients, id);
}

bool is_reset(const World& world, const OpenFile& connection) {
  const Client* client = connection.client ? find_client(world, connection.client) : nullptr;
  // By what it has received, and not by which was told first, the write or the close.
  return client != nullptr && !client->outsider && client->state == Client::kClosed &&
         connection.written > client->received;
}

std::vector<std::uint32_t> count_references(const World& world) {
  std::vector<std::uint32_t> counts(world.files.size());
  if (counts.empty()) return counts;
  const std::uint32_t lowest = world.files.front().id.value, span = world.files.back().id.value - lowest + 1;
  if (span / 8 > counts.size()) {  // an old one is left, of millions
    const auto count = [&](FileId id) {
      if (const OpenFile* file = find_file(world, id)) ++counts[static_cast<std::size_t>(file - world.files.data())];
    };
    for (const Process& process : world.processes) {
      for (const Descriptor& descriptor : process.descriptors) count(descriptor.file);
      if (process.keeps) count(process.keeps);
    }
    return counts;
  }
  // By id: a search for each descriptor takes ten times as long.
  std::vector<std::uint32_t> by_id(span);
  const auto count = [&](FileId id) {
    if (const std::uint32_t place = id.value - lowest; place < span) ++by_id[place];
  };
  for (const Process& process : world.processes) {
    for (const Descriptor& descriptor : process.descriptors) count(descriptor.file);
    if (process.keeps) count(process.keeps);
  }
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = by_id[world.files[i].id.value - lowest];
  return counts;
}

std::uint32_t count_references(const World& world, FileId file) {
  std::uint32_t count = 0;
  for (const Process& process : world.processes) {
    for (const Descriptor& descriptor : process.descriptors) count += descriptor.file == file ? 1 : 0;
    count += process.keeps == file ? 1 : 0;
  }
  return count;
}

const Descriptor* find_descriptor(const Process& process, int fd) {
  const auto at = std::lower_bound(process.descriptors.begin(), process.descriptors.end(), fd,
                                   [](const Descriptor& one, int wanted) { return one.fd < wanted; });
  return at != process.descriptors.end() && at->fd == fd ? &*at : nullptr;
}

bool holds(const Process& process, FileId file) {
  return std::any_of(process.descriptors.begin(), process.descriptors.end(),
                     [&](const Descriptor& one) { return one.file == file; });
}

bool uses(const Process& process, int fd) {
  return is_blocked(process) && has_trait(process.activity.call, CallTraits::kDescriptor) &&
         process.activity.fd == fd && !process.keeps;
}

std::vector<const Process*> keepers_of(const World& world, FileId file) {
  std::vector<const Process*> keepers;
  for (const Process& process : world.processes)
    if (file && process.keeps == file) keepers.push_back(&process);
  return keepers;
}

bool is_idle(const Process& process) { return process.place != 0 && !holds(process, process.accepted); }

std::optional<Socket> find_socket(const World& world, SocketEnd end) {
  for (auto file = world.files.rbegin(); file != world.files.rend(); ++file)
    if (is_socket(file->kind) && end_of(*file) == end) return file->socket;
  if (end.peer.port == 0) return std::nullopt;
  const auto client_at = [&](Address wanted) -> const Client* {
    const auto is_there = [&](const Client& client) { return client.address == wanted; };
    const auto living = std::find_if(world.clients.rbegin(), world.clients.rend(), is_there);
    if (living != world.clients.rend()) return &*living;
    const auto followed = static_cast<std::ptrdiff_t>(std::min(kMostFollowed, world.gone_clients.size()));
    const auto last = world.gone_clients.rbegin() + followed;
    const auto gone = std::find_if(world.gone_clients.rbegin(), last, is_there);
    return gone != last ? &*gone : nullptr;
  };
  if (const Client* client = client_at(end.local)) return client->socket;
  if (const Client* client = client_at(end.peer)) return Socket{client->left};
  return std::nullopt;
}

namespace {

template <class T>
std::size_t bytes_of(const std::vector<T>& all) {
  return all.size() * sizeof(T);
}
std::size_t bytes_of(const Process& process) {
  return bytes_of(process.descriptors) + bytes_of(process.closed) + bytes_of(process.watched) +
         bytes_of(process.ready) + bytes_of(process.jobs);
}

}  // namespace

std::size_t bytes_of(const World& world) {
  std::size_t bytes = sizeof world + bytes_of(world.processes) + bytes_of(world.departed) + bytes_of(world.files) +
                      bytes_of(world.gone_files) + bytes_of(world.clients) + bytes_of(world.gone_clients) +
                      bytes_of(world.expected) + bytes_of(world.anomalies) + bytes_of(world.differences) +
                      bytes_of(world.by_pid);
  for (const Process& process : world.processes) bytes += bytes_of(process);
  for (const ExpectedChild& expected : world.expected) bytes += bytes_of(expected.child);
  return bytes;
}

std::size_t present_in(const World& world) {
  std::size_t present = world.processes.size() + world.files.size() + world.clients.size();
  for (const Process& process : world.processes) present += process.descriptors.size() + process.watched.size();
  return present;
}

bool takes_too_long(const World& world) { return world.work > kMostWork + world.step * kMostWorkForEach; }

Nanoseconds lesson_clock(const World& world) {
  return (world.lesson_rests != 0 ? world.lesson_rests : world.now) - world.lesson_rested;
}

std::optional<Nanoseconds> waited(const World& world, const Client& client) {
  if (client.asked_at == 0) return std::nullopt;
  return std::max<Nanoseconds>(0,
                               (client.answered_at != 0 ? client.answered_at : lesson_clock(world)) - client.asked_at);
}

bool is_checked(const World& world) { return world.check && world.check_step > world.moved_step; }

const Difference* find_difference(const World& world, Differs in, Pid pid, int number) {
  for (const Difference& one : world.differences)
    if (one.in == in && one.pid == pid && one.number == number) return &one;
  return nullptr;
}

bool is_orphan(const World& world, const Process& process) {
  if (process.life != Life::kAlive || !process.parent || process.thread_of) return false;
  const Process* parent = find_present(world, process.parent);
  return parent == nullptr || parent->life != Life::kAlive;
}

bool is_blocked(const Process& process) {
  return process.life == Life::kAlive && !process.gate && process.in_handler == 0 &&
         process.activity.kind == Activity::kInCall && process.activity.call != Call::kExec;
}

bool is_polling(const Process& process) {
  return is_blocked(process) && has_trait(process.activity.call, CallTraits::kMany);
}

bool is_asleep(const Process& process) {
  return is_blocked(process) && has_trait(process.activity.call, CallTraits::kSleeps);
}

}  // namespace forktable
