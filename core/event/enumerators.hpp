// How many values an enumeration has: a table of their names is checked against it, so that none is forgotten.
#pragma once

#include <cstddef>
#include <string_view>

namespace forktable {

// Whether a value of an enumeration has a name. GCC and Clang write one that has none as a number in parentheses.
template <auto kValue>
constexpr bool is_enumerator() {
  constexpr std::string_view here = __PRETTY_FUNCTION__, parameter = "kValue = ";
  static_assert(here.find(parameter) != here.npos);
  return here[here.find(parameter) + parameter.size()] != '(';
}

// Of an enumeration whose values are 0, 1, 2, ...
template <class Enum, std::size_t kSoFar = 0>
constexpr std::size_t count_of() {
  if constexpr (is_enumerator<static_cast<Enum>(kSoFar)>())
    return count_of<Enum, kSoFar + 1>();
  else
    return kSoFar;
}

}  // namespace forktable
