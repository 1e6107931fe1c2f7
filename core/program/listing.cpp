#include "core/program/listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace forktable {

struct ListingText {
  const char* file;
  const char* text;
};
extern const ListingText kListingTexts[kServerCount];  // by ServerKind

namespace {

// "kParentKeepsConnfd", of parent-keeps-connfd.
std::string enumerator_of(Bug bug) {
  std::string name = "k";
  bool begins = true;
  for (const char letter : name_of(bug)) {
    if (letter != '-') name += begins ? static_cast<char>(letter - 'a' + 'A') : letter;
    begins = letter == '-';
  }
  return name;
}

// Takes "unless(kBug) " or "when(kBug) " out of the line.
std::optional<Bug> take_switch(std::string& text, std::string_view keyword) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string::npos || text.compare(begin, keyword.size(), keyword) != 0) return std::nullopt;
  if (begin + keyword.size() >= text.size() || text[begin + keyword.size()] != '(') return std::nullopt;
  const std::size_t name = begin + keyword.size() + 1, end = text.find(')', name);
  if (end == std::string::npos) return std::nullopt;
  for (int i = 0; i < kBugCount; ++i)
    if (enumerator_of(static_cast<Bug>(i)) == text.substr(name, end - name)) {
      text.erase(begin, text.find_first_not_of(' ', end + 1) - begin);
      return static_cast<Bug>(i);
    }
  return std::nullopt;
}

}  // namespace

bool is_switched_off(const ListingLine& line, Bugs bugs) {
  return (line.unless && bugs.has(*line.unless)) || (line.when && !bugs.has(*line.when));
}

std::vector<ListingLine> parse_listing(std::string_view source) {
  std::vector<ListingLine> lines;
  unsigned number = 0;
  while (!source.empty()) {
    const std::size_t end = std::min(source.find('\n'), source.size());
    ListingLine line;
    line.number = ++number;
    line.text = source.substr(0, end);
    source.remove_prefix(std::min(end + 1, source.size()));
    line.unless = take_switch(line.text, "unless");
    line.when = take_switch(line.text, "when");
    const bool head = line.text.empty() || line.text.starts_with("//") || line.text.starts_with("#");
    if (!lines.empty() || !head) lines.push_back(std::move(line));
  }
  return lines;
}

const Listing& listing_of(ServerKind server) {
  static const std::vector<Listing> all = [] {
    std::vector<Listing> listings;
    for (const ListingText& one : kListingTexts) listings.push_back({one.file, parse_listing(one.text)});
    return listings;
  }();
  return all[static_cast<std::size_t>(server)];
}

const Listing& listing_of(std::string_view server) {
  static const Listing none;
  const auto kind = find_server(server);
  return kind ? listing_of(*kind) : none;
}

std::vector<Bug> switches_of(const Listing& listing) {
  Bugs bugs;
  for (const ListingLine& line : listing.lines)
    for (const std::optional<Bug>& bug : {line.unless, line.when})
      if (bug) bugs.set(*bug, true);
  std::vector<Bug> all;
  for (int i = 0; i < kBugCount; ++i)
    if (bugs.has(static_cast<Bug>(i))) all.push_back(static_cast<Bug>(i));
  return all;
}

Result<void> check_switches(ServerKind server, Bugs bugs) {
  const std::vector<Bug> own = switches_of(listing_of(server));
  for (int i = 0; i < kBugCount; ++i) {
    const Bug bug = static_cast<Bug>(i);
    if (!bugs.has(bug) || std::find(own.begin(), own.end(), bug) != own.end()) continue;
    std::string names;
    for (const Bug one : own) names += (names.empty() ? "" : ", ") + std::string(name_of(one));
    return failure(fmt::format("the server \"{}\" has no switch \"{}\": it has {}", name_of(server), name_of(bug),
                               names.empty() ? "none" : names));
  }
  return {};
}

}  // namespace forktable
