// The beginning of what went over a connection, kept inside the event so that events stay plain values.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace forktable {

// At most 31 bytes. Bytes beyond that are left out; how many there were is told beside it, by the event.
struct ShortText {
  static constexpr std::size_t kCapacity = 31;

  std::uint8_t length = 0;
  char bytes[kCapacity] = {};

  ShortText() = default;
  explicit ShortText(std::string_view text) {
    length = static_cast<std::uint8_t>(text.size() < kCapacity ? text.size() : kCapacity);
    std::memcpy(bytes, text.data(), length);
  }

  std::string_view view() const { return {bytes, length}; }
  friend bool operator==(const ShortText& a, const ShortText& b) { return a.view() == b.view(); }
};

// The same text as valid UTF-8: a character cut off at the end is dropped, a byte that is no part of a
// character becomes '?'. Text from a network is bytes; from here on it is text.
ShortText valid_utf8(ShortText text);

}  // namespace forktable
