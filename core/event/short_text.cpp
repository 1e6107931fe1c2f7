#include "core/event/short_text.hpp"

namespace forktable {
namespace {

// Length of the well-formed UTF-8 character at `text`, 0 if there is none, -1 if it is cut off by the end.
int character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const int length = lead >= 0xC2 && lead <= 0xDF   ? 2
                     : lead >= 0xE0 && lead <= 0xEF ? 3
                     : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                    : 0;
  for (int i = 1; i < length; ++i) {
    if (static_cast<std::size_t>(i) >= text.size()) return -1;
    // The second byte rules out overlong forms, surrogates and what lies beyond U+10FFFF.
    const unsigned low = i > 1 ? 0x80 : lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned high = i > 1 ? 0xBF : lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(static_cast<std::size_t>(i)) < low || byte(static_cast<std::size_t>(i)) > high) return 0;
  }
  return length;
}

}  // namespace

ShortText valid_utf8(ShortText text) {
  for (std::size_t i = 0; i < text.length;) {
    const int length = character_length(text.view().substr(i));
    if (length < 0) {
      text.length = static_cast<std::uint8_t>(i);
    } else if (length == 0) {
      text.bytes[i++] = '?';
    } else {
      i += static_cast<std::size_t>(length);
    }
  }
  return text;
}

}  // namespace forktable
