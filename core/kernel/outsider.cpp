#include "core/kernel/outsider.hpp"

#include <dirent.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "core/system/file.hpp"
#include "core/system/sock_diag.hpp"

namespace forktable {
namespace {

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
  auto kernel = SockDiag::open();
  const SocketEnd end{client_port, server_port};
  const auto found = kernel ? kernel->ask({&end, 1}) : tl::make_unexpected(kernel.error());
  if (!found || found->front().inode == 0) return std::nullopt;
  const std::string wanted = fmt::format("socket:[{}]", found->front().inode);
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
