#include "ui/window/model.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/event/traits.hpp"
#include "core/lesson/marks.hpp"
#include "core/program/narrate_listing.hpp"
#include "core/world/describe.hpp"
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

}  // namespace

bool narrates_io(const World& world) { return world.clients.size() <= kCompany; }

const World& Model::world() const {
  if (!focus) return live();
  return history.at(settled_step(history.events(), *focus));
}

const World* Model::world_beside() const {
  if (!has_beside()) return nullptr;
  return focus ? world_beside(*focus) : &beside.latest();
}

const World* Model::world_beside(std::uint64_t step) const {
  if (!has_beside()) return nullptr;
  const Nanoseconds moment = step > 0 ? history.events()[step - 1].at : 0;
  const auto& events = beside.events();
  const auto after = std::upper_bound(events.begin(), events.end(), moment,
                                      [](Nanoseconds at, const Event& event) { return at < event.at; });
  return &beside.at(static_cast<std::uint64_t>(after - events.begin()));
}

const Listing& Model::listing() const { return replayed ? replayed->listing : listing_of(server()); }

ServerKind Model::server() const { return find_server(live().program.view()).value_or(ServerKind::kProcess); }

Nanoseconds Model::shown_now() const {
  if (!focus) return now;
  return *focus > 0 ? history.events()[*focus - 1].at : 0;
}

void take(Model& model, std::span<const Event> events) {
  // Of many at once, only the latest are told: nobody can read the others.
  const auto comes = [](const Event& event) {
    return std::holds_alternative<ClientConnecting>(event.what) ||
           std::holds_alternative<OutsiderConnected>(event.what);
  };
  const auto more = static_cast<std::size_t>(std::count_if(events.begin(), events.end(), comes));
  const bool talk = model.live().clients.size() + more <= kCompany;
  const auto told = [&](const Event& event) {
    return is_narrated(event) && (talk || narrated_of(event.what) != Narrated::kUnlessCrowded);
  };
  const auto count = static_cast<std::size_t>(std::count_if(events.begin(), events.end(), told));
  std::size_t silent = count - std::min(count, kTold);
  for (const Event& event : events) {
    const bool tells = told(event) && (silent == 0 || (--silent, false));
    Said said;
    if (tells) said = {model.history.size() + 1, 0, narrate_listing(model.live(), event)};
    model.history.append(event);
    model.timeline.append(event, model.live());
    if (tells) {
      said.connection = connection_of(model.live(), event);
      if (model.said.size() == kTold) model.said.pop_front();
      model.said.push_back(std::move(said));
    }
    take_utterance(model, event);
  }
  if (!events.empty()) model.last_news = model.now;
}

void take_beside(Model& model, std::span<const Event> events) {
  for (const Event& event : events) {
    if (std::holds_alternative<ServerLaunched>(event.what)) model.beside = {};
    if (model.beside.size() > 0 || std::holds_alternative<ServerLaunched>(event.what)) model.beside.append(event);
  }
}

std::uint64_t told_step(const Model& model) {
  return model.timeline.told_at(model.timeline.place_of(model.focus.value_or(model.history.size())));
}

std::uint64_t shown_step(const Model& model) { return model.focus.value_or(model.history.size()); }

void go_to(Model& model, std::uint64_t step) { model.focus = std::min(step, model.history.size()); }

void go_to_told(Model& model, std::uint64_t step) {
  // The kernel's facts come after it and change nothing that is told of.
  if (model.timeline.place_of(step) >= model.timeline.places()) return go_to_end(model);
  go_to(model, step);
}

void go_to_end(Model& model) {
  model.focus.reset();
  if (!model.replayed) return;
  model.focus = model.history.size();
  if (!model.in_hand) return;
  // The lesson's last stop, if nothing is told of after it.
  const std::uint64_t stop = latest_lesson_stop(model.history.events(), *model.focus);
  if (stop > 0 && model.timeline.place_of(stop) == model.timeline.places()) model.focus = stop;
}

