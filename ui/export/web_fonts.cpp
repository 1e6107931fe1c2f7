#include "ui/export/web_fonts.hpp"

#include <fmt/format.h>
#include <ft2build.h>
#include <hb-subset.h>

#include <algorithm>
#include <iterator>
#include FT_FREETYPE_H
#include FT_TRUETYPE_TABLES_H

namespace forktable {
namespace {

// As fontconfig was asked for them (ui/picture/fonts.cpp).
struct Name {
  const char *family, *otherwise;
  int weight;
};
constexpr Name kNames[] = {{"Inter", "sans-serif", 400},
                           {"Inter", "sans-serif", 600},
                           {"Inter", "sans-serif", 700},
                           {"JetBrains Mono", "monospace", 400},
                           {"JetBrains Mono", "monospace", 700}};
static_assert(std::size(kNames) == count_of<Face>());

char32_t web_character(char32_t character) {
  if (character == '\t' || character == '\n' || character == '\r') return ' ';
  const bool forbidden = character < 0x20 || (character >= 0x7F && character < 0xA0) ||
                         (character >= 0xD800 && character < 0xE000) || (character & 0xFFFE) == 0xFFFE ||
                         character > 0x10FFFF;
  return forbidden ? 0xFFFD : character;
}

// Its own word on whether parts of it may be embedded.
bool may_be_embedded(FT_Face face) {
  const FT_UShort rights = FT_Get_FSType_Flags(face);
  return FT_IS_SFNT(face) && FT_IS_SCALABLE(face) &&
         (rights &
          (FT_FSTYPE_RESTRICTED_LICENSE_EMBEDDING | FT_FSTYPE_NO_SUBSETTING | FT_FSTYPE_BITMAP_EMBEDDING_ONLY)) == 0;
}

hb_face_t* face_of(FT_Face face) {
  FT_ULong length = 0;
  if (FT_Load_Sfnt_Table(face, 0, 0, nullptr, &length) != 0) return hb_face_get_empty();
  std::string bytes(length, '\0');
  if (FT_Load_Sfnt_Table(face, 0, 0, reinterpret_cast<FT_Byte*>(bytes.data()), &length) != 0)
    return hb_face_get_empty();
  hb_blob_t* blob =
      hb_blob_create(bytes.data(), static_cast<unsigned>(length), HB_MEMORY_MODE_DUPLICATE, nullptr, nullptr);
  hb_face_t* made = hb_face_create(blob, static_cast<unsigned>(face->face_index & 0xFFFF));
  hb_blob_destroy(blob);
  return made;
}

std::string subset_of(hb_face_t* face, const std::set<char32_t>& characters) {
  hb_subset_input_t* input = hb_subset_input_create_or_fail();
  if (input == nullptr) return "";
  for (const char32_t character : characters) hb_set_add(hb_subset_input_unicode_set(input), character);
  hb_subset_input_set_flags(input, HB_SUBSET_FLAGS_NO_HINTING);
  // No kerning and no ligatures: text is as wide as it was measured.
  for (const char* tag : {"GSUB", "GPOS", "GDEF", "kern", "BASE", "DSIG", "STAT", "meta", "gasp"})
    hb_set_add(hb_subset_input_set(input, HB_SUBSET_SETS_DROP_TABLE_TAG), hb_tag_from_string(tag, -1));
  std::string bytes;
  if (hb_face_t* made = hb_subset_or_fail(face, input)) {
    hb_blob_t* blob = hb_face_reference_blob(made);
    unsigned length = 0;
    const char* data = hb_blob_get_data(blob, &length);
    bytes.assign(data, length);
    hb_blob_destroy(blob);
    hb_face_destroy(made);
  }
  hb_subset_input_destroy(input);
  return bytes;
}

}  // namespace

std::string web_text(std::string_view text) {
  std::string clean;
  while (!text.empty()) append_character(clean, web_character(next_character(text)));
  return clean;
}

std::string base64(std::string_view bytes) {
  constexpr const char* kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = i; j < i + 3; ++j) group = (group << 8) | (j < bytes.size() ? std::uint8_t(bytes[j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j) text += i + j > bytes.size() ? '=' : kDigits[(group >> (18 - 6 * j)) & 0x3F];
  }
  return text;
}

FontUse::FontUse(const Fonts& fonts) : fonts_(fonts) {
  for (int i = 0; i < kFaces; ++i) used_.push_back({fonts.face(static_cast<Face>(i)), {}});
}

std::vector<FontUse::Run> FontUse::runs_of(Face face, std::string_view utf8) {
  std::vector<Run> runs;
  while (!utf8.empty()) {
    const char32_t character = web_character(next_character(utf8));
    const Fonts::Glyph glyph = fonts_.glyph(face, character);
    auto font = static_cast<std::size_t>(face);
    if (glyph.index != 0 && glyph.from != used_[font].from) {
      const auto known =
          std::find_if(used_.begin(), used_.end(), [&](const Used& one) { return one.from == glyph.from; });
      font = static_cast<std::size_t>(known - used_.begin());
      if (known == used_.end()) used_.push_back({glyph.from, {}});
    }
    if (glyph.index != 0) used_[font].characters.insert(character);
    if (runs.empty() || runs.back().font != font) runs.push_back({font, ""});
    append_character(runs.back().text, character);
  }
  return runs;
}

FontSubsets::FontSubsets(const Fonts& fonts) : fonts_(fonts) {}
FontSubsets::~FontSubsets() = default;

const std::string& FontSubsets::subset(const FontUse::Used& used) {
  const auto [made, is_new] = made_.try_emplace({used.from, used.characters});
  if (is_new && may_be_embedded(used.from)) {
    auto face = faces_.find(used.from);
    if (face == faces_.end())
      face = faces_.try_emplace(used.from, face_of(used.from), [](hb_face_t* one) { hb_face_destroy(one); }).first;
    made->second = base64(subset_of(face->second.get(), used.characters));
  }
  return made->second;
}

std::string FontSubsets::style_of(const FontUse& use) {
  std::string style;
  for (std::size_t i = 0; i < use.used().size(); ++i) {
    const FontUse::Used& used = use.used()[i];
    if (used.characters.empty()) continue;
    const Name name = i < kFaces ? kNames[i] : Name{"", "sans-serif", 400};
    const std::string family = i < kFaces ? name.family : fmt::format("other {}", i);
    if (const std::string& font = subset(used); !font.empty())
      style += fmt::format("@font-face{{font-family:\"{}\";font-weight:{};src:url(data:font/{};base64,{})}}\n", family,
                           name.weight, font.starts_with("T1RUTw") ? "otf" : "ttf", font);
    style += fmt::format(".f{}{{font-family:\"{}\",{};font-weight:{}}}\n", i, family, name.otherwise, name.weight);
  }
  return style;
}

}  // namespace forktable
