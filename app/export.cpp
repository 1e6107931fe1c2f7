#include <fmt/format.h>

#include <cmath>

#include "app/commands.hpp"
#include "core/recording/recording.hpp"
#include "core/system/file.hpp"
#include "core/world/narrate.hpp"
#include "core/world/reduce.hpp"
#include "ui/picture/cairo_painter.hpp"
#include "ui/picture/slide.hpp"

namespace forktable {
int export_picture(const ExportOptions& options) {
  if (!options.output.ends_with(".png"))
    return fail(fmt::format("can't tell the format of {}: the name must end in .png", options.output), kWrongArguments);
  if (!std::isfinite(options.scale)) return fail("--scale takes a number from 0.25 to 8", kWrongArguments);
  const auto recording = read_recording(options.recording);
  if (!recording) return fail(recording.error());
  const std::vector<Event>& events = recording->events;
  const auto step = step_of(options.step, events);
  if (!step) return fail(step.error().message(), kWrongArguments);

  const auto fonts = Fonts::load();
  if (!fonts) return fail(fonts.error());
  // The caption is of the latest step that is told of; what came after it belongs to its picture.
  std::uint64_t told = *step;
  while (told > 0 && !is_told(events[told - 1])) --told;
  if (told == 0) told = *step;
  World world;
  Narration caption;
  Nanoseconds now = 0;
  for (std::uint64_t i = 0; i < settled_step(events, *step); ++i) {
    if (i + 1 == told) caption = narrate(world, events[i]);
    reduce(world, events[i]);
    if (i + 1 == told) now = world.now;
  }
  const Theme& theme = options.theme == "dark" ? dark_theme() : slide_theme();
  SlideRequest slide{world, caption, fmt::format("step {} of {}", *step, events.size()), theme, **fonts};
  slide.now = now;
  const Scene scene = draw_slide(slide);
  const auto png = paint_png(scene, theme.paper, **fonts, options.scale);
  if (!png) return fail(png.error());
  if (const auto written = write_file(options.output, *png, "can't save picture"); !written)
    return fail(written.error());
  return print(options.output + "\n");
}

}  // namespace forktable
