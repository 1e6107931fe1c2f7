// A program that holds a session, for tests that kill it: a server, which the third argument names if it isn't
// `process`, and so many quiet clients. When all are served it prints "PORT PID SEMAPHORE SEGMENT" of the server, the
// last two -1 if it has none, and then goes on for ever.
#include <cstdio>
#include <cstdlib>

#include "core/session/session.hpp"
#include "core/world/reduce.hpp"

int main(int argc, char** argv) {
  using namespace forktable;
  const auto kind = argc == 3 ? ServerKind::kProcess : argc == 4 ? find_server(argv[3]) : std::nullopt;
  if (!kind) return 2;
  World world;
  auto session = Session::create([&](const Event& event) { reduce(world, event); });
  if (!session || !(*session)->start_server(with_server({.program = argv[1]}, *kind))) return 1;
  while ((*session)->port() == 0) (*session)->pump(std::chrono::milliseconds(100));
  const auto clients = static_cast<std::size_t>(std::atoi(argv[2]));
  for (std::size_t i = 0; i < clients; ++i) (*session)->launch_client(Behaviour::kQuiet);
  const auto waiting = [&] {
    std::size_t count = 0;
    for (const Process& process : world.processes)
      count += process.parent && process.activity.call == Call::kRead ? 1 : 0;
    return count == clients;
  };
  while (!waiting()) (*session)->pump(std::chrono::milliseconds(100));
  std::printf("%d %d %d %d\n", (*session)->port(), find_process(world, world.server)->pid,
              world.semaphore ? world.semaphore->id : -1, world.segment ? world.segment->id : -1);
  std::fflush(stdout);
  while (true) (*session)->pump(std::chrono::seconds(1));
}
