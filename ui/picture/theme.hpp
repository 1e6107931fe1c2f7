// The colours, by what they are for.
#pragma once

#include "ui/picture/scene.hpp"

namespace forktable {

struct Theme {
  bool dark = false;
  Color paper, card, row, line, ink, muted, faint;
  Color chip, chip_text;                               // small labels of a state
  Color dead, dead_line;                               // zombies and what is reaped
  Color asleep;                                        // a process that is blocked in a call
  Color alarm, alarm_soft;                             // what is wrong
  Color good;                                          // what is right
  Color accent;                                        // where one can go: links, the scrubber
  Color said;                                          // behind what a client sent and received
  Color panel, panel_text, panel_muted, panel_accent;  // the narration

  // One connection, one colour: Okabe and Ito's palette, in turn, without the one that means alarm.
  Color connection(std::uint32_t number) const;
};

const Theme& light_theme();
const Theme& dark_theme();
// The light one on white, for paper and projectors.
const Theme& slide_theme();

// Black or white, whichever can be read on it.
Color readable_on(Color background);

}  // namespace forktable
