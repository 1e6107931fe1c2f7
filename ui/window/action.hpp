// What a user can ask for in the window. Panels and keys return these; only the window carries them out.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/event/event.hpp"
#include "ui/picture/scene.hpp"
#include "ui/window/export_choice.hpp"

namespace forktable {

struct StartServer {
  Port port;
};  // 0: any free one; a server that runs is stopped first
struct StopServer {};
struct LaunchClients {
  int count;
};
struct LaunchScenario {};  // three clients: one is quiet, and two say hello and leave
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
struct SignalProcess {
  Pid pid;
  int signal;
};
// What can be done to the client or the process that is selected, by a key.
struct DoToSelected {
  enum What { kHalfClose, kClose, kReset, kKill, kTerminate } what;
};
struct Select {
  Subject subject;
};
struct SelectNext {
  int by;
};  // the next or the previous client
// -- in time --
struct NextStep {};  // in what has happened; at its end, one more
struct PreviousStep {};
struct FirstStep {};
struct LastStep {};
struct GoToStep {
  std::uint64_t step;
};  // an event
struct StepProcess {
  ProcessId process;
};                       // it takes the next step of all
struct StepSelected {};  // the process that is selected does
struct RunOrPause {};
struct ChangeSpeed {
  int by;
};  // steps: slower, faster
struct SetSpeed {
  int speed;
};  // an index into kSpeeds
struct HoldProcess {
  ProcessId process;
};  // holds it, or lets it go
struct HoldSelected {};
struct ZoomTimeline {
  int by;
};  // steps; what is looked at stays in view
struct ViewTimeline {
  std::uint64_t first;
  float zoom;
};                        // as in TimelineRequest
struct GoToDiagnosis {};  // to where the first thing that is wrong began
struct SelectNextProcess {
  int by;
};
// -- what the server does wrong, and lessons about it --
struct ToggleBug {
  Bug bug;
};  // on, or off
struct ToggleSwitch {
  std::size_t index;
};  // among those of the server's listing
struct ChooseServer {
  ServerKind server;
};  // it takes the place of the one that runs
struct PutBeside {
  ServerKind server;
};                      // another one, beside the first
struct PutAlone {};     // the first
struct TurnToOther {};  // of the two
struct ToggleLessons {};
struct ChooseLesson {
  int by;
};  // in the list that is open
struct StartLesson {
  std::size_t index;
};  // among those that there are
struct StartChosenLesson {};
struct RestartLesson {};
struct ShowNextLesson {};   // which it is
struct StartNextLesson {};  // of the lecture
struct LeaveLesson {};
struct ToggleWild {};  // the card that says who was bitten
// -- in the lecture hall --
struct ToggleBlackboard {};
struct ToggleBlack {};
struct Present {};  // the blackboard, on the full screen
struct ToggleListing {};
struct ToggleStory {};  // what happened, in place of the listing
struct OpenMenu {
  const char* id;
};
struct ToggleExport {};  // the panel
struct ChooseExport {
  ExportChoice choice;
};
struct ChooseExportRange {
  std::uint64_t first, last;
};
struct StartExport {};
struct CancelExport {};
struct ToggleCompare {};  // the panel that measures what each server costs
struct StartCompare {};
struct MeasureForLesson {};  // as its last step wants it: opens the panel and starts
struct CancelCompare {};
struct SaveChart {
  Format format;  // PNG, SVG or PDF
};
struct CopyPicture {};
struct SavePicture {};    // of the diagram, as a slide
struct SaveWindow {};     // as it is
struct SaveRecording {};  // of all that has happened
struct OpenRecording {
  std::string path;
};  // a file that was dropped on the window
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
                 SignalProcess, DoToSelected, Select, SelectNext, SelectNextProcess, NextStep, PreviousStep, FirstStep,
                 LastStep, GoToStep, GoToDiagnosis, ZoomTimeline, ViewTimeline, StepProcess, StepSelected, RunOrPause,
                 ChangeSpeed, SetSpeed, HoldProcess, HoldSelected, ToggleBug, ToggleSwitch, ChooseServer, PutBeside,
                 PutAlone, TurnToOther, LaunchScenario, ToggleLessons, ChooseLesson, StartLesson, StartChosenLesson,
                 RestartLesson, ShowNextLesson, StartNextLesson, LeaveLesson, ToggleWild, ToggleBlackboard, ToggleBlack,
                 Present, ToggleListing, ToggleStory, OpenMenu, ToggleExport, ChooseExport, ChooseExportRange,
                 StartExport, CancelExport, ToggleCompare, StartCompare, MeasureForLesson, CancelCompare, SaveChart,
                 CopyPicture, SavePicture, SaveWindow, SaveRecording, OpenRecording, ChooseBehaviour, ToggleTheme,
                 ToggleMotion, TogglePlumbing, ToggleLog, ToggleHelp, ToggleFullScreen, ChangeScale, Leave, Quit>;
using Actions = std::vector<Action>;

}  // namespace forktable
