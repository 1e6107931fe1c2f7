#include "core/world/circumstances.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/world/describe.hpp"

namespace forktable {

std::string Circumstances::mention() const {
  return process_ != nullptr ? mention_of(*process_) : fmt::format("process {}", event_.pid);
}

std::string Circumstances::who() const { return capital(mention()); }

std::string Circumstances::subject_of(Differs in, int number) const {
  switch (in) {
    case Differs::kProcess: return mention();
    case Differs::kDescriptor: return fmt::format("descriptor {} of {}", number, mention());
    case Differs::kCall: return fmt::format("what {} waits in", mention());
    case Differs::kSocket: return fmt::format("the socket on port {}", number);
    case Differs::kWatched: return fmt::format("whether {} waits for descriptor {}", mention(), number);
    case Differs::kSegment: return fmt::format("segment {}", number);
    case Differs::kSemaphore: return fmt::format("semaphore {}", number);
    case Differs::kMask: return fmt::format("which signals {} blocks", mention());
  }
  return {};
}

const OpenFile* Circumstances::file_at(int fd) const {
  if (process_ != nullptr && process_->keeps) return find_file(world_, process_->keeps);
  const Descriptor* descriptor = process_ != nullptr ? find_descriptor(process_of(world_, *process_), fd) : nullptr;
  return descriptor != nullptr ? find_file(world_, descriptor->file) : nullptr;
}

std::string Circumstances::client(int fd) const {
  const OpenFile* file = file_at(fd);
  return mention_of(world_, file != nullptr ? file->client : ClientId{});
}

const Client* Circumstances::waiting_client() const {
  const auto waits = std::find_if(world_.clients.begin(), world_.clients.end(), waits_for_accept);
  return waits != world_.clients.end() ? &*waits : nullptr;
}

std::size_t Circumstances::zombies_of_process() const {
  return static_cast<std::size_t>(std::count_if(world_.processes.begin(), world_.processes.end(), [&](const auto& one) {
    return process_ != nullptr && one.parent == process_->id && one.life == Life::kDead;
  }));
}

std::string Circumstances::kept_connection() const {
  const OpenFile* file = process_ != nullptr ? find_file(world_, process_->accepted) : nullptr;
  if (file == nullptr || !file->handed_on || file->acceptor != process_->id) return {};
  for (const Descriptor& descriptor : process_->descriptors)
    if (descriptor.file == file->id)
      return fmt::format("It still holds connfd {}: while it does, refcnt({}) can't become 0.", descriptor.fd,
                         title_of(*file));
  return {};
}

std::string Circumstances::still_held(const OpenFile& file, int closing) const {
  std::string own;
  std::size_t count = 0;
  for (const Descriptor& descriptor : process_of(world_, *process_).descriptors)
    if (descriptor.file == file.id && descriptor.fd != closing)
      own += fmt::format("{}{}", count++ == 0 ? "" : " and ", descriptor.fd);
  if (count == 0) return held_by_others(file);
  return fmt::format("{} still holds {} {}", mention_of(*process_), count == 1 ? "descriptor" : "descriptors", own);
}

std::string Circumstances::held_by_others(const OpenFile& file) const {
  std::uint32_t others = 0;
  std::string first;
  for (const Process& process : world_.processes)
    for (const Descriptor& descriptor : process.descriptors) {
      if (descriptor.file != file.id || process.id == process_->id) continue;
      if (++others == 1) first = fmt::format("{} still holds descriptor {}", mention_of(process), descriptor.fd);
    }
  if (others > 1) return fmt::format("{} and {} more", first, others - 1);
  return first;
}

std::vector<const Process*> Circumstances::others_using(int fd) const {
  std::vector<const Process*> all;
  for (const Process& one : world_.processes)
    if (one.id != process_->id && process_of(world_, one).id == process_of(world_, *process_).id && uses(one, fd))
      all.push_back(&one);
  return all;
}

std::string Circumstances::end_of_kept() const {
  const OpenFile* kept = process_ != nullptr && process_->keeps ? find_file(world_, process_->keeps) : nullptr;
  if (kept == nullptr || count_references(world_, kept->id) > 1) return {};
  return fmt::format("This call was all that kept {}: the kernel closes it now.", title_of(*kept));
}

const Process* Circumstances::expected_by(ProcessId parent) const {
  const auto at = std::find_if(world_.expected.begin(), world_.expected.end(),
                               [&](const ExpectedChild& one) { return one.child.parent == parent; });
  return at != world_.expected.end() ? &at->child : nullptr;
}

std::string Circumstances::both_hold(FileId connection, bool counted) const {
  const OpenFile* file = find_file(world_, connection);
  if (file == nullptr) return "Parent and child hold the same open files.";
  const std::uint32_t references = count_references(world_, file->id) + (counted ? 0 : 1);
  if (references < 2) return "One of the two has closed connfd already.";
  return fmt::format("Both hold connfd: refcnt({}) = {}. It is closed when nobody holds it any more.", title_of(*file),
                     references);
}

}  // namespace forktable
