#include "core/program/server_setup.hpp"

#include <fmt/format.h>

#include "core/system/folders.hpp"

namespace forktable {

ServerSetup with_server(ServerSetup setup, ServerKind kind) {
  setup.program = setup.program.substr(0, setup.program.rfind('/') + 1) + fmt::format("{}-server", name_of(kind));
  setup.kind = kind;
  return setup;
}

std::string installed_server(ServerKind kind) {
  const auto folder = installation_folder();
  return folder ? *folder + fmt::format("/libexec/forktable/{}-server", name_of(kind)) : "";
}

}  // namespace forktable
