#include "core/lesson/lesson.hpp"

namespace forktable {

ServerSetup setup_for(const Lesson& lesson, ServerSetup server) {
  if (server.kind != lesson.server) server = with_server(std::move(server), lesson.server);
  server.bugs.value |= lesson.bugs.value;
  server.stepping = true;
  if (lesson.descriptors > 0) server.descriptor_limit = lesson.descriptors;
  if (lesson.children > 0) server.children_limit = lesson.children;
  return server;
}

}  // namespace forktable
