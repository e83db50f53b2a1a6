// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/insights/results.h"

namespace millrace::report {

// The one number that an insight came to, or one of its quantiles. Nothing where there is no such
// insight, or it is no one number, or there was nothing to make it of; and where it is a rate that
// was taken over less than its minute.
[[nodiscard]] std::optional<double> number_of(const std::vector<insights::Result>& results,
                                              std::string_view insight,
                                              std::optional<double> quantile);

}  // namespace millrace::report
