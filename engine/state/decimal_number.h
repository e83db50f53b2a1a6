// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <optional>
#include <string_view>

namespace millrace::state {

// The number that the whole text is: decimal digits as a writer gives them, without a sign and
// without zeros in front. So a number has one text, and two keys are never the same to a reader and
// different to Kafka.
template <typename Integer>
[[nodiscard]] std::optional<Integer> decimal_number(std::string_view text) {
  if (text.empty() || text.front() == '-' || (text.front() == '0' && text.size() > 1))
    return std::nullopt;
  Integer number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace millrace::state
