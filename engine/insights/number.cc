// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/number.h"

#include <charconv>
#include <cmath>
#include <compare>
#include <system_error>

#include <fmt/format.h>

#include "engine/base/check.h"

namespace millrace::insights {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;

// How a number is written down.
enum : uint8_t { kInteger, kReal };

// Whether a JSON number, which no double is near to, is too large and not too small: whether its
// first digit that is not 0 stands before the decimal point, once the exponent has moved that.
bool is_large(std::string_view json) {
  const size_t exponent_at = json.find_first_of("eE");
  const std::string_view digits = json.substr(0, exponent_at);
  const size_t first = digits.find_first_of("123456789");
  if (first == std::string_view::npos) return false;
  const size_t point =
      digits.find('.') == std::string_view::npos ? digits.size() : digits.find('.');
  // Texts are far shorter than 2^62 bytes, and an exponent beyond 2^62 decides alone.
  const int64_t before_point = first < point ? static_cast<int64_t>(point - first)
                                             : -static_cast<int64_t>(first - point - 1);
  if (exponent_at == std::string_view::npos) return before_point > 0;

  std::string_view exponent = json.substr(exponent_at + 1);
  if (exponent.front() == '+') exponent.remove_prefix(1);
  int64_t moved = 0;
  const auto [end, error] =
      std::from_chars(exponent.data(), exponent.data() + exponent.size(), moved);
  if (error != std::errc() || moved > INT64_MAX / 2 || moved < INT64_MIN / 2) {
    return exponent.front() != '-';
  }
  return before_point + moved > 0;
}

// An integer against a double that may be anything but NaN, without rounding the integer.
std::strong_ordering compare(int64_t integer, double real) {
  if (real >= kTwoTo63) return std::strong_ordering::less;
  if (real < -kTwoTo63) return std::strong_ordering::greater;
  const auto whole = static_cast<int64_t>(real);  // towards zero; exact, as it fits
  if (integer != whole) return integer <=> whole;
  const double fraction = real - static_cast<double>(whole);
  if (fraction > 0) return std::strong_ordering::less;
  return fraction < 0 ? std::strong_ordering::greater : std::strong_ordering::equal;
}

// `candidate` instead of `held`: where it is beyond it, and where it is the integer of two that are
// equal.
bool replaces(const Number& candidate, const Number& held, bool beyond) {
  return beyond || (candidate.is_integer() && !held.is_integer() && candidate == held);
}

}  // namespace

std::optional<Number> Number::parse(std::string_view json) {
  const char* const end = json.data() + json.size();
  int64_t integer = 0;
  const auto [integer_end, integer_error] = std::from_chars(json.data(), end, integer);
  if (integer_end == end && integer_error == std::errc()) return Number(integer);
  // It has a fraction or an exponent, where the integer ended, or is too large for one.
  double real = 0;
  const auto [at, error] = std::from_chars(json.data(), end, real);
  MILLRACE_CHECK(at == end);
  if (error == std::errc()) return Number(real);
  MILLRACE_CHECK(error == std::errc::result_out_of_range);
  if (is_large(json)) return std::nullopt;
  return Number(0.0);
}

bool operator<(const Number& a, const Number& b) {
  if (a.is_integer_) {
    return b.is_integer_ ? a.integer_ < b.integer_ : compare(a.integer_, b.real_) < 0;
  }
  return b.is_integer_ ? compare(b.integer_, a.real_) > 0 : a.real_ < b.real_;
}

bool operator==(const Number& a, const Number& b) {
  if (a.is_integer_) {
    return b.is_integer_ ? a.integer_ == b.integer_ : compare(a.integer_, b.real_) == 0;
  }
  return b.is_integer_ ? compare(b.integer_, a.real_) == 0 : a.real_ == b.real_;
}

std::string Number::to_json() const {
  return is_integer_ ? fmt::format("{}", integer_) : fmt::format("{}", real_);
}

void save(const Number& number, Encoder& to) {
  if (number.is_integer()) {
    to.number(kInteger);
    to.signed_number(number.integer());
  } else {
    to.number(kReal);
    to.real(number.real());
  }
}

std::optional<Number> load_number(Decoder& from) {
  const uint64_t kind = from.number();
  const int64_t integer = kind == kInteger ? from.signed_number() : 0;
  const double real = kind == kReal ? from.real() : 0;
  if (kind > kReal || !std::isfinite(real)) from.fail();
  if (!from.ok()) return std::nullopt;
  return kind == kInteger ? Number(integer) : Number(real);
}

void NumberRange::add(const Number& number) {
  if (!least || replaces(number, *least, number < *least)) least = number;
  if (!greatest || replaces(number, *greatest, *greatest < number)) greatest = number;
}

void NumberRange::merge(const NumberRange& other) {
  if (other.least) add(*other.least);
  if (other.greatest) add(*other.greatest);
}

void NumberRange::save(Encoder& to) const {
  to.number(least && greatest ? 1 : 0);
  if (!least || !greatest) return;
  insights::save(*least, to);
  insights::save(*greatest, to);
}

void NumberRange::load(Decoder& from) {
  const uint64_t some = from.number();
  if (some > 1) from.fail();
  if (some != 1) return;
  least = load_number(from);
  greatest = load_number(from);
}

}  // namespace millrace::insights
