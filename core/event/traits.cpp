#include "core/event/traits.hpp"

namespace forktable {

Teller teller_of(const What& what) {
  return std::visit([]<class T>(const T&) { return T::teller; }, what);
}

Moves moves_of(const What& what) {
  return std::visit([]<class T>(const T&) { return T::moves; }, what);
}

Narrated narrated_of(const What& what) {
  return std::visit([]<class T>(const T&) { return T::narrated; }, what);
}

std::string_view mark_of(const What& what) {
  return std::visit([](const auto& one) { return one.mark(); }, what);
}

ClientId client_of(const What& what) {
  return std::visit(
      [](const auto& one) -> ClientId {
        if constexpr (requires { one.client; }) return one.client;
        return {};
      },
      what);
}

}  // namespace forktable
