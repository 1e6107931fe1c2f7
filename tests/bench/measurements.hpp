// What is measured: a function and a file for each, called by bench.cpp. Each adds its figures; more rounds make them
// steadier.
#pragma once

namespace forktable::bench {

// What reporting costs the server, in connections per second.
void measure_connections(int rounds, int connections);
// What asking the kernel takes, and costs the server.
void measure_kernel(int rounds, int connections);
// How fast reports become a World.
void measure_reduce(int rounds);
// The CPU time of frames: of what is new, and of any moment of a long session.
void measure_frames(int rounds);
void measure_seeking(int rounds);
// What `forktable export` takes.
void measure_exports(int rounds);
// A recording of a run with so many clients is opened, and looked at anywhere.
void measure_recordings(int rounds, int clients);
// The program as a whole. Needs a display; says so if there is none.
void measure_program(int rounds, int connections);

}  // namespace forktable::bench
