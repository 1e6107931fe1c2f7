#include "core/kernel/outsider.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>

#include "core/system/file.hpp"

namespace forktable {
namespace {

using Folder = std::unique_ptr<DIR, decltype([](DIR* folder) { closedir(folder); })>;

// The inode of the socket that the link in /proc/PID/fd names; 0 if it names something else.
std::uint64_t socket_at(int folder, const char* link) {
  char target[64];
  const ssize_t length = readlinkat(folder, link, target, sizeof target - 1);
  if (length <= 0) return 0;
  target[length] = '\0';
  std::uint64_t inode = 0;
  return sscanf(target, "socket:[%" SCNu64 "]", &inode) == 1 ? inode : 0;
}

// By inode: which of the clients that are looked for has that socket.
using Wanted = std::map<std::uint64_t, std::size_t>;

std::vector<Pid> latest_processes_first() {
  std::vector<Pid> pids;
  const Folder proc(opendir("/proc"));
  while (const dirent* entry = proc ? readdir(proc.get()) : nullptr)
    if (const Pid pid = std::atoi(entry->d_name); pid > 0) pids.push_back(pid);
  std::sort(pids.begin(), pids.end(), std::greater<>());
  return pids;
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

// Those that the process has are wanted no more.
void take_held(Pid pid, Wanted& wanted, std::vector<Whose>& all) {
  const Folder folder(opendir(fmt::format("/proc/{}/fd", pid).c_str()));
  while (const dirent* entry = folder && !wanted.empty() ? readdir(folder.get()) : nullptr) {
    const auto held = wanted.find(socket_at(dirfd(folder.get()), entry->d_name));
    if (held == wanted.end()) continue;
    if (const auto program = program_of(pid)) {
      all[held->second] = Outsider{pid, *program, std::atoi(entry->d_name), held->first};
      wanted.erase(held);
    }
  }
}

}  // namespace

Result<std::vector<Whose>> find_outsiders(SockDiag& kernel, std::span<const SocketEnd> clients) {
  const auto sockets = kernel.ask(clients);
  if (!sockets) return tl::make_unexpected(sockets.error());
  std::vector<Whose> all(clients.size(), tl::make_unexpected(Unnamed::kGone));
  Wanted wanted;
  for (std::size_t i = 0; i < sockets->size(); ++i)
    if ((*sockets)[i].inode != 0) wanted[(*sockets)[i].inode] = i;
  if (wanted.empty()) return all;
  for (const Pid pid : latest_processes_first()) {
    take_held(pid, wanted, all);
    if (wanted.empty()) return all;
  }
  // They may have gone in the meantime. If not, somebody has them.
  std::vector<SocketEnd> left;
  for (const auto& [inode, which] : wanted) left.push_back(clients[which]);
  const auto again = kernel.ask(left);
  if (!again) return tl::make_unexpected(again.error());
  std::size_t at = 0;
  for (const auto& [inode, which] : wanted)
    if ((*again)[at++].inode == inode) all[which] = tl::make_unexpected(Unnamed::kForbidden);
  return all;
}

std::optional<Outsider> find_outsider(SocketEnd client) {
  auto kernel = SockDiag::open();
  if (!kernel) return std::nullopt;
  const auto found = find_outsiders(*kernel, {&client, 1});
  return found && found->front() ? std::optional(*found->front()) : std::nullopt;
}

std::optional<std::string> program_with_socket(const Outsider& known) {
  const std::string link = fmt::format("/proc/{}/fd/{}", known.pid, known.fd);
  return socket_at(AT_FDCWD, link.c_str()) == known.inode ? program_of(known.pid) : std::nullopt;
}

}  // namespace forktable
