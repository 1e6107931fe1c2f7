// What both of those who foresee ask of the World: foresee.cpp, for any program, and foresee_listing.cpp.
#pragma once

#include <algorithm>
#include <string>

#include "core/event/bug.hpp"
#include "core/event/call.hpp"
#include "core/event/shape.hpp"
#include "core/world/describe.hpp"
#include "core/world/world.hpp"

namespace forktable {

class Foresight {
 protected:
  // `after` it happened.
  Foresight(const World& after, const Event& event) : world_(after), process_(find_process(after, event.pid)) {}

  bool has(Bug bug) const { return world_.bugs.has(bug); }
  bool multiplexes() const { return world_.shape.multiplexes(); }
  const OpenFile* file_at(int fd) const {
    const Descriptor* descriptor = process_ != nullptr ? find_descriptor(process_of(world_, *process_), fd) : nullptr;
    return descriptor != nullptr ? find_file(world_, descriptor->file) : nullptr;
  }
  const Client* client_at(int fd) const {
    const OpenFile* file = file_at(fd);
    return file != nullptr ? find_client(world_, file->client) : nullptr;
  }

  // A child has ended since the handler ran last.
  bool sigchld_is_pending() const {
    return process_->in_handler == 0 && !has(Bug::kNoSigchldHandler) &&
           std::any_of(world_.processes.begin(), world_.processes.end(), [&](const Process& one) {
             return one.parent == process_->id && one.life == Life::kDead && one.ended_at > process_->handled_at;
           });
  }

  // "child 2 reads again", without the full stop; empty if it is no more.
  std::string does(const std::string& what) const {
    return process_ != nullptr && process_->life == Life::kAlive ? mention_of(*process_) + " " + what : "";
  }

  const World& world_;
  const Process* process_;  // whose event it is; null: nobody's
};

}  // namespace forktable
