// System calls that fail in a program which a test starts: see fault_injector.cpp.
#pragma once

#include <string>

#include "tests/support/temporary_folder.hpp"

namespace forktable::test {

struct Fault {
  std::string calls;  // "accept,read": names that fault_injector.cpp knows
  int error = 0;
  int skip = 0;        // so many of these calls are left alone first
  int every = 1;       // from then on, one in so many fails, at random
  int most = 1 << 30;  // until so many have failed
};

// While there is one, kFaultInjector starts `program` with that fault. There is one at a time.
class Faults {
 public:
  Faults(const std::string& program, const Fault& fault);
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;
  ~Faults();

  // How many calls have failed so far.
  int count() const;

  // Whether the kernel lets this user do that.
  static bool are_allowed();
  static constexpr const char* kWhyNot =
      "seccomp(2) is forbidden to this user, as in some containers: no call can be made to fail. Run outside of it";

 private:
  TemporaryFolder folder_;
};

}  // namespace forktable::test
