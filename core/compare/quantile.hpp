// One number for many of which some are far off.
#pragma once

#include <vector>

namespace forktable {

// The smallest value that this part of all, 0 to 1, is not above. At least one value.
double quantile(std::vector<double> values, double part);
// The one in the middle, or the mean of the two that are. At least one value.
double median(std::vector<double> values);

}  // namespace forktable