void go_to_first(Model& model) {
  const auto& events = model.history.events();
  const std::uint64_t last = model.in_hand ? latest_lesson_stop(events, events.size()) : 0;
  if (last > 0) {
    std::uint64_t first = 1;
    while (!is_lesson_stop(events[first - 1].what)) ++first;
    // What has just happened is not the past.
    return first == last && !model.replayed ? go_to_end(model) : go_to(model, first);
  }
  if (model.in_hand && !model.replayed) return;  // it is yet to begin
  if (model.timeline.places() > 1) return go_to(model, model.timeline.told_at(1));
  go_to_end(model);
}

bool go_by(Model& model, int by) {
  if (!model.in_hand) return go_by_told(model, by);
  const auto& events = model.history.events();
  std::uint64_t step = model.focus.value_or(by > 0 ? events.size() : latest_lesson_stop(events, events.size()));
  while (by > 0 ? step < events.size() : step > 1) {
    step += by > 0 ? 1 : ~std::uint64_t{0};
    if (!is_lesson_stop(events[step - 1].what)) continue;
    // Nothing but the future is after the last one.
    const bool last = by > 0 && latest_lesson_stop(events, events.size()) == step;
    if (last)
      go_to_end(model);
    else
      go_to(model, step);
    return true;
  }
  if (by > 0) go_to_end(model);
  return false;
}

bool go_by_told(Model& model, int by) {
  const std::uint64_t place = model.timeline.place_of(model.focus.value_or(model.history.size()));
  if (by < 0) {
    if (place > 1) go_to(model, model.timeline.told_at(place - 1));
    return place > 1;
  }
  if (!model.focus || place >= model.timeline.places()) return go_to_end(model), false;
  go_to_told(model, model.timeline.told_at(place + 1));
  return true;
}

bool is_at_end(const Model& model) {
  return !model.focus || model.timeline.place_of(*model.focus) >= model.timeline.places();
}

void go_to_moment_of(Model& model, const Model& leader) {
  if (!leader.focus) return go_to_end(model);
  const Nanoseconds moment = leader.began + leader.shown_now();
  const auto& events = model.history.events();
  const auto after = std::upper_bound(events.begin(), events.end(), moment - model.began,
                                      [](Nanoseconds at, const Event& event) { return at < event.at; });
  const auto step = static_cast<std::uint64_t>(after - events.begin());
  go_to(model, model.timeline.told_at(model.timeline.place_of(step)));
}

bool is_running(const Model& model) {
  return model.playing || (!model.replayed && !model.in_hand && !model.live().stepping);
}

Said said_of(const Model& model, std::uint64_t step) {
  if (step == 0 || step > model.history.size()) return {};
  const Event& event = model.history.events()[step - 1];
  Said said{step, 0, narrate_listing(model.history.at(step - 1), event)};
  const World& after = model.history.at(step);
  said.connection = connection_of(after, event);
  return said;
}

std::vector<Said> said_until(const Model& model, std::uint64_t step, std::size_t most) {
  std::vector<Said> all;
  const std::uint64_t last = model.timeline.place_of(step);
  for (std::uint64_t place = last > most ? last - most + 1 : 1; place <= last; ++place)
    all.push_back(said_of(model, model.timeline.told_at(place)));
  return all;
}

LessonPlace lesson_place(const Model& model) {
  if (!model.in_hand) return {};
  return lesson_place(model.history.events(), model.focus.value_or(model.history.size()));
}

const Lesson* next_lesson(const Model& model) {
  if (model.replayed || !model.in_hand || !model.lecture_place) return nullptr;
  const std::size_t next = *model.lecture_place + 1;
  return next < model.lecture.size() ? &model.lecture[next] : nullptr;
}

