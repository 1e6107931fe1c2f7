#include "core/event/wire.hpp"

#include <limits>

namespace forktable {
namespace {

// Takes a number out of a slot; false when it is no value of the field's type.
template <class Field>
bool take(std::int32_t slot, Field& field) {
  if constexpr (std::is_enum_v<Field>) {
    if (slot < 0 || static_cast<std::size_t>(slot) >= count_of<Field>()) return false;
    field = static_cast<Field>(slot);
  } else if constexpr (std::is_class_v<Field>) {
    field.value = static_cast<std::uint32_t>(slot);
  } else if constexpr (sizeof(Field) < sizeof slot) {
    if (slot < 0 || slot > std::numeric_limits<Field>::max()) return false;
    field = static_cast<Field>(slot);
  } else {
    field = static_cast<Field>(slot);
  }
  return true;
}

template <class T>
bool decode_as(const WireRecord& record, What& out) {
  if constexpr (T::teller != Teller::kServer) {
    return false;
  } else {
    T what;
    int slot = 0;
    bool good = true;
    T::fields(what, [&](const char*, auto& field) {
      using Field = std::remove_cvref_t<decltype(field)>;
      if constexpr (std::is_same_v<Field, ShortText>) {
        good = good && record.text_length <= ShortText::kCapacity;
        if (good) field = valid_utf8(ShortText({record.text, record.text_length}));
      } else {
        good = good && take(record.slots[slot++], field);
      }
    });
    if (good) out = what;
    return good;
  }
}

template <std::size_t... I>
bool decode_kind(const WireRecord& record, What& out, std::index_sequence<I...>) {
  using Decode = bool (*)(const WireRecord&, What&);
  static constexpr Decode kDecoders[] = {decode_as<std::variant_alternative_t<I, What>>...};
  return record.kind < sizeof...(I) && kDecoders[record.kind](record, out);
}

}  // namespace

std::optional<Event> decode(const WireRecord& record) {
  if (record.magic != kWireMagic || record.checksum != wire_detail::checksum(record)) return std::nullopt;
  Event event;
  event.at = record.at;
  event.pid = record.pid;
  event.line = record.line;
  if (record.pid <= 0 || !decode_kind(record, event.what, std::make_index_sequence<std::variant_size_v<What>>{}))
    return std::nullopt;
  return event;
}

}  // namespace forktable
