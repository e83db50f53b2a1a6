// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/insights/results.h"

namespace millrace::report {

// One line of JSON: `pipeline`, `time_ms` (Unix, when they were taken), `durable`, and as the
// report has them `insights`, `not_counted` and `not_kept`. Ends in no newline.
[[nodiscard]] std::string insights_to_json(std::string_view pipeline, int64_t time_ms, bool durable,
                                           const std::vector<insights::Result>& results);

}  // namespace millrace::report
