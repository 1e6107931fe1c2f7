// A part of reduce(): open files that are no sockets of this server, as its processes tell of them.
#pragma once

#include <string>

#include "core/world/bookkeeping.hpp"

namespace forktable {

class ReduceFiles : Bookkeeping {
 public:
  ReduceFiles(World& world, const Event& event) : Bookkeeping(world, event) {}

  void operator()(const Opened& what) {
    Process* process = finish_call();
    if (process == nullptr) return;
    if (what.kind < FileKind::kPipe)
      return anomaly("opened a " + std::string(name_of(what.kind)) + " as descriptor " + std::to_string(what.fd) +
                     ", of which another event tells");
    open(*process, what.fd, what.kind, what.cloexec != 0, what.path);
  }

  void operator()(const Piped& what) {
    Process* process = finish_call();
    if (process == nullptr) return;
    const FileId reader = open(*process, what.reader, FileKind::kPipe, what.cloexec != 0, {});
    const FileId writer = open(*process, what.writer, FileKind::kPipe, what.cloexec != 0, {});
    if (OpenFile* end = find(world_.files, reader)) end->other_end = writer;
    if (OpenFile* end = find(world_.files, writer)) {
      end->other_end = reader;
      end->writes = true;
    }
  }

  void operator()(const Passed& what) {
    Process* process = finish_call();
    if (process == nullptr) return;
    const Process* sender = find_by_pid(what.process);
    const OpenFile* file = sender != nullptr ? file_at(*sender, what.from) : nullptr;
    if (file == nullptr)
      return anomaly("received descriptor " + std::to_string(what.from) + " of process " +
                     std::to_string(what.process) + ", which doesn't hold it");
    if (!has_room_for_descriptors(1)) return;
    const FileId id = file->id;
    install(process_of(*process), what.fd, id);
    set_cloexec(*process, what.fd, what.cloexec != 0);
    mark(id, Change::kPassed);
  }

 private:
  FileId open(Process& process, int fd, FileKind kind, bool cloexec, ShortText name) {
    if (!has_room_for_file(kind)) return {};
    OpenFile& file = open_file(kind);
    file.name = name;
    const FileId id = file.id;
    install(process_of(process), fd, id);
    set_cloexec(process, fd, cloexec);
    return id;
  }
  void set_cloexec(Process& process, int fd, bool on) {
    for (Descriptor& descriptor : process_of(process).descriptors)
      if (descriptor.fd == fd) descriptor.cloexec = on;
  }
};

}  // namespace forktable
