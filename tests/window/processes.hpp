// What the kernel says of the processes behind a window.
#pragma once

#include <string>
#include <vector>

namespace forktable::test {

// The processes of the server that Forktable `forktable` runs, its own first.
std::vector<int> server_processes(int forktable);
// The one of them that runs this program: "xclip", "process-server". 0 if there is none.
int process_of(int forktable, const std::string& program);
// Where it listens; 0 if it doesn't.
int listening_port(int pid);
// What it and its threads have used of a processor, in hundredths of a second: see proc(5).
long processor_time(int pid);

}  // namespace forktable::test
