// A line of a recording, read: an object of numbers and strings, nothing inside anything.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace forktable {

inline std::string json_string(std::string_view text) {
  using Json = nlohmann::json;
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

struct Field {
  std::string key;
  std::variant<std::monostate, std::int64_t, std::string> value;
};

class FlatObject {
 public:
  // Empty when the line is good, else what is wrong with it.
  std::string parse(std::string_view line) {
    fields_.clear();
    problem_.clear();
    open_ = closed_ = false;
    nlohmann::json::sax_parse(line, this);
    if (problem_.empty() && !closed_) problem_ = "not a JSON object";
    return problem_;
  }
  const Field* find(std::string_view key) const {
    for (const Field& field : fields_)
      if (field.key == key) return &field;
    return nullptr;
  }
  const std::string* text(std::string_view key) const {
    const Field* field = find(key);
    return field != nullptr ? std::get_if<std::string>(&field->value) : nullptr;
  }
  const std::int64_t* number(std::string_view key) const {
    const Field* field = find(key);
    return field != nullptr ? std::get_if<std::int64_t>(&field->value) : nullptr;
  }

  // What nlohmann::json::sax_parse calls.
  bool null() { return take({}); }
  bool boolean(bool) { return take({}); }
  bool number_integer(std::int64_t number) { return take(number); }
  bool number_unsigned(std::uint64_t number) {
    if (number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return fail("a number too large");
    return take(static_cast<std::int64_t>(number));
  }
  bool number_float(double, const std::string&) { return take({}); }
  bool string(std::string& text) { return take(std::move(text)); }
  bool binary(std::vector<std::uint8_t>&) { return false; }
  bool start_object(std::size_t) { return open_ ? fail("an object inside an object") : (open_ = true); }
  bool start_array(std::size_t) { return fail("an array, where none belongs"); }
  bool end_array() { return false; }
  bool end_object() { return closed_ = true; }
  bool key(std::string& key) {
    if (fields_.size() == 32) return fail("too many fields");
    fields_.push_back({std::move(key), {}});
    return true;
  }
  template <class Problem>
  bool parse_error(std::size_t position, const std::string&, const Problem&) {
    return fail(fmt::format("no JSON at column {}", position));
  }

 private:
  bool take(std::variant<std::monostate, std::int64_t, std::string> value) {
    if (fields_.empty()) return fail("not a JSON object");
    fields_.back().value = std::move(value);
    return true;
  }
  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  std::vector<Field> fields_;
  std::string problem_;
  bool open_ = false, closed_ = false;
};

}  // namespace forktable
