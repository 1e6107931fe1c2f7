// What reduce() does to a World, in its own terms: processes appear, die and depart; descriptors are installed and
// released, and with the last one its open file goes; clients come, are joined with their connection, and end.
//
// This is where tables stay sorted and references consistent. Which event does what is reduce()'s to say.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/event/event.hpp"
#include "core/world/limits.hpp"
#include "core/world/world.hpp"

namespace forktable {

class Bookkeeping {
 protected:
  Bookkeeping(World& world, const Event& event) : world_(world), event_(event) {}

  // By id, in a table that is sorted by it; its end if there is none.
  template <class T, class I>
  static typename std::vector<T>::iterator position(std::vector<T>& all, I id) {
    const auto at =
        std::lower_bound(all.begin(), all.end(), id, [](const T& one, I wanted) { return one.id < wanted; });
    return at != all.end() && at->id == id ? at : all.end();
  }
  // The same; nullptr if there is none.
  template <class T, class I>
  static T* find(std::vector<T>& all, I id) {
    const auto at = position(all, id);
    return at != all.end() ? &*at : nullptr;
  }
  // Keeps the latest; forgets in batches, so that forgetting costs next to nothing for each.
  template <class T>
  static void remember(std::vector<T>& past, T one) {
    if (past.size() >= 2 * kRemembered)
      past.erase(past.begin(), past.begin() + static_cast<std::ptrdiff_t>(kRemembered));
    past.push_back(std::move(one));
  }

  // ---- World::work ----

  // An entry of a table was looked at: of one that is large, a cache line was fetched.
  static constexpr std::size_t kLook = 64;
  template <class T>
  void looked_at(std::size_t entries) {
    world_.work += entries * std::min(sizeof(T), kLook);
  }
  // Entries were moved, or copied.
  template <class T>
  void moved(std::size_t entries) {
    world_.work += entries * sizeof(T);
  }
  // std::find_if, counted.
  template <class Iterator, class Is>
  Iterator look_for(Iterator begin, Iterator end, Is is) {
    const Iterator found = std::find_if(begin, end, is);
    looked_at<std::iter_value_t<Iterator>>(static_cast<std::size_t>(found - begin));
    return found;
  }
  // Of a vector, counted: what comes after it moves.
  template <class T>
  void erase(std::vector<T>& all, typename std::vector<T>::iterator at) {
    moved<T>(static_cast<std::size_t>(all.end() - at));
    all.erase(at);
  }
  template <class T>
  typename std::vector<T>::iterator insert(std::vector<T>& all, typename std::vector<T>::iterator at, T one) {
    moved<T>(static_cast<std::size_t>(all.end() - at));
    return all.insert(at, std::move(one));
  }

  // Something that can't be: kept, for the user to see.
  void anomaly(std::string text);

  // ---- limits: whether there may be more; else there is an anomaly ----

  bool has_room_for_process();
  bool has_room_for_descriptors(std::size_t more);
  bool has_room_for_file(FileKind kind);

  // ---- processes ----

  // The process whose event this is, alive; else there is an anomaly.
  Process* present();
  // The same, which has done something itself, and so is past its gate.
  Process* actor();
  // The same, now in a call, or past it.
  Process* enter_call(Call call, int fd);
  Process* finish_call();
  // It has returned, in this event.
  void note_return(Process& process, Call call, int fd, std::int64_t result, int error = 0) const;
  Process* find_by_pid(Pid pid);
  // Whose descriptors and variables a thread uses: process_of().
  Process& process_of(Process& thread);
  void add(Process process);

  // A fork or a pthread_create that was called and whose child or thread nobody has named yet.
  using Expected = std::vector<ExpectedChild>::iterator;
  // The fork that a process is in. It is never in more than one.
  Expected fork_of(ProcessId parent);
  Expected find_expected(ProcessId parent, std::uint32_t fork);
  Expected find_expected_thread(ProcessId process, std::uint32_t create);
  bool knows_child(ProcessId parent, std::uint32_t fork);
  // It has a name now.
  Process* appear(Expected expected, Pid pid);
  // fork(2) failed: there will be no child.
  void abandon(Expected expected);
  void abandon_all();

  // A zombie from now on, and its descriptors are closed. Its threads depart with it.
  void die(Process& process);
  // Out of the kernel's process table. `process` is no more when this returns.
  void depart(Process& process, std::optional<int> wait_status);

  // The server is seen to do that. What was known of it beforehand stays as it is.
  void observe(Shape::Trait trait);

  // ---- open files ----

  OpenFile& open_file(FileKind kind);
  void install(Process& process, int fd, FileId file);
  // It has closed it, or execve has: to be called before it is taken out of the table.
  void note_closed(Process& process, const Descriptor& descriptor, bool by_exec);
  // Why its reference count is what it is now.
  void mark(FileId id, Change change);
  // One reference less. The last one takes the open file with it.
  void release(FileId id, Change change);
  void drop_if_unreferenced(FileId id);
  // The same for all that a table held, in one pass over the others.
  void drop_if_unreferenced(const std::vector<Descriptor>& held);
  // Its call has returned, or it has ended: it keeps no open file any more.
  void let_go(Process& process, Change change = Change::kReturned);

  // ---- clients ----

  void add(Client client);
  // Whose connection accept returned. A client may have gone while it waited in the queue. The latest at that
  // address, as the kernel uses ports again; and none from before this server.
  Client* caller_at(Address address);
  static void join(Client& client, OpenFile& file);
  Client* find_gone(ClientId id);
  // One that hasn't ended; else there is an anomaly.
  Client* living(ClientId id);
  // The client at the other end of a descriptor, if Forktable didn't make it.
  Client* outsider_at(const Process& process, int fd);
  // What its call on that descriptor works on; none: it isn't open.
  OpenFile* file_at(const Process& process, int fd);
  OpenFile* fifo_at(const Process& process, int fd);  // none: it is something else
  void move_on(Client& client, Client::State state);
  // `client` is no more when this returns.
  void end(Client& client, Client::State state);
  // It has ended, and is out of the table: it is remembered.
  void leave(Client past);
  // If no socket listens any more: with the last one, the kernel resets what waits for accept.
  void end_outsiders_in_queue();
  // The latest that calls from there, or has called and is followed still.
  Client* find_followed_at(Address address);

  // ---- what the kernel says ----

  // An end of a connection that has a descriptor or a client; nullptr if it has neither (any more).
  Socket* find_socket(SocketEnd end);
  void settle_difference(Differs in, Pid pid, int number);

  World& world_;
  const Event& event_;

 private:
  Process* step(Activity activity);
  void close(const OpenFile& file);
};

}  // namespace forktable
