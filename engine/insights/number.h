// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/insights/encoding.h"

namespace millrace::insights {

// A number of a record: a 64-bit integer where it is one, else the nearest double. Never NaN or
// infinite.
class Number {
 public:
  // Of a JSON number's text. It is an integer where the text has neither fraction nor exponent and
  // it fits 64 bits. Nothing where it is too large for a double; what is too near to zero for one
  // is zero.
  [[nodiscard]] static std::optional<Number> parse(std::string_view json);

  explicit Number(int64_t integer) : integer_(integer), is_integer_(true) {}

  // Requires: `real` is finite. Minus zero becomes zero, so that equal numbers look alike.
  explicit Number(double real) : real_(real + 0.0) {}

  [[nodiscard]] bool is_integer() const { return is_integer_; }

  [[nodiscard]] int64_t integer() const { return integer_; }

  [[nodiscard]] double real() const { return is_integer_ ? static_cast<double>(integer_) : real_; }

  // By value, exactly, also between an integer and a double.
  friend bool operator<(const Number& a, const Number& b);
  friend bool operator==(const Number& a, const Number& b);

  // As JSON, with the fewest digits that give the same number again.
  [[nodiscard]] std::string to_json() const;

 private:
  int64_t integer_ = 0;
  double real_ = 0;
  bool is_integer_ = false;
};

void save(const Number& number, Encoder& to);
// Nothing where there is none; not ok() then.
[[nodiscard]] std::optional<Number> load_number(Decoder& from);

// The least and the greatest of numbers. (Of 1 and 1.0 the integer is kept, whichever came first.)
struct NumberRange {
  std::optional<Number> least;
  std::optional<Number> greatest;

  void add(const Number& number);
  void merge(const NumberRange& other);

  void save(Encoder& to) const;
  void load(Decoder& from);

  void clear() { *this = {}; }
};

}  // namespace millrace::insights
