#include <fmt/format.h>

#include "app/commands.hpp"
#include "core/recording/recording.hpp"
#include "core/system/clock.hpp"
#include "ui/window/log.hpp"
#include "ui/window/window.hpp"

namespace forktable {

int replay(const ReplayOptions& options) {
  WindowOptions window;
  window.started_at = monotonic_now();
  // What can be told without a window is told without one.
  if (const auto header = read_recording_header(options.recording); !header) return fail(header.error());
  start_log(options.verbose);
  window.recording = options.recording;
  if (const auto closed = run_window(window); !closed)
    return fail(fmt::format("{0} (without a window: forktable inspect {1}, or forktable export {1})",
                            closed.error().message(), options.recording));
  return kSuccess;
}

}  // namespace forktable
