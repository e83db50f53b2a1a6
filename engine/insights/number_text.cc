// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/number_text.h"

#include <cmath>
#include <cstdint>

#include <fmt/format.h>

#include "engine/insights/text_table.h"

namespace millrace::insights {

std::string measured(double number) {
  if (std::abs(number) < 999.5 || std::abs(number) > 1e15) return fmt::format("{:.3g}", number);
  const auto whole = static_cast<uint64_t>(std::llround(std::abs(number)));
  return (number < 0 ? "-" : "") + grouped(whole);
}

std::string number_text(const Number& number) {
  if (!number.is_integer()) return number.to_json();
  const int64_t integer = number.integer();
  const auto magnitude = static_cast<uint64_t>(integer);
  return integer < 0 ? "-" + grouped(-magnitude) : grouped(magnitude);
}

}  // namespace millrace::insights
