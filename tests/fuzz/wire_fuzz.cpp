// Whatever stands in the report pipe, in whatever pieces it comes.
//
// The first byte says how: its lower bits are the length of the pieces, and with its highest bit set, what follows is
// cut into records that get the right magic and checksum. Nobody would guess those, and behind them it begins.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

#include "core/event/wire.hpp"
#include "core/event/wire_decoder.hpp"
#include "core/recording/recording.hpp"
#include "tests/fuzz/require.hpp"
#include "tests/fuzz/retold.hpp"

namespace forktable::fuzz {
namespace {

constexpr Nanoseconds kBegan = 1'000'000'000'000;

void make_records(std::vector<std::byte>& bytes) {
  for (std::size_t at = 0; at + sizeof(WireRecord) <= bytes.size(); at += sizeof(WireRecord)) {
    WireRecord record;
    std::memcpy(&record, bytes.data() + at, sizeof record);
    record.magic = kWireMagic;
    record.kind %= std::variant_size_v<What>;
    seal(record);
    std::memcpy(bytes.data() + at, &record, sizeof record);
  }
}

std::vector<Event> decode_in_pieces(std::span<const std::byte> bytes, std::size_t piece) {
  std::vector<Event> events;
  WireDecoder decoder(kBegan);
  const EventSink sink = [&](const Event& event) { events.push_back(event); };
  for (std::size_t at = 0; at < bytes.size(); at += piece)
    decoder.feed(bytes.subspan(at, std::min(piece, bytes.size() - at)), sink);
  for (int look = 0; look < 3 && decoder.settle(0, sink); ++look) {
  }
  require(!decoder.settle(0, sink), "a decoder settles");
  return events;
}

std::string text_of(const std::vector<Event>& events) {
  std::string text;
  for (const Event& event : events) text += line_of(event);
  return text;
}

// What was decoded and is encoded again is decoded to the same.
void check_round_trip(const WireRecord& record) {
  const auto event = decode(record);
  if (!event) return;
  WireRecord again = std::visit(
      []<class T>(const T& what) {
        if constexpr (T::teller == Teller::kServer) return encode(what);
        std::abort();  // it can't have come through the pipe
        return WireRecord{};
      },
      event->what);
  again.pid = event->pid;
  again.line = event->line;
  again.at = event->at;
  seal(again);
  const auto same = decode(again);
  require(same && line_of(*same) == line_of(*event), "decode, encode, decode: " + line_of(*event));
}

void try_one(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return;
  const std::uint8_t how = data[0];
  std::vector<std::byte> bytes(size - 1);
  if (!bytes.empty()) std::memcpy(bytes.data(), data + 1, bytes.size());
  if ((how & 0x80) != 0) make_records(bytes);
  for (std::size_t at = 0; at + sizeof(WireRecord) <= bytes.size(); at += sizeof(WireRecord)) {
    WireRecord record;
    std::memcpy(&record, bytes.data() + at, sizeof record);
    check_round_trip(record);
  }
  const std::vector<Event> events = decode_in_pieces(bytes, 1 + (how & 0x7F));
  require(text_of(events) == text_of(decode_in_pieces(bytes, bytes.size() + 1)), "pieces make no difference");
  retell(events);
}

}  // namespace
}  // namespace forktable::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  forktable::fuzz::try_one(data, size);
  return 0;
}
