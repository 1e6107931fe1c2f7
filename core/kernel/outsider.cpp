#include "core/kernel/outsider.hpp"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <sstream>

#include "core/system/file.hpp"

namespace forktable {
namespace {

constexpr std::size_t kLargestTable = 64 << 20;  // bytes of /proc/net/tcp

// The port of an address such as "0100007F:1F90".
long port_of(const std::string& address) {
  const auto colon = address.rfind(':');
  return colon == std::string::npos ? -1 : std::strtol(address.c_str() + colon + 1, nullptr, 16);
}

// The inode of the socket with these ports, from /proc/net/tcp or tcp6: see proc(5).
std::string find_inode(const char* table, Port local, Port remote) {
  const auto text = read_file(table, kLargestTable);
  if (!text) return {};
  std::istringstream lines(*text);
  std::string line;
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::string slot, local_address, remote_address, skipped, inode;
    fields >> slot >> local_address >> remote_address;
    if (port_of(local_address) != local || port_of(remote_address) != remote) continue;
    for (int i = 0; i < 6; ++i) fields >> skipped;
    fields >> inode;
    if (!inode.empty() && inode != "0") return inode;
  }
  return {};
}

using Folder = std::unique_ptr<DIR, decltype([](DIR* folder) { closedir(folder); })>;

bool holds(const std::string& descriptors, const std::string& wanted) {
  const Folder folder(opendir(descriptors.c_str()));
  if (!folder) return false;
  while (const dirent* entry = readdir(folder.get())) {
    char target[64];
    const ssize_t length = readlinkat(dirfd(folder.get()), entry->d_name, target, sizeof target);
    if (length > 0 && std::string_view(target, static_cast<std::size_t>(length)) == wanted) return true;
  }
  return false;
}

}  // namespace

std::optional<Outsider> find_outsider(Port client_port, Port server_port) {
  std::string inode = find_inode("/proc/net/tcp", client_port, server_port);
  if (inode.empty()) inode = find_inode("/proc/net/tcp6", client_port, server_port);
  if (inode.empty()) return std::nullopt;
  const std::string wanted = fmt::format("socket:[{}]", inode);
  const Folder proc(opendir("/proc"));
  if (!proc) return std::nullopt;
  while (const dirent* entry = readdir(proc.get())) {
    const Pid pid = std::atoi(entry->d_name);
    if (pid <= 0 || !holds(fmt::format("/proc/{}/fd", pid), wanted)) continue;
    auto name = read_file(fmt::format("/proc/{}/comm", pid), 64);
    if (!name) return std::nullopt;
    while (!name->empty() && name->back() == '\n') name->pop_back();
    for (char& c : *name)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
    return Outsider{pid, *name};
  }
  return std::nullopt;
}

}  // namespace forktable
