// `forktable compare`: what each server costs, measured here and now.
#include <fmt/format.h>
#include <unistd.h>

#include <set>

#include "app/commands.hpp"
#include "app/measuring.hpp"
#include "core/recording/cost_lines.hpp"
#include "core/system/file.hpp"
#include "ui/export/chart_file.hpp"

namespace forktable {
namespace {

constexpr const char* kSaving = "can't save";

template <class T>
bool has_doubles(const std::vector<T>& list) {
  return std::set<T>(list.begin(), list.end()).size() < list.size();
}

Result<void> save(const CostTable& table, Format format, const CompareOptions& options) {
  const auto fonts = Fonts::load();
  if (!fonts) return tl::make_unexpected(fonts.error());
  const auto bytes = chart_file(table, format, options.theme == "dark", **fonts);
  if (!bytes) return tl::make_unexpected(bytes.error());
  return write_file(options.output, *bytes, kSaving, if_there(options.force));
}

}  // namespace

int compare_servers(const CompareOptions& options) {
  const auto format = format_of(options.output);
  if (!options.output.empty() && !(format && is_for_charts(*format)))
    return fail(
        fmt::format("can't tell the format of {}: the name must end in .png, .svg, .pdf or .json", options.output),
        kWrongArguments);
  if (has_doubles(options.servers) || has_doubles(options.clients))
    return fail("--servers and --clients take each only once", kWrongArguments);
  if (options.clients.size() > kMostCostRuns)
    return fail(fmt::format("--clients takes at most {} numbers", kMostCostRuns), kWrongArguments);
  if (!options.output.empty() && !options.force)
    if (const auto free = check_free(options.output, kSaving); !free) return fail_to_write(free.error(), false);
  CostRequest request;
  if (!options.servers.empty()) request.servers = options.servers;
  if (!options.clients.empty()) request.clients = options.clients;
  const auto table = measure_here(request);
  if (!table) return fail(table.error());
  if (options.output.empty())
    return print(options.json ? json_of(*table) : text_of(*table, isatty(STDOUT_FILENO) != 0));
  if (auto saved = save(*table, *format, options); !saved) return fail_to_write(saved.error(), options.force);
  return print(options.json ? json_of(*table) : options.output + "\n");
}

}  // namespace forktable
