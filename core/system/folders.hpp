// Where the user's things are kept: the XDG base directories.
#pragma once

#include <optional>
#include <string>

namespace forktable {

// Where Forktable is installed: the folder above that of the running program. Never a matter of PATH or the working
// directory; nothing where /proc isn't mounted, which is where the kernel tells.
std::optional<std::string> installation_folder();
// $XDG_CONFIG_HOME/forktable, else ~/.config/forktable. Nothing when there is no home either. A variable that
// holds no absolute path counts as not set, as the specification wants it.
std::optional<std::string> settings_folder();
// $XDG_STATE_HOME/forktable, else ~/.local/state/forktable.
std::optional<std::string> state_folder();
// Forktable/ in $XDG_PICTURES_DIR, else in what user-dirs.dirs(5) says, else in ~/Pictures; without a home, a folder in
// /tmp.
std::string pictures_folder();

}  // namespace forktable
