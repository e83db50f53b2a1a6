// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::steps {

// The part of a JSON number before its decimal point, whatever way it is written: 1694479551.9,
// 1.6944795519e9. Exact for numbers of any length.
struct WholePart {
  int64_t value = 0;      // cut towards zero; of no meaning where too_large
  bool fraction = false;  // something else than zero was cut off
  bool too_large = false;
};

// Requires: the JSON number grammar.
[[nodiscard]] WholePart whole_part(std::string_view number) noexcept;

// A number of integral value that is not zero, of any size, as the digits to write it with.
// Lifetime: not longer than the text that it was made of.
class IntegerDigits {
 public:
  // With the sign.
  [[nodiscard]] size_t size() const noexcept { return size_; }

  // Writes size() bytes; returns the end.
  char* write(char* to) const noexcept;

 private:
  friend std::optional<IntegerDigits> integer_digits(std::string_view number) noexcept;

  std::string_view mantissa_;  // from its first digit that is not 0; may have a point in it
  size_t size_ = 0;
  bool negative_ = false;
};

// Nothing where the value has a fraction or is zero, or where the exponent is beyond all use.
// Requires: the JSON number grammar.
[[nodiscard]] std::optional<IntegerDigits> integer_digits(std::string_view number) noexcept;

}  // namespace millrace::steps
