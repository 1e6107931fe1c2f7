#include "core/kernel/outsider.hpp"

#include <dirent.h>
#include <fmt/format.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <memory>

#include "core/system/file.hpp"
#include "core/system/unique_fd.hpp"

namespace forktable {
namespace {

// The inode of the client's end of a connection on 127.0.0.1, asked of the kernel for this one connection:
// sock_diag(7). /proc/net/tcp has it too, but is a list of all connections and takes the kernel milliseconds to
// write. 0 when there is no such connection (any more).
std::uint32_t find_inode(Port client_port, Port server_port) {
  const UniqueFd kernel(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!kernel) return 0;
  struct {
    nlmsghdr header;
    inet_diag_req_v2 connection;
  } question{};
  question.header.nlmsg_len = sizeof question;
  question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  question.header.nlmsg_flags = NLM_F_REQUEST;
  question.connection.sdiag_family = AF_INET;
  question.connection.sdiag_protocol = IPPROTO_TCP;
  question.connection.idiag_states = ~0u;
  inet_diag_sockid& id = question.connection.id;
  id.idiag_sport = htons(client_port);
  id.idiag_dport = htons(server_port);
  id.idiag_src[0] = id.idiag_dst[0] = htonl(INADDR_LOOPBACK);
  id.idiag_cookie[0] = id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  if (send(kernel.get(), &question, sizeof question, 0) < 0) return 0;
  struct {
    nlmsghdr header;
    inet_diag_msg connection;
    char attributes[4096];
  } answer{};
  const ssize_t got = recv(kernel.get(), &answer, sizeof answer, 0);
  const bool good = got >= static_cast<ssize_t>(sizeof(nlmsghdr) + sizeof(inet_diag_msg)) &&
                    answer.header.nlmsg_type == SOCK_DIAG_BY_FAMILY;
  return good ? answer.connection.idiag_inode : 0;
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
  const std::uint32_t inode = find_inode(client_port, server_port);
  if (inode == 0) return std::nullopt;
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
