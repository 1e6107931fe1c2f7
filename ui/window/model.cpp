#include "ui/window/model.hpp"

#include <algorithm>

#include "core/world/describe.hpp"
#include "core/world/reduce.hpp"
#include "ui/picture/parties.hpp"

namespace forktable {
namespace {

constexpr std::size_t kCompany = 12;      // clients, of which one can follow each
constexpr std::size_t kTold = 80;         // sentences kept
constexpr std::size_t kTranscript = 100;  // lines kept
constexpr Nanoseconds kMessageTime = 6 * kSecond;

std::uint32_t connection_of(const World& world, const Event& event) {
  if (const Process* process = find_process(world, event.pid)) {
    // The server deals with one connection at a time, and with none while it waits or reaps.
    const bool deals = process->parent || std::holds_alternative<Accepted>(event.what) ||
                       std::holds_alternative<ForkCalled>(event.what) || std::holds_alternative<Forked>(event.what) ||
                       std::holds_alternative<Closed>(event.what);
    return deals ? process->connection : 0;
  }
  ClientId id;
  std::visit(
      [&](const auto& what) {
        if constexpr (requires { what.client; }) id = what.client;
      },
      event.what);
  const Client* client = find_client(world, id);
  return client != nullptr ? client->connection_number : 0;
}

void take_utterance(Model& model, const Event& event) {
  const auto add = [&](ClientId client, bool sent, const ShortText& text, std::uint32_t bytes) {
    if (model.selected != Subject{Subject::kClient, client.value}) return;
    std::string line = first_line(text.view());
    if (bytes > text.length) line += "… (" + std::to_string(bytes) + " bytes)";
    if (model.transcript.size() == kTranscript) model.transcript.erase(model.transcript.begin());
    model.transcript.push_back({sent, std::move(line)});
  };
  if (const auto* sent = std::get_if<ClientSent>(&event.what)) add(sent->client, true, sent->text, sent->bytes);
  if (const auto* received = std::get_if<ClientReceived>(&event.what))
    add(received->client, false, received->text, received->bytes);
}

// What goes on all the time while clients talk.
bool is_talk(const What& what) {
  return std::holds_alternative<ReadCalled>(what) || std::holds_alternative<Read>(what) ||
         std::holds_alternative<WriteCalled>(what) || std::holds_alternative<Wrote>(what) ||
         std::holds_alternative<ClientSent>(what) || std::holds_alternative<ClientReceived>(what);
}

}  // namespace

bool tells_talk(const World& world) { return world.clients.size() <= kCompany; }

void take(Model& model, const std::vector<Event>& events) {
  // Of many at once, only the latest are told: nobody can read the others.
  const bool talk = tells_talk(model.world);
  const auto is_told = [&](const Event& event) {
    return !std::holds_alternative<PlumbingOpened>(event.what) && (talk || !is_talk(event.what));
  };
  const auto told = static_cast<std::size_t>(std::count_if(events.begin(), events.end(), is_told));
  std::size_t silent = told - std::min(told, kTold);
  for (const Event& event : events) {
    if (is_told(event) && silent > 0) {
      --silent;
      reduce(model.world, event);
    } else if (is_told(event)) {
      Said said{model.world.step + 1, 0, narrate(model.world, event)};
      reduce(model.world, event);
      said.connection = connection_of(model.world, event);
      if (model.said.size() == kTold) model.said.pop_front();
      model.said.push_back(std::move(said));
    } else {
      reduce(model.world, event);
    }
    take_utterance(model, event);
  }
  model.events.insert(model.events.end(), events.begin(), events.end());
  if (!events.empty()) model.last_news = model.now;
}

void select(Model& model, Subject subject) {
  if (model.selected == subject) return;
  model.selected = subject;
  model.transcript.clear();
  if (subject.kind != Subject::kClient) return;
  for (const Event& event : model.events) take_utterance(model, event);
}

void select_next(Model& model, int by) {
  const std::vector<Client>& clients = model.world.clients;
  if (clients.empty()) return select(model, {});
  const auto count = static_cast<int>(clients.size());
  int at = by > 0 ? -1 : count;
  if (model.selected.kind == Subject::kClient)
    at = static_cast<int>(std::lower_bound(clients.begin(), clients.end(), ClientId{model.selected.id},
                                           [](const Client& one, ClientId id) { return one.id < id; }) -
                          clients.begin());
  at = ((at + by) % count + count) % count;
  select(model, {Subject::kClient, clients[static_cast<std::size_t>(at)].id.value});
}

void tell(Model& model, std::string text, bool trouble) {
  model.messages.push_back({std::move(text), trouble, model.now + (trouble ? 2 : 1) * kMessageTime});
  if (model.messages.size() > 3) model.messages.erase(model.messages.begin());
}

Nanoseconds restless_until(const Model& model) {
  Nanoseconds until = model.last_news == 0 ? 0 : model.last_news + kAfterglow + kSecond / 4;
  for (const Message& message : model.messages) until = std::max(until, message.until);
  return until;
}

}  // namespace forktable
