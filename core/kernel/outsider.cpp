#include "core/kernel/outsider.hpp"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>

#include "core/system/file.hpp"
#include "core/system/sock_diag.hpp"

namespace forktable {
namespace {

using Folder = std::unique_ptr<DIR, decltype([](DIR* folder) { closedir(folder); })>;

// By inode: which of the connections that are looked for have that socket.
using Wanted = std::map<std::uint64_t, std::size_t>;

// Those that the process holds are wanted no more.
std::vector<std::size_t> take_held(const std::string& descriptors, Wanted& wanted) {
  std::vector<std::size_t> held;
  const Folder folder(opendir(descriptors.c_str()));
  if (!folder) return held;
  while (const dirent* entry = readdir(folder.get())) {
    char target[64];
    const ssize_t length = readlinkat(dirfd(folder.get()), entry->d_name, target, sizeof target - 1);
    if (length <= 0) continue;
    target[length] = '\0';
    std::uint64_t inode = 0;
    if (sscanf(target, "socket:[%" SCNu64 "]", &inode) != 1) continue;
    const auto found = wanted.find(inode);
    if (found == wanted.end()) continue;
    held.push_back(found->second);
    wanted.erase(found);
  }
  return held;
}

// As in /proc/PID/comm; nothing, of a process that has gone.
std::optional<std::string> program_of(Pid pid) {
  auto name = read_file(fmt::format("/proc/{}/comm", pid), 64);
  if (!name) return std::nullopt;
  while (!name->empty() && name->back() == '\n') name->pop_back();
  for (char& c : *name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  return *name;
}

}  // namespace

std::vector<std::optional<Outsider>> find_outsiders(std::span<const Port> client_ports, Port server_port) {
  std::vector<std::optional<Outsider>> all(client_ports.size());
  std::vector<SocketEnd> ends;
  for (const Port port : client_ports) ends.push_back({port, server_port});
  auto kernel = SockDiag::open();
  const auto sockets = kernel ? kernel->ask(ends) : tl::make_unexpected(kernel.error());
  if (!sockets) return all;
  Wanted wanted;
  for (std::size_t i = 0; i < sockets->size(); ++i)
    if ((*sockets)[i].inode != 0) wanted[(*sockets)[i].inode] = i;
  if (wanted.empty()) return all;
  const Folder proc(opendir("/proc"));
  if (!proc) return all;
  while (const dirent* entry = wanted.empty() ? nullptr : readdir(proc.get())) {
    const Pid pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    for (const std::size_t held : take_held(fmt::format("/proc/{}/fd", pid), wanted))
      if (const auto program = program_of(pid)) all[held] = Outsider{pid, *program};
  }
  return all;
}

std::optional<Outsider> find_outsider(Port client_port, Port server_port) {
  return find_outsiders({&client_port, 1}, server_port).front();
}

}  // namespace forktable
