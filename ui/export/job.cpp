#include "ui/export/job.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

#include "core/lesson/captions.hpp"
#include "core/system/file.hpp"
#include "core/trace/trace.hpp"
#include "core/world/describe.hpp"
#include "ui/export/film.hpp"
#include "ui/export/html.hpp"
#include "ui/export/svg.hpp"
#include "ui/export/vectors.hpp"
#include "ui/picture/cairo_painter.hpp"
#include "ui/picture/lesson_timeline.hpp"

namespace forktable {
namespace {

namespace fs = std::filesystem;

constexpr float kFilmScale = 2.0f / 3;  // 1280 by 720
constexpr double kChartSeconds = 10;
constexpr const char* kSaving = "can't save";

// As PDF wants it; a recording from a stranger may say anything.
std::string date_of(const RecordingHeader& header) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:ddZ";
  const std::string& text = header.started;
  const bool good = text.size() == kShape.size() &&
                    std::equal(text.begin(), text.end(), kShape.begin(),
                               [](char c, char s) { return s == 'd' ? c >= '0' && c <= '9' : c == s; });
  return good ? text : "1970-01-01T00:00:00Z";
}

// How long one needs to read it.
double seconds_for(const Page& page) {
  if (page.chart) return kChartSeconds;
  const auto letters = static_cast<double>(page.caption.said.size() + page.caption.meaning.size());
  return std::clamp(1.2 + letters / 40, 1.6, 6.0);
}

class Exporter {
 public:
  Exporter(const ExportJob& job, const std::function<bool(double)>& progress, const Fonts& fonts)
      : job_(job),
        progress_(progress),
        fonts_(fonts),
        theme_(job.dark ? dark_theme() : slide_theme()),
        paper_(job.transparent ? kTransparent : theme_.paper),
        subsets_(fonts) {}

  Result<std::vector<std::string>> run() {
    if (job_.events.empty() && !job_.step && job_.format != Format::kTrace)
      return failure("can't export " + job_.output + ": there is nothing in the recording");
    const auto done = [&] {
      switch (job_.format) {
        case Format::kPng:
        case Format::kSvg: return pictures();
        case Format::kPdf: return pdf();
        case Format::kHtml: return handout();
        case Format::kTrace: return trace();
        case Format::kGif:
        case Format::kMp4: return film();
      }
      return Result<void>{};
    }();
    if (!done) return tl::make_unexpected(done.error());
    if (auto placed = put_in_place(); !placed) return tl::make_unexpected(placed.error());
    return written_;
  }

 private:
  std::string title() const {
    if (!job_.script.lesson) return job_.name;
    return fmt::format("{}: {}", name_of(*job_.script.lesson), job_.script.lesson->title);
  }

  // Calls `take` with each page that is wanted; an error ends it.
  Result<void> each_page(const std::function<Result<void>(const Page&)>& take) {
    DeckRequest deck{job_.events,    job_.script.lesson ? &*job_.script.lesson : nullptr,
                     theme_,         fonts_,
                     job_.first,     job_.last,
                     job_.pages,     job_.show_plumbing,
                     job_.first_line};
    // A handout has a listing of its own.
    if (job_.format != Format::kHtml) deck.listing = &job_.script.listing;
    if (deck.lesson != nullptr) deck.stage = stage_of(*deck.lesson, job_.events);
    deck.beside = job_.beside;
    if (job_.script.costs) deck.costs = &*job_.script.costs;
    if (job_.step) return take(page_at(deck, *job_.step));
    Result<void> result;
    std::uint64_t pages = 0;
    const auto gone_through = for_each_page(
        deck,
        [&](std::uint64_t step) {
          if (progress_(static_cast<double>(step) / static_cast<double>(std::max<std::uint64_t>(1, job_.last))))
            return true;
          result = failure("can't export " + job_.output + ": given up");
          return false;
        },
        [&](const Page& page) {
          ++pages;
          result = take(page);
          return result.has_value();
        });
    if (!gone_through) return failure("can't export " + job_.output + ": " + gone_through.error().message());
    if (result && pages == 0)
      return failure(
          fmt::format("can't export {}: no step from {} to {} changes the picture (--every-step takes the others too)",
                      job_.output, job_.first, job_.last));
    return result;
  }

  Result<std::unique_ptr<NewFile>> begin(const std::string& name) {
    if (is_same_file(name, job_.input))
      return failure(fmt::format("can't export {} onto itself: give another name", name));
    return NewFile::create(name, kSaving, job_.if_there, Grows::kAside);
  }

  Result<void> save(const std::string& name, const Result<std::string>& bytes) {
    if (!bytes) return tl::make_unexpected(bytes.error());
    auto file = begin(name);
    if (!file) return tl::make_unexpected(file.error());
    if (auto written = (*file)->write(*bytes); !written) return written;
    return note_whole(std::move(*file));
  }

  Result<void> note_whole(std::unique_ptr<NewFile> file) {
    if (auto synced = file->sync(); !synced) return synced;
    written_.push_back(file->path());
    whole_.push_back(std::move(file));
    return {};
  }

