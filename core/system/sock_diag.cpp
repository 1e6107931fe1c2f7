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

inet_diag_req_v2& put_header(char* at, std::uint16_t flags, std::uint32_t number) {
  nlmsghdr* header = mnl_nlmsg_put_header(at);
  header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
  header->nlmsg_flags = NLM_F_REQUEST | flags;
  header->nlmsg_seq = number;
  auto* wanted = static_cast<inet_diag_req_v2*>(mnl_nlmsg_put_extra_header(header, sizeof(inet_diag_req_v2)));
  wanted->sdiag_family = AF_INET;  // it finds a client that speaks IPv6 too, which calls from ::ffff:127.0.0.1
  wanted->sdiag_protocol = IPPROTO_TCP;
  wanted->id.idiag_cookie[0] = wanted->id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
  return *wanted;
}

void put_question(char* at, SocketEnd end, std::uint32_t number) {
  inet_diag_req_v2& wanted = put_header(at, 0, number);
  wanted.idiag_states = ~0u;
  wanted.id.idiag_sport = htons(end.local.port);
  wanted.id.idiag_dport = htons(end.peer.port);
  wanted.id.idiag_src[0] = htonl(end.local.ip.value);
  if (end.peer.port != 0) wanted.id.idiag_dst[0] = htonl(end.peer.ip.value);
}

void take_answer(const inet_diag_msg& answer, SocketFacts& facts) {
  // Where there is no such connection, the kernel answers with the socket that listens there.
  if (ntohs(answer.id.idiag_dport) != facts.end.peer.port || answer.idiag_state == 0 ||
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
  const SocketEnd end{ntohs(address.sin_port), {}};
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

Result<std::vector<Address>> SockDiag::list_waiting(Address server) {
  const std::string job = "can't ask the kernel who waits for accept";
  std::vector<Address> waiting;
  alignas(nlmsghdr) std::array<char, 32768> answers;
  const std::uint32_t number = ++question_;
  inet_diag_req_v2& wanted = put_header(answers.data(), NLM_F_DUMP, number);
  wanted.idiag_states = 1u << static_cast<int>(TcpState::kEstablished) | 1u << static_cast<int>(TcpState::kCloseWait);
  wanted.id.idiag_sport = htons(server.port);
  ssize_t sent;
  do sent = mnl_socket_sendto(kernel_.get(), answers.data(), kQuestion);
  while (sent < 0 && errno == EINTR);
  if (sent < 0) return system_error(job);
  while (true) {
    const ssize_t got = mnl_socket_recvfrom(kernel_.get(), answers.data(), answers.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return system_error(job);
    int left = static_cast<int>(got);
    const auto* message = reinterpret_cast<const nlmsghdr*>(answers.data());
    for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
      if (message->nlmsg_seq != number) continue;
      if (message->nlmsg_type == NLMSG_DONE) return waiting;
      if (message->nlmsg_type == NLMSG_ERROR)
        return tl::make_unexpected(Error{job, -static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(message))->error});
      if (mnl_nlmsg_get_payload_len(message) < sizeof(inet_diag_msg)) continue;
      const auto& answer = *static_cast<const inet_diag_msg*>(mnl_nlmsg_get_payload(message));
      // Nobody has a descriptor of it yet. A server's end that nobody has any more is in none of the two states.
      if (answer.idiag_inode == 0 && ntohl(answer.id.idiag_src[0]) == server.ip.value)
        waiting.push_back({{ntohl(answer.id.idiag_dst[0])}, ntohs(answer.id.idiag_dport)});
    }
  }
}

}  // namespace forktable
