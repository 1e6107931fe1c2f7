#include "app/version.hpp"

#include "forktable_commit.hpp"

namespace forktable {

std::string version_text() {
  const std::string commit = FORKTABLE_COMMIT;
  return "forktable " FORKTABLE_VERSION + (commit.empty() ? "" : " (" + commit + ")");
}

}  // namespace forktable
