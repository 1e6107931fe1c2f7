// The circumstances of an event, for who tells of it: whose it is, what that process holds, and who else holds it.
#pragma once

#include <string>
#include <vector>

#include "core/world/world.hpp"

namespace forktable {

class Circumstances {
 protected:
  // `world` is the one that the event is about to change.
  Circumstances(const World& world, const Event& event)
      : world_(world), event_(event), process_(find_process(world, event.pid)) {}

  std::string mention() const;  // of whose event it is: "child 4243"
  std::string who() const;      // the same at the beginning of a sentence
  // What the kernel and the reports disagree about: "descriptor 4 of child 4243".
  std::string subject_of(Differs in, int number) const;

  // What its call on that descriptor works on, even if another thread has closed the descriptor.
  const OpenFile* file_at(int fd) const;
  std::string client(int fd) const;  // at the other end of it
  // One that is connected, and that nobody has accepted; nullptr: none.
  const Client* waiting_client() const;

  std::size_t zombies_of_process() const;

  // It goes on to the next client, and still holds the connection of the last one, which its child has.
  std::string kept_connection() const;
  // Who holds it beside the process that closes it now; or, with its other descriptors, that process itself.
  std::string still_held(const OpenFile& file, int closing) const;
  // The same, when the process closes all that it has.
  std::string held_by_others(const OpenFile& file) const;
  // The other threads of its process that are in a call on that descriptor.
  std::vector<const Process*> others_using(int fd) const;
  // Of a call that returns: another thread has closed its descriptor meanwhile, and this was the last reference. Empty:
  // it wasn't.
  std::string end_of_kept() const;
  // The child that a process is forking, and that nobody has named yet.
  const Process* expected_by(ProcessId parent) const;
  // After a fork: the reference count of the connection that it was for. Either side may tell first, and until then
  // the child isn't counted.
  std::string both_hold(FileId connection, bool counted) const;

  const World& world_;
  const Event& event_;
  const Process* process_;  // whose event it is; nullptr if it isn't known
};

}  // namespace forktable
