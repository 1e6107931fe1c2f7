#include "core/server/listing.hpp"

namespace forktable {

extern const char* const kProcessServerText;

namespace {

// Takes "unless(kBug) " or "when(kBug) " out of the line.
std::optional<Bug> take_switch(std::string& text, std::string_view keyword) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string::npos || text.compare(begin, keyword.size(), keyword) != 0) return std::nullopt;
  if (begin + keyword.size() >= text.size() || text[begin + keyword.size()] != '(') return std::nullopt;
  const std::size_t name = begin + keyword.size() + 1, end = text.find(')', name);
  if (end == std::string::npos) return std::nullopt;
  static constexpr std::string_view kNames[] = {"kParentKeepsConnfd", "kChildKeepsListenfd", "kNoSigchldHandler",
                                                "kOneWaitpid",        "kNoEintrCheck",       "kChildNeverExits",
                                                "kErrnoClobbered"};
  static_assert(std::size(kNames) == kBugCount);
  for (int i = 0; i < kBugCount; ++i)
    if (kNames[i] == text.substr(name, end - name)) {
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

const Listing& listing_of(std::string_view server) {
  static const Listing process{"process_server.cpp", parse_listing(kProcessServerText)};
  static const Listing none;
  return server == "process" ? process : none;
}

}  // namespace forktable
