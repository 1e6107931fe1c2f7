#include "ui/picture/fonts.hpp"

#include <fontconfig/fontconfig.h>
#include <ft2build.h>

#include <iterator>
#include FT_FREETYPE_H

namespace forktable {
namespace {

struct Wanted {
  const char* family;
  int weight;
};
constexpr Wanted kWanted[] = {{"Inter", FC_WEIGHT_REGULAR},
                              {"Inter", FC_WEIGHT_DEMIBOLD},
                              {"Inter", FC_WEIGHT_BOLD},
                              {"JetBrains Mono", FC_WEIGHT_REGULAR},
                              {"JetBrains Mono", FC_WEIGHT_BOLD}};
static_assert(std::size(kWanted) == count_of<Face>());

struct Found {
  std::string file;
  int index = 0;
  std::string family;
};

Found best_match(FcConfig* config, FcPattern* pattern) {
  Found found;
  FcPatternAddBool(pattern, FC_SCALABLE, FcTrue);
  FcConfigSubstitute(config, pattern, FcMatchPattern);
  FcDefaultSubstitute(pattern);
  FcResult result{};
  if (FcPattern* match = FcFontMatch(config, pattern, &result)) {
    FcChar8* text = nullptr;
    if (FcPatternGetString(match, FC_FILE, 0, &text) == FcResultMatch) found.file = reinterpret_cast<const char*>(text);
    if (FcPatternGetString(match, FC_FAMILY, 0, &text) == FcResultMatch)
      found.family = reinterpret_cast<const char*>(text);
    FcPatternGetInteger(match, FC_INDEX, 0, &found.index);
    FcPatternDestroy(match);
  }
  return found;
}

Found find(FcConfig* config, const Wanted& wanted) {
  FcPattern* pattern = FcPatternCreate();
  FcPatternAddString(pattern, FC_FAMILY, reinterpret_cast<const FcChar8*>(wanted.family));
  // What is next best, if that family isn't installed.
  FcPatternAddString(pattern, FC_FAMILY,
                     reinterpret_cast<const FcChar8*>(wanted.family[0] == 'J' ? "monospace" : "sans-serif"));
  FcPatternAddInteger(pattern, FC_WEIGHT, wanted.weight);
  FcPatternAddInteger(pattern, FC_SLANT, FC_SLANT_ROMAN);
  const Found found = best_match(config, pattern);
  FcPatternDestroy(pattern);
  return found;
}

}  // namespace

char32_t next_character(std::string_view& utf8) {
  const auto lead = static_cast<unsigned char>(utf8[0]);
  const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
  if (length == 0 || length > utf8.size()) {
    utf8.remove_prefix(1);
    return 0xFFFD;
  }
  char32_t character = length == 1 ? lead : lead & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if ((byte & 0xC0) != 0x80) {
      utf8.remove_prefix(1);
      return 0xFFFD;
    }
    character = (character << 6) | (byte & 0x3F);
  }
  utf8.remove_prefix(length);
  return character;
}

void append_character(std::string& utf8, char32_t character) {
  const auto tail = [&](int shift) { utf8 += static_cast<char>(0x80 | ((character >> shift) & 0x3F)); };
  if (character < 0x80) {
    utf8 += static_cast<char>(character);
  } else if (character < 0x800) {
    utf8 += static_cast<char>(0xC0 | (character >> 6));
    tail(0);
  } else if (character < 0x10000) {
    utf8 += static_cast<char>(0xE0 | (character >> 12));
    tail(6);
    tail(0);
  } else {
    utf8 += static_cast<char>(0xF0 | (character >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

Result<std::unique_ptr<Fonts>> Fonts::load() {
  std::unique_ptr<Fonts> fonts(new Fonts);
  if (FT_Init_FreeType(&fonts->library_) != 0) return failure("can't start FreeType");
  fonts->config_ = FcInitLoadConfigAndFonts();
  for (std::size_t i = 0; i < kFaces; ++i) {
    const std::string family = kWanted[i].family;
    const Found found = find(fonts->config_, kWanted[i]);
    fonts->files_[i] = found.file;
    if (found.family.find(family) == std::string::npos && fonts->missing_.find(family) == std::string::npos)
      fonts->missing_ += (fonts->missing_.empty() ? "" : ", ") + family;
    if (found.file.empty() || FT_New_Face(fonts->library_, found.file.c_str(), found.index, &fonts->faces_[i]) != 0)
      return failure("can't load a font for " + family + " (install fonts-inter and fonts-jetbrains-mono)");
  }
  return fonts;
}

Fonts::~Fonts() {
  for (const auto& [file, face] : substitutes_)
    if (face != nullptr) FT_Done_Face(face);
  for (FT_FaceRec_* face : faces_)
    if (face != nullptr) FT_Done_Face(face);
  if (library_ != nullptr) FT_Done_FreeType(library_);
  if (config_ != nullptr) FcConfigDestroy(config_);
}

// A font of the system that has the character: what a user types may be in any script.
FT_FaceRec_* Fonts::find_substitute(char32_t character) const {
  FcCharSet* wanted = FcCharSetCreate();
  FcCharSetAddChar(wanted, character);
  FcPattern* pattern = FcPatternCreate();
  FcPatternAddCharSet(pattern, FC_CHARSET, wanted);
  const Found found = best_match(config_, pattern);
  FcPatternDestroy(pattern);
  FcCharSetDestroy(wanted);
  const auto [at, is_new] = substitutes_.try_emplace(found.file, nullptr);
  if (is_new && FT_New_Face(library_, found.file.c_str(), found.index, &at->second) != 0) at->second = nullptr;
  return at->second;
}

Fonts::Glyph Fonts::glyph(Face wanted, char32_t character) const {
  auto& known = glyphs_[static_cast<std::size_t>(wanted)];
  if (const auto at = known.find(character); at != known.end()) return at->second;
  Glyph glyph{face(wanted), 0, 0};
  const auto try_face = [&](FT_FaceRec_* candidate) {
    if (candidate == nullptr || glyph.index != 0) return;
    glyph.index = FT_Get_Char_Index(candidate, character);
    if (glyph.index != 0) glyph.from = candidate;
  };
  try_face(face(wanted));
  try_face(face(Face::kRegular));
  if (glyph.index == 0) try_face(find_substitute(character));
  if (FT_Load_Glyph(glyph.from, glyph.index, FT_LOAD_NO_SCALE) == 0)
    glyph.advance =
        static_cast<float>(glyph.from->glyph->metrics.horiAdvance) / static_cast<float>(glyph.from->units_per_EM);
  return known[character] = glyph;
}

float Fonts::width(Face face, float size, std::string_view utf8) const {
  float em = 0;
  while (!utf8.empty()) em += glyph(face, next_character(utf8)).advance;
  return em * size;
}

float Fonts::width(const Text& text) const {
  float width = this->width(text.face, text.size, text.text);
  if (text.spacing != 0) {
    std::string_view rest = text.text;
    for (; !rest.empty(); width += text.spacing) next_character(rest);
  }
  return width;
}

std::string Fonts::fitted(std::string text, Face face, float size, float widest) const {
  if (width(face, size, text) <= widest) return text;
  const float room = widest - width(face, size, "…");
  std::string_view rest = text;
  float used = 0;
  std::size_t kept = 0;
  while (!rest.empty()) {
    used += glyph(face, next_character(rest)).advance * size;
    if (used > room) break;
    kept = text.size() - rest.size();
  }
  while (kept > 0 && text[kept - 1] == ' ') --kept;
  text.resize(kept);
  return text + "…";
}

}  // namespace forktable
