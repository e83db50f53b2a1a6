// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/exact_sum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <span>
#include <vector>

#include "engine/base/check.h"

namespace millrace::insights {
namespace {

__extension__ using Uint128 = unsigned __int128;
__extension__ using Int128 = __int128;

constexpr int64_t kChunkMask = 0xFFFF'FFFF;
constexpr int kUnitExponent = -1074;  // the least double is 2 to this
constexpr int kSignificandBits = 53;

// A number without sign: 32 bits a digit, the lowest first.
using Digits = std::vector<uint32_t>;

bool bit_of(const Digits& digits, int64_t bit) {
  return (digits[static_cast<size_t>(bit / 32)] >> (bit % 32) & 1) != 0;
}

// The place of the highest bit that is set, -1 where none is.
int64_t highest_bit(const Digits& digits) {
  for (size_t i = digits.size(); i-- > 0;) {
    if (digits[i] != 0) return static_cast<int64_t>(i) * 32 + std::bit_width(digits[i]) - 1;
  }
  return -1;
}

bool any_below(const Digits& digits, int64_t bit) {
  for (int64_t i = 0; i < bit; ++i) {
    if (bit_of(digits, i)) return true;
  }
  return false;
}

// The double nearest to digits * 2^exponent, ties to even; the largest one for what is beyond it.
double to_double(const Digits& digits, int exponent) {
  const int64_t top = highest_bit(digits);
  if (top < 0) return 0;
  // The lowest bit that the double has: 53 from the top, but none below the least double.
  const int64_t low = std::max(
      {top - kSignificandBits + 1, static_cast<int64_t>(kUnitExponent - exponent), int64_t{0}});
  uint64_t significand = 0;
  for (int64_t bit = top; bit >= low; --bit) {
    significand = significand << 1 | static_cast<uint64_t>(bit_of(digits, bit));
  }
  if (low > 0 && low - 1 <= top && bit_of(digits, low - 1) &&
      ((significand & 1) != 0 || any_below(digits, low - 1))) {
    ++significand;
  }
  // Exact, but for what becomes infinite: the significand has no more bits than a double.
  const double rounded =
      std::ldexp(static_cast<double>(significand), static_cast<int>(low) + exponent);
  return std::min(rounded, std::numeric_limits<double>::max());
}

// Divides in place, rounding down.
void divide(Digits& digits, uint64_t divisor) {
  uint64_t remainder = 0;
  for (size_t i = digits.size(); i-- > 0;) {
    const Uint128 dividend = static_cast<Uint128>(remainder) << 32 | digits[i];
    digits[i] = static_cast<uint32_t>(dividend / divisor);
    remainder = static_cast<uint64_t>(dividend % divisor);
  }
}

struct SignedDigits {
  bool negative;
  Digits digits;
};

// Of chunks after carry(). `fraction` digits of zero are put below.
SignedDigits digits_of(std::span<const int64_t> chunks, size_t fraction) {
  SignedDigits number{chunks.back() < 0, Digits(fraction, 0)};
  // The negative of a number: each digit's complement, and 1 more.
  uint64_t carried = number.negative ? 1 : 0;
  for (const int64_t chunk : chunks) {
    const auto digit = static_cast<uint32_t>(number.negative ? ~chunk : chunk);
    carried += digit;
    number.digits.push_back(static_cast<uint32_t>(carried));
    carried >>= 32;
  }
  return number;
}

bool fits_int64(Int128 integer) {
  return integer >= std::numeric_limits<int64_t>::min() &&
         integer <= std::numeric_limits<int64_t>::max();
}

}  // namespace

void ExactSum::Wide::add(double real) {
  if (additions == kAdditionsMax) carry();
  ++additions;
  const auto bits = std::bit_cast<uint64_t>(real);
  const uint64_t exponent = bits >> 52 & 0x7FF;
  uint64_t significand = bits & ((uint64_t{1} << 52) - 1);
  // Subnormal doubles have the exponent of the least normal ones, and no bit above the others.
  if (exponent != 0) significand |= uint64_t{1} << 52;
  const uint64_t place = exponent == 0 ? 0 : exponent - 1;  // of the lowest bit, in units
  const auto chunk = static_cast<size_t>(place / 32);
  const uint64_t shift = place % 32;
  const auto low = static_cast<int64_t>(significand << shift) & kChunkMask;
  const auto high = static_cast<int64_t>(significand >> (32 - shift));
  if (bits >> 63 != 0) {
    chunks[chunk] -= low;
    chunks[chunk + 1] -= high;
  } else {
    chunks[chunk] += low;
    chunks[chunk + 1] += high;
  }
}

void ExactSum::Wide::add_integer(Int128 integer) {
  carry();
  constexpr size_t kChunk = -kUnitExponent / 32;
  constexpr int kShift = -kUnitExponent % 32;
  // Each 32 bits of it are put into the chunk whose place they have, beyond that chunk's 32 bits:
  // carry() moves them on. The last ones have the sign.
  for (size_t i = 0; i < 3; ++i, integer >>= 32) {
    chunks[kChunk + i] += (static_cast<int64_t>(integer) & kChunkMask) << kShift;
  }
  chunks[kChunk + 3] += static_cast<int64_t>(integer) * (int64_t{1} << kShift);
  carry();
}

void ExactSum::Wide::merge(const Wide& other) {
  for (size_t i = 0; i < kChunks; ++i) chunks[i] += other.chunks[i];
  carry();
}

void ExactSum::Wide::carry() {
  for (size_t i = 0; i + 1 < kChunks; ++i) {
    chunks[i + 1] += chunks[i] >> 32;  // rounds down, so that what stays is not negative
    chunks[i] &= kChunkMask;
  }
  additions = 0;
}

void ExactSum::Wide::save(Encoder& to) const {
  for (const int64_t chunk : chunks) to.signed_number(chunk);
}

void ExactSum::Wide::load(Decoder& from) {
  for (int64_t& chunk : chunks) {
    chunk = from.signed_number();
    if ((chunk & kChunkMask) != chunk && &chunk != &chunks.back()) return from.fail();
  }
  // The sum of 2^64 doubles does not come to the highest one: it has the sign and nothing else.
  if (chunks.back() != 0 && chunks.back() != -1) from.fail();
}

void ExactSum::add_real(double real) {
  if (!wide_) wide_ = std::make_unique<Wide>();
  has_reals_ = true;
  wide_->add(real);
}

void ExactSum::merge(const ExactSum& other) {
  MILLRACE_CHECK(&other != this);
  integers_ += other.integers_;
  count_ += other.count_;
  if (!other.has_reals_) return;
  if (!wide_) wide_ = std::make_unique<Wide>();
  has_reals_ = true;
  wide_->merge(*other.wide_);
}

void ExactSum::clear() {
  integers_ = 0;
  count_ = 0;
  if (has_reals_) *wide_ = {};
  has_reals_ = false;
}

void ExactSum::save(Encoder& to) const {
  to.number(count_);
  to.number(static_cast<uint64_t>(integers_));
  to.signed_number(static_cast<int64_t>(integers_ >> 64));
  to.number(has_reals_ ? 1 : 0);
  if (!has_reals_) return;
  Wide wide = *wide_;
  wide.carry();
  wide.save(to);
}

void ExactSum::load(Decoder& from) {
  count_ = from.number();
  const uint64_t low = from.number();
  const int64_t high = from.signed_number();
  const uint64_t reals = from.number();
  // 2^49 times the largest integer: nobody comes so far, and from there on sums have room.
  constexpr int64_t kHighMax = int64_t{1} << 48;
  if (high < -kHighMax || high >= kHighMax || reals > 1) return from.fail();
  integers_ = static_cast<Int128>(high) * (static_cast<Int128>(1) << 64) + low;
  if (reals == 0) return;
  wide_ = std::make_unique<Wide>();
  has_reals_ = true;
  wide_->load(from);
}

ExactSum::Wide ExactSum::exact() const {
  Wide wide = has_reals_ ? *wide_ : Wide{};
  wide.add_integer(integers_);
  return wide;
}

Number ExactSum::sum() const {
  if (!has_reals_ && fits_int64(integers_)) return Number(static_cast<int64_t>(integers_));
  const auto [negative, digits] = digits_of(exact().chunks, 0);
  const double magnitude = to_double(digits, kUnitExponent);
  return Number(negative ? -magnitude : magnitude);
}

Number ExactSum::mean() const {
  MILLRACE_CHECK(count_ > 0);
  if (!has_reals_ && integers_ % count_ == 0) {
    return Number(static_cast<int64_t>(integers_ / count_));
  }
  // The quotient, rounded down, with 96 binary places below the least double. Where it is not the
  // middle between two doubles it is off that by 1 / (2 * count_) of the least one or more, so that
  // what rounding down takes (2^-96) cannot bring it there.
  constexpr size_t kFraction = 3;
  auto [negative, digits] = digits_of(exact().chunks, kFraction);
  divide(digits, count_);
  const double magnitude = to_double(digits, kUnitExponent - static_cast<int>(kFraction) * 32);
  return Number(negative ? -magnitude : magnitude);
}

bool operator==(const ExactSum& a, const ExactSum& b) {
  if (a.count_ != b.count_ || a.integers_ != b.integers_ || a.has_reals_ != b.has_reals_) {
    return false;
  }
  if (!a.has_reals_) return true;
  ExactSum::Wide left = *a.wide_;
  ExactSum::Wide right = *b.wide_;
  left.carry();
  right.carry();
  return left.chunks == right.chunks;
}

}  // namespace millrace::insights
