// A program that holds a session, for tests that kill it: a server, and so many quiet clients. When all are
// served it prints "PORT PID" of the server, and then goes on for ever.
#include <cstdio>
#include <cstdlib>

#include "core/session/session.hpp"
#include "core/world/reduce.hpp"

int main(int argc, char** argv) {
  using namespace forktable;
  if (argc != 3) return 2;
  World world;
  auto session = Session::create([&](const Event& event) { reduce(world, event); });
  if (!session || !(*session)->start_server({.program = argv[1]})) return 1;
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
  std::printf("%d %d\n", (*session)->port(), find_process(world, world.server)->pid);
  std::fflush(stdout);
  while (true) (*session)->pump(std::chrono::seconds(1));
}
