// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "engine/insights/insight.h"

// What things are called in results, as JSON and as text.
namespace millrace::insights {

// "count_by", "hours_of_day".
[[nodiscard]] std::string_view name_of(Kind kind);

// "first" or "last".
[[nodiscard]] std::string_view name_of(Edge edge);

// 0.5 is "p50", 0.999 is "p99.9".
[[nodiscard]] std::string quantile_name(double quantile);

}  // namespace millrace::insights
