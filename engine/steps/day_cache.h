// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <limits>

namespace millrace::steps {

// The date of one day as text: records of one stream mostly lie within a day, so that one division
// usually tells their date. One per worker.
struct DayCache {
  int64_t day = std::numeric_limits<int64_t>::min();  // since 1970-01-01
  std::array<char, 10> date{};                        // YYYY-MM-DD
};

}  // namespace millrace::steps
