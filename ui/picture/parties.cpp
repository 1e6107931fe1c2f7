#include "ui/picture/parties.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <limits>
#include <map>

namespace forktable {
namespace {

constexpr std::size_t kMostOver = 6;
// What is under way for less than this is normal: a zombie that is about to be reaped, a client whose end of
// file is on its way.
constexpr Nanoseconds kUnderWay = kSecond / 2;

bool differs(const World& world, const Party& party, Nanoseconds now) {
  const auto disputed = [&](auto&& about) {
    return std::any_of(world.differences.begin(), world.differences.end(), about);
  };
  // Of sockets of clients, only our own are disputed, which are known by their port.
  const Port port = party.client != nullptr && !party.client->outsider ? party.client->address.port : 0;
  if (port != 0 && disputed([&](const Difference& one) { return one.in == Differs::kSocket && one.number == port; }))
    return true;
  // A process that serves many needs no other one for each.
  bool served = !world.shape.has(Shape::kForks) && !world.shape.has(Shape::kThreads);
  for (const Process* process : party.processes) {
    served = served || process->life == Life::kAlive;
    if (process->life != Life::kReaped && disputed([&](const Difference& one) { return one.pid == process->pid; }))
      return true;
    if (process->life != Life::kAlive && process->wait_status && WIFSIGNALED(*process->wait_status)) return true;
    if (process->life == Life::kDead && now - process->ended_at > kUnderWay) return true;
    if (is_orphan(world, *process) || process->stopped) return true;
  }
  for (const Process* thread : party.threads) {
    served = served || thread->life == Life::kAlive;
    if (thread->life == Life::kDead && now - thread->ended_at > kUnderWay) return true;
    if (thread->stopped) return true;
  }
  if (party.connection != nullptr && std::count_if(party.threads.begin(), party.threads.end(),
                                                   [](const Process* one) { return one->life == Life::kAlive; }) > 1)
    return true;
  if (party.connection != nullptr && !served && now - party.connection->changed_at > kUnderWay) {
    // Its acceptor may not have got further yet.
    const Process* acceptor = find_present(world, party.connection->acceptor);
    const bool in_hand = party.connection->kept_step == 0 && acceptor != nullptr && acceptor->life == Life::kAlive &&
                         acceptor->accepted == party.connection->id;
    if (!in_hand) return true;
  }
  if (party.client == nullptr) return false;
  if (party.client->state == Client::kFailed) return true;
  return party.client->state == Client::kHalfClosed && now - party.client->since > 2 * kUnderWay;
}

// Of a child that accepts for itself, which comes before all others.
std::uint32_t place_of(const Party& party) {
  const std::uint32_t place = party.processes.empty() ? 0 : party.processes.front()->place;
  return place != 0 ? place : std::numeric_limits<std::uint32_t>::max();
}

// When the last of it ended.
Nanoseconds end_of(const Party& party) {
  Nanoseconds end = party.client != nullptr ? party.client->since : 0;
  for (const Process* process : party.processes) end = std::max(end, process->reaped_at);
  return end;
}

bool is_about(const Diagnosis& diagnosis, const Party& party) {
  const auto in_it = [&](const Process* process) { return process->id == diagnosis.process; };
  return (party.client != nullptr && diagnosis.client && party.client->id == diagnosis.client) ||
         (diagnosis.process && std::any_of(party.processes.begin(), party.processes.end(), in_it));
}

}  // namespace

const Process* server_of(const Party& party) {
  if (!party.processes.empty()) return party.processes.front();
  return party.threads.empty() ? nullptr : party.threads.front();
}

Cast gather(const World& world, Nanoseconds now, Nanoseconds afterglow) {
  Cast cast;
  cast.server = find_process(world, world.server);
  const auto references = count_references(world);
  std::map<std::uint32_t, Party> accepted;  // by number
  std::vector<Party> others;                // without a connection
  const auto party_of = [&](std::uint32_t number) -> Party& {
    if (number == 0) return others.emplace_back();
    Party& party = accepted[number];
    party.number = number;
    return party;
  };

  for (std::size_t i = 0; i < world.files.size(); ++i) {
    const OpenFile& file = world.files[i];
    switch (file.kind) {
      case FileKind::kListening: cast.listening.push_back(&file); break;
      case FileKind::kPlumbing: cast.plumbing.push_back(&file); break;
      case FileKind::kConnection: {
        Party& party = party_of(file.number);
        party.connection = &file;
        party.references = references[i];
        break;
      }
      default: cast.helpers.push_back(&file); break;
    }
  }
  for (const Process& process : world.processes)
    if (process.thread_of)
      party_of(process.connection).threads.push_back(&process);
    else if (process.id != world.server)
      party_of(process.connection).processes.push_back(&process);
  for (const Client& client : world.clients) party_of(client.connection_number).client = &client;

  // What has just ended: beside what is left of its party, or, for the latest few, alone.
  std::size_t over = 0;
  const auto recalled = [&](std::uint32_t number) -> Party* {
    const bool alone = number == 0 || !accepted.contains(number);
    if (alone && over == kMostOver) return nullptr;
    over += alone ? 1 : 0;
    return &party_of(number);
  };
  for (auto process = world.departed.rbegin(); process != world.departed.rend(); ++process) {
    if (now - process->reaped_at >= afterglow) break;
    if (process->id == world.server || process->thread_of) continue;
    if (Party* party = recalled(process->connection)) party->processes.push_back(&*process);
  }
  for (auto client = world.gone_clients.rbegin(); client != world.gone_clients.rend(); ++client) {
    if (now - client->since >= afterglow) break;
    if (Party* party = recalled(client->connection_number)) party->client = &*client;
  }

  // With its last reference, the open file: beside those whose connection it was.
  for (auto file = world.gone_files.rbegin(); file != world.gone_files.rend(); ++file) {
    if (now - file->changed_at >= afterglow) break;
    const auto party = accepted.find(file->number);
    if (file->kind == FileKind::kConnection && party != accepted.end()) party->second.gone = &*file;
    // Another one has taken its place, if there is one.
    if (file->kind == FileKind::kListening && cast.listening.empty() && cast.gone_listening == nullptr)
      cast.gone_listening = &*file;
  }

  for (auto& [number, party] : accepted) cast.parties.push_back(std::move(party));
  for (Party& party : others) cast.parties.push_back(std::move(party));
  // A child that accepts for itself keeps its row, whoever comes into it.
  std::stable_sort(cast.parties.begin(), cast.parties.end(),
                   [](const Party& a, const Party& b) { return place_of(a) < place_of(b); });
  for (Party& party : cast.parties) {
    const bool present = std::any_of(party.processes.begin(), party.processes.end(),
                                     [](const Process* process) { return process->life != Life::kReaped; });
    party.over = party.connection == nullptr && !present && party.threads.empty() &&
                 (party.client == nullptr || has_ended(*party.client));
    party.differs = differs(world, party, now);
  }
  return cast;
}

ClientId client_of(const Party& party) {
  if (party.client != nullptr) return party.client->id;
  if (party.connection != nullptr && party.connection->client) return party.connection->client;
  if (party.gone != nullptr && party.gone->client) return party.gone->client;
  return party.processes.empty() ? ClientId{} : party.processes.front()->serves;
}

bool dismiss_oldest(Cast& cast, Nanoseconds since, std::span<const Diagnosis> diagnoses, Absent& absent) {
  auto oldest = cast.parties.end();
  for (auto party = cast.parties.begin(); party != cast.parties.end(); ++party) {
    const bool failed = party->client != nullptr && party->client->state == Client::kFailed;
    if (!party->over || failed || end_of(*party) >= since) continue;
    if (std::any_of(diagnoses.begin(), diagnoses.end(), [&](const Diagnosis& one) { return is_about(one, *party); }))
      continue;
    if (oldest == cast.parties.end() || end_of(*party) < end_of(*oldest)) oldest = party;
  }
  if (oldest == cast.parties.end()) return false;
  absent.children += oldest->processes.size();
  absent.clients += oldest->client != nullptr ? 1 : 0;
  cast.parties.erase(oldest);
  return true;
}

}  // namespace forktable
