// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <charconv>
#include <cstdint>
#include <string_view>

#include "engine/record/decimal.h"

namespace millrace::steps {

// A JSON number prepared for comparing: exact at any size, and fast where both numbers are
// integers of 64 bits. Lifetime: not longer than its text.
class Number {
 public:
  // Requires: a number by JSON's grammar.
  explicit Number(std::string_view text) noexcept : text_(text) {
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, integer_);
    is_integer_ = parsed.ec == std::errc{} && parsed.ptr == end;
  }

  // Below 0 where left is less, above 0 where it is more.
  friend int compare(const Number& left, const Number& right) noexcept {
    if (left.is_integer_ && right.is_integer_) [[likely]]
      return left.integer_ < right.integer_ ? -1 : left.integer_ > right.integer_ ? 1 : 0;
    return record::compare_numbers(left.text_, right.text_);
  }

 private:
  std::string_view text_;
  int64_t integer_ = 0;
  bool is_integer_ = false;  // written without a point and an exponent
};

}  // namespace millrace::steps