  Result<void> put_in_place() {
    for (std::size_t i = 0; i < whole_.size(); ++i)
      if (auto placed = whole_[i]->commit(); !placed) {
        while (i-- > 0) whole_[i]->take_back();
        return placed;
      }
    return {};
  }

  std::string numbered(std::size_t number) const {
    const std::size_t stem_size = job_.output.size() - ending_of(job_.format).size();
    const std::string stem = job_.output.substr(0, stem_size), ending = job_.output.substr(stem_size);
    // As wide as the number of pages can be, so that their names sort as the pages do.
    const std::size_t digits = std::max<std::size_t>(3, std::to_string(job_.last - job_.first + 1).size());
    return fmt::format("{}-{:0{}}{}", stem, number, digits, ending);
  }

  Result<std::string> picture_of(const Page& page) {
    const Scene slide = slide_of(page, theme_, fonts_);
    const Narration caption = plain_caption(page);
    if (job_.format == Format::kPng) return paint_png(slide, paper_, fonts_, job_.scale);
    if (job_.outlines) return paint_outlined_svg(slide, paper_, fonts_);
    return paint_svg(slide, job_.transparent ? std::nullopt : std::optional(paper_), subsets_,
                     {page.heading, caption.said + " " + caption.meaning});
  }

  Result<void> pictures() {
    return each_page([&](const Page& page) {
      return save(job_.step ? job_.output : numbered(written_.size() + 1), picture_of(page));
    });
  }

  Result<void> pdf() {
    PdfDeck deck(printable(title()), date_of(job_.header), paper_, fonts_);
    const auto done = each_page([&](const Page& page) -> Result<void> {
      deck.add(slide_of(page, theme_, fonts_), printable(page.heading + ". " + plain_caption(page).said));
      return {};
    });
    return done ? save(job_.output, deck.finish()) : done;
  }

  Result<void> handout() {
    const bool dated = date_of(job_.header) == job_.header.started;
    HandoutRequest request{
        title(), dated ? "Recorded " + job_.header.started.substr(0, 10) : "", job_.script.listing, job_.events, theme_,
        fonts_};
    request.show_plumbing = job_.show_plumbing;
    if (job_.script.lesson) {
      request.stage = stage_of(*job_.script.lesson, job_.events);
      request.lesson = axis_of(*job_.script.lesson, request.stage);
    }
    Handout handout(request);
    const auto done = each_page([&](const Page& page) -> Result<void> {
      handout.add(page);
      return {};
    });
    return done ? save(job_.output, handout.finish()) : done;
  }

  Result<void> trace() {
    const auto written = trace_of(job_.events, job_.first_line);
    if (!written) return failure("can't export " + job_.output + ": " + written.error().message());
    return save(job_.output, written);
  }

  Result<void> film() {
    auto film = Film::begin(job_.output);
    if (!film) return tl::make_unexpected(film.error());
    auto done = each_page([&](const Page& page) -> Result<void> {
      const auto png = paint_png(slide_of(page, theme_, fonts_), theme_.paper, fonts_, kFilmScale);
      return png ? film->add(*png, seconds_for(page)) : tl::make_unexpected(png.error());
    });
    if (!done) return done;
    auto file = begin(job_.output);
    if (!file) return tl::make_unexpected(file.error());
    if (auto finished = film->finish((*file)->where(), [&] { return progress_(1); }); !finished) return finished;
    return note_whole(std::move(*file));
  }

  const ExportJob& job_;
  const std::function<bool(double)>& progress_;
  const Fonts& fonts_;
  const Theme& theme_;
  const Color paper_;
  FontSubsets subsets_;
  std::vector<std::string> written_;
  std::vector<std::unique_ptr<NewFile>> whole_;  // the same, which are yet to take their places
};

}  // namespace

std::optional<Format> format_of(std::string_view path) {
  std::string lower(path);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (std::size_t i = 0; i < std::size(kFormatEndings); ++i)
    if (lower.ends_with(kFormatEndings[i]) && path.size() > kFormatEndings[i].size()) return static_cast<Format>(i);
  return std::nullopt;
}

bool is_one_file(Format format) { return format != Format::kPng && format != Format::kSvg; }

Result<std::vector<std::string>> carry_out(const ExportJob& job, const std::function<bool(double)>& progress) {
  const auto fonts = Fonts::load();
  if (!fonts) return tl::make_unexpected(fonts.error());
  // Many files may have a folder of their own; that of one is more likely misspelt.
  const bool many = !is_one_file(job.format) && !job.step;
  const fs::path folder = fs::path(job.output).parent_path();
  const bool folder_is_new = many && !folder.empty() && !fs::exists(folder);
  if (many && !folder.empty())
    if (auto made = make_folder(folder.string()); !made) return tl::make_unexpected(made.error());
  auto written = Exporter(job, progress, **fonts).run();
  std::error_code ignored;  // it is not empty, then
  if (!written && folder_is_new) fs::remove(folder, ignored);
  return written;
}

}  // namespace forktable
