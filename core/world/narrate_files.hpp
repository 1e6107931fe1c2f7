// A part of narrate(): open files that are no sockets of this server.
#pragma once

#include <fmt/format.h>

#include <string>

#include "core/world/circumstances.hpp"
#include "core/world/describe.hpp"
#include "core/world/narrate.hpp"

namespace forktable {

class NarrateFiles : Circumstances {
 public:
  NarrateFiles(const World& world, const Event& event) : Circumstances(world, event) {}

  Narration operator()(const Opened& what) const {
    OpenFile file;
    file.kind = what.kind;
    file.name = what.path;
    return {fmt::format("{} opens a new descriptor, {}: {}.", who(), what.fd, title_of(file)), of_exec(what.cloexec)};
  }
  Narration operator()(const Piped& what) const {
    return {fmt::format("{} makes a pipe: descriptor {} reads what is written to descriptor {}.", who(), what.reader,
                        what.writer),
            of_exec(what.cloexec)};
  }
  Narration operator()(const Passed& what) const {
    const Process* sender = find_process(world_, what.process);
    Narration told{
        fmt::format("{} receives descriptor {} of {}, as descriptor {}.", who(), what.from,
                    sender != nullptr ? mention_of(*sender) : fmt::format("process {}", what.process), what.fd),
        {}};
    const Descriptor* sent = sender != nullptr ? find_descriptor(process_of(world_, *sender), what.from) : nullptr;
    const OpenFile* file = sent != nullptr ? find_file(world_, sent->file) : nullptr;
    if (file == nullptr) return told;
    const std::uint32_t references = count_references(world_, file->id);
    told.said += fmt::format(" refcnt({}): {} → {}.", title_of(*file), references, references + 1);
    told.meaning = "Both refer to one open file, as parent and child do after fork.";
    return told;
  }

 private:
  static std::string of_exec(int cloexec) { return cloexec != 0 ? "It is close-on-exec: execve closes it." : ""; }
};

}  // namespace forktable
