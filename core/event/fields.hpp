// How an event names itself and its fields: once, for the wire, the recording and the tests.
#pragma once

#include <string_view>

#define FORKTABLE_EVENT(event_name) static constexpr std::string_view name = event_name
#define FORKTABLE_FIELDS(...) \
  static constexpr void fields([[maybe_unused]] auto& self, [[maybe_unused]] auto&& visit) { __VA_ARGS__ }
