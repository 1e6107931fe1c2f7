#include "tests/support/faults.hpp"

#include <cstdlib>

#include "tests/support/program.hpp"

namespace forktable::test {

Faults::Faults(const std::string& program, const Fault& fault) {
  const auto set = [](const char* variable, const std::string& value) { setenv(variable, value.c_str(), 1); };
  set("FAULT_PROGRAM", program);
  set("FAULT_CALLS", fault.calls);
  set("FAULT_ERRNO", std::to_string(fault.error));
  set("FAULT_SKIP", std::to_string(fault.skip));
  set("FAULT_EVERY", std::to_string(fault.every));
  set("FAULT_MOST", std::to_string(fault.most));
  set("FAULT_COUNT", folder_.file("count"));
}

Faults::~Faults() {
  for (const char* variable :
       {"FAULT_PROGRAM", "FAULT_CALLS", "FAULT_ERRNO", "FAULT_SKIP", "FAULT_EVERY", "FAULT_MOST", "FAULT_COUNT"})
    unsetenv(variable);
}

int Faults::count() const { return std::atoi(contents(folder_.file("count")).c_str()); }

bool Faults::are_allowed() {
  const Faults none("/bin/true", {.calls = "accept", .error = 0});
  return run({.words = {FORKTABLE_FAULT_INJECTOR}}).status == 0;
}

}  // namespace forktable::test