std::string words_at_the_last(const Model& model) {
  return fmt::format("That was the {}. R begins it again, L chooses another, Esc leaves it.",
                     model.lecture_place ? "last lesson" : "lesson");
}

void take_place_in_lecture(Model& model, const Lesson& lesson) {
  const auto& all = model.lecture;
  const auto is_it = [&](const Lesson& one) { return one.name == lesson.name && one.title == lesson.title; };
  // A lecture may have a lesson twice: it begins again, or goes on.
  const std::size_t place = model.lecture_place.value_or(all.size());
  if (place < all.size() && is_it(all[place])) return;
  if (place + 1 < all.size() && is_it(all[place + 1])) {
    ++*model.lecture_place;
    return;
  }
  const auto found = std::find_if(all.begin(), all.end(), is_it);
  if (found != all.end()) model.lecture_place = static_cast<std::size_t>(found - all.begin());
}

std::string mention_of(const Lesson& lesson) {
  const std::string title = without_marks(lesson.title);
  return lesson.number > 0 ? fmt::format("lesson {}, {}", lesson.number, title) : fmt::format("lesson {}", title);
}

std::vector<Diagnosis> shown_diagnoses(const Model& model) {
  return revealed(model.in_hand ? &model.in_hand->lesson : nullptr, lesson_place(model),
                  diagnose(model.world(), model.shown_now()));
}

bool looks_at_lesson(const Model& model) {
  if (!model.in_hand) return false;
  return !model.focus || (*model.focus > 0 && is_lesson_stop(model.history.events()[*model.focus - 1].what));
}

const Process* next_to_step(const World& live) {
  const Process* next = nullptr;
  for (const Process& process : live.processes)
    if (process.gate && !process.held && (next == nullptr || process.acted_step < next->acted_step)) next = &process;
  return next;
}

void select(Model& model, Subject subject) {
  if (model.selected == subject) return;
  model.selected = subject;
  model.transcript.clear();
  if (subject.kind != Subject::kClient) return;
  for (const Event& event : model.history.events()) take_utterance(model, event);
}

namespace {

// Those that are there, by id, and which of them is selected.
template <class T>
void select_next_of(Model& model, const std::vector<T>& all, Subject::Kind kind, int by) {
  if (all.empty()) return select(model, {});
  const auto count = static_cast<int>(all.size());
  int at = by > 0 ? -1 : count;
  if (model.selected.kind == kind)
    at = static_cast<int>(
        std::find_if(all.begin(), all.end(), [&](const T& one) { return one.id.value >= model.selected.id; }) -
        all.begin());
  at = ((at + by) % count + count) % count;
  select(model, {kind, all[static_cast<std::size_t>(at)].id.value});
}

}  // namespace

void select_next(Model& model, int by) { select_next_of(model, model.world().clients, Subject::kClient, by); }

void select_next_process(Model& model, int by) {
  select_next_of(model, model.world().processes, Subject::kProcess, by);
}

void tell(Model& model, std::string text, bool trouble) {
  // What is no trouble makes place for the next.
  std::erase_if(model.messages, [](const Message& message) { return !message.trouble; });
  model.messages.push_back({std::move(text), trouble, model.now + (trouble ? 2 : 1) * kMessageTime});
  if (model.messages.size() > 3) model.messages.erase(model.messages.begin());
}

void drop_old_messages(Model& model) {
  std::erase_if(model.messages, [&](const Message& message) { return message.until < model.now; });
}

Nanoseconds restless_until(const Model& model) {
  Nanoseconds until = model.last_news == 0 ? 0 : model.last_news + kAfterglow + kSecond / 4;
  // One that waits for end of file counts the seconds; after a minute nobody does any more.
  if (!model.focus && !model.replayed)
    for (const Client& client : model.live().clients)
      if (client.state == Client::kHalfClosed) until = std::max(until, client.since + 60 * kSecond);
  for (const Message& message : model.messages) until = std::max(until, message.until);
  return until;
}

}  // namespace forktable
