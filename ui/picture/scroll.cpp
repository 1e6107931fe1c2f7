#include "ui/picture/scroll.hpp"

#include <algorithm>

namespace forktable {
namespace {

constexpr float kMargin = 14;  // below what is new

bool is_new(const World& world, const Subject& subject) {
  const Nanoseconds since = world.lesson_stopped_before;
  if (subject.kind == Subject::kProcess) {
    const Process* process = find_process(world, ProcessId{subject.id});
    return process != nullptr &&
           std::max({process->started_at, process->acted_at, process->ended_at, process->reaped_at}) > since;
  }
  if (subject.kind == Subject::kFile) {
    const OpenFile* file = find_file(world, FileId{subject.id});
    return file != nullptr && file->changed_at > since;
  }
  if (subject.kind == Subject::kClient) {
    const Client* client = find_client(world, ClientId{subject.id});
    return client != nullptr && client->since > since;
  }
  return false;
}

}  // namespace

float scroll_to_news(const Scene& scene, const World& world, float height) {
  float bottom = 0;
  for (const Group& group : scene.groups)
    if (is_new(world, group.subject)) bottom = std::max(bottom, group.rect.bottom() + kMargin);
  return std::clamp(bottom - height, 0.f, std::max(0.f, scene.size.height - height));
}

}  // namespace forktable
