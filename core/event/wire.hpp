// The record that a server process writes to the report pipe: 80 bytes, one write(2), which the kernel keeps
// whole because it is shorter than PIPE_BUF. FORMAT.md has the table of bytes.
//
// encode() is all that the server needs; it is inline, allocates nothing and is async-signal-safe.
// Reader and writer are built together and run on one machine: byte order and numbering are the machine's.
#pragma once

#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>

#include "core/event/event.hpp"

namespace forktable {

struct WireRecord {
  std::uint16_t magic;
  std::uint8_t kind;  // index in What
  std::uint8_t text_length;
  std::int32_t pid;
  std::uint32_t sequence;  // counts the reports of this process, from 0
  std::uint32_t line;
  std::int64_t at;        // CLOCK_MONOTONIC, ns
  std::int32_t slots[4];  // the event's numbers, in the order of its fields()
  char text[ShortText::kCapacity];
  std::uint8_t unused;
  std::uint64_t checksum;
};
inline constexpr std::uint16_t kWireMagic = 0xF0B1;
static_assert(sizeof(WireRecord) == 80 && sizeof(WireRecord) <= PIPE_BUF);
static_assert(std::is_trivially_copyable_v<WireRecord>);

namespace wire_detail {

template <class T, std::size_t... I>
constexpr std::uint8_t index_of(std::index_sequence<I...>) {
  std::uint8_t index = 0;
  (void)((std::is_same_v<T, std::variant_alternative_t<I, What>> ? (index = I, true) : false) || ...);
  return index;
}

// What a record has to have room for.
struct Contents {
  int numbers = 0, texts = 0;
  std::size_t widest = 0;  // of the numbers: bytes
};
template <class T>
constexpr Contents contents_of() {
  Contents contents;
  const T what{};
  T::fields(what, [&](const char*, const auto& field) {
    if (std::is_same_v<std::remove_cvref_t<decltype(field)>, ShortText>) {
      ++contents.texts;
    } else {
      ++contents.numbers;
      if (sizeof field > contents.widest) contents.widest = sizeof field;
    }
  });
  return contents;
}

// Of all bytes before it. Each word is spread over the higher bits, and from there over the lower ones.
inline std::uint64_t checksum(const WireRecord& record) {
  std::uint64_t words[offsetof(WireRecord, checksum) / 8];
  std::memcpy(words, &record, sizeof words);
  std::uint64_t sum = 0;
  for (const std::uint64_t word : words) {
    sum = (sum ^ word) * 0x9E3779B97F4A7C15u;  // 2^64 / golden ratio
    sum ^= sum >> 32;
  }
  return sum;
}

}  // namespace wire_detail

template <class T>
constexpr std::uint8_t kind_of() {
  return wire_detail::index_of<T>(std::make_index_sequence<std::variant_size_v<What>>{});
}

// The record of `what`, with its checksum still to be set by seal().
template <class T>
WireRecord encode(const T& what) {
  static_assert(T::teller == Teller::kServer);
  constexpr wire_detail::Contents contents = wire_detail::contents_of<T>();
  static_assert(contents.numbers <= static_cast<int>(std::size(WireRecord{}.slots)), "more numbers than a record has");
  static_assert(contents.widest <= sizeof(WireRecord{}.slots[0]), "a number that doesn't fit into a slot");
  static_assert(contents.texts <= 1, "more than one text");
  WireRecord record{};
  record.magic = kWireMagic;
  record.kind = kind_of<T>();
  int slot = 0;
  T::fields(what, [&](const char*, const auto& field) {
    using Field = std::remove_cvref_t<decltype(field)>;
    if constexpr (std::is_same_v<Field, ShortText>) {
      record.text_length = field.length;
      std::memcpy(record.text, field.bytes, sizeof record.text);
    } else if constexpr (std::is_class_v<Field>) {
      record.slots[slot++] = static_cast<std::int32_t>(field.value);
    } else {
      record.slots[slot++] = static_cast<std::int32_t>(field);
    }
  });
  return record;
}

inline void seal(WireRecord& record) { record.checksum = wire_detail::checksum(record); }

// Nothing when the record is not one that encode() and seal() made.
std::optional<Event> decode(const WireRecord& record);

}  // namespace forktable
