#include <fmt/format.h>

#include <charconv>

#include "app/commands.hpp"
#include "core/event/recording.hpp"
#include "core/system/file.hpp"
#include "core/world/narrate.hpp"
#include "core/world/reduce.hpp"
#include "core/world/telling.hpp"
#include "ui/picture/cairo_painter.hpp"
#include "ui/picture/slide.hpp"

namespace forktable {
namespace {

// "12", "last" or "telling"; nothing if it is none of them.
std::optional<std::uint64_t> step_of(const std::string& text, const std::vector<Event>& events) {
  if (text == "last") return events.size();
  if (text == "telling") return most_telling_step(events);
  std::uint64_t step = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return step;
}

}  // namespace

int export_picture(const ExportOptions& options) {
  if (!options.output.ends_with(".png"))
    return fail(fmt::format("can't tell the format of {}: the name must end in .png", options.output), kWrongArguments);
  const auto recording = read_recording(options.recording);
  if (!recording) return fail(recording.error());
  const std::vector<Event>& events = recording->events;
  const auto step = step_of(options.step, events);
  if (!step)
    return fail(fmt::format("{} is no step: give a number, \"last\" or \"telling\"", options.step), kWrongArguments);
  if (*step > events.size())
    return fail(fmt::format("there is no step {}: {} has {}", *step, options.recording, events.size()),
                kWrongArguments);

  const auto fonts = Fonts::load();
  if (!fonts) return fail(fonts.error());
  World world;
  Narration caption;
  for (std::uint64_t i = 0; i < *step; ++i) {
    if (i + 1 == *step) caption = narrate(world, events[i]);
    reduce(world, events[i]);
  }
  const Theme& theme = options.theme == "dark" ? dark_theme() : slide_theme();
  const Scene scene = draw_slide({world, caption, fmt::format("step {} of {}", *step, events.size()), theme, **fonts});
  const auto png = paint_png(scene, theme.paper, **fonts, options.scale);
  if (!png) return fail(png.error());
  if (const auto written = write_file(options.output, *png, "can't save picture"); !written)
    return fail(written.error());
  return print(options.output + "\n");
}

}  // namespace forktable
