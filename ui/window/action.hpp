// What a user can ask for in the window. Panels and keys return these; only the window carries them out.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/event/event.hpp"
#include "ui/picture/scene.hpp"

namespace forktable {

struct StartServer {
  Port port;
};  // 0: any free one; a server that runs is stopped first
struct StopServer {};
struct LaunchClients {
  int count;
};
struct SendLine {
  ClientId client;
  std::string line;
};
struct HalfCloseClient {
  ClientId client;
};
struct CloseClient {
  ClientId client;
};
struct ResetClient {
  ClientId client;
};
struct SendSignal {
  Pid pid;
  int signal;
};
struct Select {
  Subject subject;
};
struct SelectNext {
  int by;
};                        // the next or the previous client
struct SavePicture {};    // of the diagram, as a slide
struct SaveWindow {};     // as it is
struct SaveRecording {};  // of all that has happened
struct ChooseBehaviour {
  Behaviour behaviour;
};
struct ToggleTheme {};
struct ToggleMotion {};
struct TogglePlumbing {};
struct ToggleLog {};
struct ToggleHelp {};
struct ToggleFullScreen {};
struct ChangeScale {
  int by;
};                // steps; 0: back to normal, the zoom of the picture too
struct Leave {};  // the innermost thing that is open
struct Quit {};

using Action =
    std::variant<StartServer, StopServer, LaunchClients, SendLine, HalfCloseClient, CloseClient, ResetClient,
                 SendSignal, Select, SelectNext, SavePicture, SaveWindow, SaveRecording, ChooseBehaviour, ToggleTheme,
                 ToggleMotion, TogglePlumbing, ToggleLog, ToggleHelp, ToggleFullScreen, ChangeScale, Leave, Quit>;
using Actions = std::vector<Action>;

}  // namespace forktable
