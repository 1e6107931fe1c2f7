// Who is at an end of a TCP connection: an address and a port, which only together tell one client from another.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/event/ids.hpp"

namespace forktable {

// An IPv4 address in host byte order. Servers listen on 127.0.0.1, and our own clients call from there; others may call
// from any address of this machine.
struct Ipv4 {
  std::uint32_t value = 0x7F000001;
  friend constexpr auto operator<=>(Ipv4, Ipv4) = default;
};
inline constexpr Ipv4 kLoopback;

struct Address {
  Ipv4 ip;
  Port port = 0;

  constexpr Address() = default;
  constexpr Address(Port on_loopback) : port(on_loopback) {}  // a port alone is one of 127.0.0.1
  constexpr Address(Ipv4 address, Port at) : ip(address), port(at) {}
  friend constexpr auto operator<=>(Address, Address) = default;
};

// One end of a connection; a `peer` with port 0: the socket that listens at `local`.
struct SocketEnd {
  Address local, peer;
  friend constexpr auto operator<=>(SocketEnd, SocketEnd) = default;
};

std::string to_string(Ipv4 ip);          // "127.0.0.1"
std::string to_string(Address address);  // "127.0.0.1:8080"
// For people: of 127.0.0.1, where nearly all are, the port is enough.
std::string words_of(Address address);  // "8080", "127.0.0.2:8080"
// Nothing if it is no address as to_string() writes it: four numbers from 0 to 255, without leading zeros.
std::optional<Ipv4> parse_ipv4(std::string_view text);

}  // namespace forktable
