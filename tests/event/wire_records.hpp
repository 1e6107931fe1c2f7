// Records as a server process makes them.
#pragma once

#include <cstddef>
#include <span>
#include <stdexcept>
#include <vector>

#include "core/event/traits.hpp"
#include "core/event/wire.hpp"

namespace forktable::test {

inline WireRecord record_of(const Event& event, std::uint32_t sequence = 0) {
  WireRecord record = std::visit(
      []<class T>(const T& what) -> WireRecord {
        if constexpr (T::teller == Teller::kServer) return encode(what);
        throw std::invalid_argument("no server process reports this");
      },
      event.what);
  record.pid = event.pid;
  record.line = event.line;
  record.at = event.at;
  record.sequence = sequence;
  seal(record);
  return record;
}

inline bool is_reported(const What& what) { return teller_of(what) == Teller::kServer; }

using Bytes = std::vector<std::byte>;

inline void append(Bytes& bytes, const WireRecord& record) {
  const auto* first = reinterpret_cast<const std::byte*>(&record);
  bytes.insert(bytes.end(), first, first + sizeof record);
}

}  // namespace forktable::test
