#include "core/system/result.hpp"

#include <cstring>

namespace forktable {

std::string Error::message() const {
  if (number == 0) return what;
  const char* description = strerrordesc_np(number);
  return what + ": " + (description != nullptr ? description : "unknown error " + std::to_string(number));
}

}  // namespace forktable
