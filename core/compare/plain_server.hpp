// A server by itself: it reports to nobody, so that what is measured is what it costs. It ends with Forktable,
// however that ends, and leaves nothing behind.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/event/ids.hpp"
#include "core/event/words.hpp"
#include "core/session/semaphore_keeper.hpp"
#include "core/system/result.hpp"
#include "core/system/unique_fd.hpp"

namespace forktable {

// False: whoever waits for it has given up.
using GoOn = std::function<bool()>;

// What a job that was given up fails with.
tl::unexpected<Error> given_up();

class PlainServer {
 public:
  // On a free port of 127.0.0.1, on which it listens when this returns.
  static Result<PlainServer> start(ServerKind kind, const std::string& program, const GoOn& go_on);
  PlainServer(PlainServer&& other) noexcept;
  PlainServer& operator=(PlainServer&&) = delete;
  // Ends it, if end() hasn't: kills all its processes and waits until they are gone.
  ~PlainServer();

  Pid pid() const { return pid_; }
  Port port() const { return port_; }
  // Those that live, the server itself first, then by number.
  std::vector<Pid> processes() const;
  // Ends it. The context switches of all its processes and threads, those that had ended before too.
  long end();

 private:
  PlainServer() = default;
  Result<void> wait_until_it_listens(const GoOn& go_on);

  Pid pid_ = 0;
  Port port_ = 0;
  UniqueFd errors_;    // what it writes to standard error
  UniqueFd lifeline_;  // closing it kills all of them: see the server's reporter
  std::optional<SemaphoreKeeper> keeper_;
};

}  // namespace forktable
