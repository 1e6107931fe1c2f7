#include "ui/export/svg.hpp"

#include <fmt/format.h>

#include <iterator>

#include "ui/export/svg_elements.hpp"

namespace forktable {
namespace {

void append(std::string& file, const SvgElement& element) {
  file += '<';
  file += element.tag;
  for (const auto* attributes : {&element.place, &element.look})
    for (const auto& [name, value] : *attributes) fmt::format_to(std::back_inserter(file), " {}=\"{}\"", name, value);
  if (element.text.empty()) {
    file += "/>\n";
    return;
  }
  file += '>';
  for (const FontUse::Run& run : element.text) {
    if (run.font == element.font)
      file += escaped(run.text);
    else
      fmt::format_to(std::back_inserter(file), "<tspan class=\"f{}\">{}</tspan>", run.font, escaped(run.text));
  }
  fmt::format_to(std::back_inserter(file), "</{}>\n", element.tag);
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string file;
  for (const char c : web_text(text)) {
    switch (c) {
      case '&': file += "&amp;"; break;
      case '<': file += "&lt;"; break;
      case '>': file += "&gt;"; break;
      case '"': file += "&quot;"; break;
      case '\'': file += "&#39;"; break;
      default: file += c;
    }
  }
  return file;
}

std::string paint_svg(const Scene& scene, std::optional<Color> paper, FontSubsets& fonts, const SvgWords& words) {
  FontUse use(fonts.fonts());
  const std::vector<SvgElement> elements = svg_elements(scene, fonts.fonts(), use);
  const std::string width = svg_number(scene.size.width), height = svg_number(scene.size.height);
  std::string file = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
      "style=\"max-width:100vw;max-height:100vh\" "
      "xml:space=\"preserve\" role=\"img\">\n<title>{2}</title>\n<desc>{3}</desc>\n<style>\n{4}{5}</style>\n",
      width, height, escaped(words.title), escaped(words.description), fonts.style_of(use), kSvgStyle);
  if (paper) append(file, {"rect", {{"fill", svg_color(*paper)}}, {{"width", width}, {"height", height}}, {}});
  for (const SvgElement& element : elements) append(file, element);
  return file + "</svg>\n";
}

}  // namespace forktable
