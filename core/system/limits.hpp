// How many descriptors this process may have.
#pragma once

namespace forktable {

// Raises the soft limit to the hard one, for a thousand clients in one process. Returns the soft limit as it
// was, which is what a program that we start is to get. See getrlimit(2), RLIMIT_NOFILE.
int raise_descriptor_limit();

}  // namespace forktable
