#include "core/system/sock_diag.hpp"

#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "core/system/unique_fd.hpp"

namespace forktable {
namespace {

constexpr std::size_t kBatch = 32;  // questions in one send; their answers fit into the socket's buffer
constexpr std::size_t kQuestion = MNL_ALIGN(MNL_NLMSG_HDRLEN + sizeof(inet_diag_req_v2));

void put_question(char* at, SocketEnd end, std::uint32_t number) {
  nlmsghdr* header = mnl_nlmsg_put_header(at);
  header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
  header->nlmsg_flags = NLM_F_REQUEST;
  header->nlmsg_seq = number;
  auto* wanted = static_cast<inet_diag_req_v2*>(mnl_nlmsg_put_extra_header(header, sizeof(inet_diag_req_v2)));
  wanted->sdiag_family = AF_INET;
  wanted->sdiag_protocol = IPPROTO_TCP;
  wanted->idiag_states = ~0u;
  wanted->id.idiag_sport = htons(end.port);
  wanted->id.idiag_dport = htons(end.peer_port);
  wanted->id.idiag_src[0] = htonl(INADDR_LOOPBACK);
  if (end.peer_port != 0) wanted->id.idiag_dst[0] = htonl(INADDR_LOOPBACK);
  wanted->id.idiag_cookie[0] = wanted->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
}

void take_answer(const inet_diag_msg& answer, SocketFacts& facts) {
  // Where there is no such connection, the kernel answers with the socket that listens there.
  if (ntohs(answer.id.idiag_dport) != facts.end.peer_port || answer.idiag_state == 0 ||
      answer.idiag_state >= static_cast<int>(TcpState::kGone))
    return;
  facts.state = static_cast<TcpState>(answer.idiag_state);
  facts.receive = answer.idiag_rqueue;
  facts.send = answer.idiag_wqueue;
  facts.inode = answer.idiag_inode;
}

}  // namespace

void SockDiag::Close::operator()(mnl_socket* socket) const { mnl_socket_close(socket); }

Result<SockDiag> SockDiag::open() {
  const std::string job = "can't ask the kernel about sockets";
  std::unique_ptr<mnl_socket, Close> kernel(mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC));
  if (!kernel || mnl_socket_bind(kernel.get(), 0, MNL_SOCKET_AUTOPID) != 0) return system_error(job);
  const timeval patience{1, 0};  // it answers at once; a kernel that doesn't must not hang us
  setsockopt(mnl_socket_get_fd(kernel.get()), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  SockDiag diag(std::move(kernel));

  // Without the kernel's module tcp_diag every answer is "no such socket".
  const UniqueFd own(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (!own || bind(own.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 || listen(own.get(), 1) != 0 ||
      getsockname(own.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
    return system_error(job);
  const SocketEnd end{ntohs(address.sin_port), 0};
  const auto answer = diag.ask({&end, 1});
  if (!answer) return tl::make_unexpected(answer.error());
  if (answer->front().state != TcpState::kListen) return tl::make_unexpected(Error{job, ENOENT});
  return diag;
}

Result<std::vector<SocketFacts>> SockDiag::ask(std::span<const SocketEnd> ends) {
  const std::string job = "can't ask the kernel about sockets";
  std::vector<SocketFacts> facts;
  facts.reserve(ends.size());
  for (const SocketEnd end : ends) facts.push_back({end});

  alignas(nlmsghdr) std::array<char, kBatch * kQuestion> questions;
  alignas(nlmsghdr) std::array<char, 8192> answers;
  for (std::size_t first = 0; first < ends.size(); first += kBatch) {
    const std::size_t count = std::min(kBatch, ends.size() - first);
    const std::uint32_t number = question_ + 1;
    question_ += static_cast<std::uint32_t>(count);
    for (std::size_t i = 0; i < count; ++i)
      put_question(questions.data() + i * kQuestion, ends[first + i], number + static_cast<std::uint32_t>(i));
    ssize_t sent;
    do sent = mnl_socket_sendto(kernel_.get(), questions.data(), count * kQuestion);
    while (sent < 0 && errno == EINTR);
    if (sent < 0) return system_error(job);

    for (std::size_t answered = 0; answered < count;) {
      const ssize_t got = mnl_socket_recvfrom(kernel_.get(), answers.data(), answers.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return system_error(job);
      int left = static_cast<int>(got);
      const auto* message = reinterpret_cast<const nlmsghdr*>(answers.data());
      for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
        const std::uint32_t which = message->nlmsg_seq - number;
        if (which >= count) continue;  // to an earlier question, of which something had gone wrong
        ++answered;
        if (message->nlmsg_type == NLMSG_ERROR) {
          const auto* error = static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message));
          if (error->error == -ENOENT) continue;
          return tl::make_unexpected(Error{job, -error->error});
        }
        if (mnl_nlmsg_get_payload_len(message) >= sizeof(inet_diag_msg))
          take_answer(*static_cast<const inet_diag_msg*>(mnl_nlmsg_get_payload(message)), facts[first + which]);
      }
    }
  }
  return facts;
}

}  // namespace forktable
