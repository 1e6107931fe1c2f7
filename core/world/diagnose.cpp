#include "core/world/diagnose.hpp"

namespace forktable {

std::vector<Diagnosis> diagnose(const World&, Nanoseconds) { return {}; }

}  // namespace forktable
