// Which server is to be started, and how.
#pragma once

#include <string>

#include "core/event/address.hpp"
#include "core/event/bug.hpp"
#include "core/event/words.hpp"

namespace forktable {

struct ServerSetup {
  ServerKind kind = ServerKind::kProcess;
  std::string program;       // path of the server's executable
  Port port = 0;             // 0: any free one
  int descriptor_limit = 0;  // RLIMIT_NOFILE for the server; 0: as it is
  int children_limit = 0;    // how many children it may have at the same time; 0: no limit of its own
  Bugs bugs = {};            // switched on from the beginning
  bool stepping = false;     // its processes wait at their gates from the beginning
};

// The same for another of the servers, whose program is beside that of this one.
ServerSetup with_server(ServerSetup setup, ServerKind kind);

// Where the installation keeps that server: beside this program's own file, ../libexec/forktable/. Empty where
// nobody knows: see installation_folder().
std::string installed_server(ServerKind kind);

}  // namespace forktable
