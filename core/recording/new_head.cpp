// The head of a run that is recorded now: the listings of all servers are part of this program.
#include "core/program/listing.hpp"
#include "core/recording/head.hpp"
#include "core/system/clock.hpp"

namespace forktable {

RecordingHead head_of(ServerKind server, const Lesson* lesson) {
  RecordingHead head;
  head.header.server = name_of(server);
  head.header.started = present_time();
  head.script.listing = listing_of(server);
  if (lesson != nullptr) {
    head.header.lesson = lesson->name;
    head.script.lesson = *lesson;
  }
  return head;
}

}  // namespace forktable
