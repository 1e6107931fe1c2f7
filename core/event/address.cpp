#include "core/event/address.hpp"

#include <charconv>

namespace forktable {

std::string to_string(Ipv4 ip) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8)
    text += std::to_string(ip.value >> shift & 0xFFu) + (shift > 0 ? "." : "");
  return text;
}

std::string to_string(Address address) { return to_string(address.ip) + ":" + std::to_string(address.port); }

std::string words_of(Address address) {
  return address.ip == kLoopback ? std::to_string(address.port) : to_string(address);
}

std::optional<Ipv4> parse_ipv4(std::string_view text) {
  Ipv4 ip{0};
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (at == end || *at++ != '.')) return std::nullopt;
    std::uint8_t number = 0;
    const auto [rest, error] = std::from_chars(at, end, number);
    if (error != std::errc{}) return std::nullopt;
    ip.value = ip.value << 8 | number;
    at = rest;
  }
  // Only one text stands for an address, so that a recording has one way to say it.
  return to_string(ip) == text ? std::optional(ip) : std::nullopt;
}

}  // namespace forktable
