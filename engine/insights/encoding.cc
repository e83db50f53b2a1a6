// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/encoding.h"

#include <array>
#include <bit>

#include "engine/base/check.h"

namespace millrace::insights {
namespace {

// A digit of LEB128: 7 bits, the lowest first; the eighth says that another one follows.
constexpr unsigned kDigitBits = 7;
constexpr uint8_t kMore = 0x80;
// 64 bits are nine digits and one bit.
constexpr size_t kDigitsMax = 10;
constexpr uint8_t kLastDigitMax = 1;

constexpr size_t kRealBytes = 8;

}  // namespace

void Encoder::number(uint64_t value) {
  std::array<char, kDigitsMax> digits{};
  size_t size = 0;
  for (; value >= kMore; value >>= kDigitBits) digits[size++] = static_cast<char>(value | kMore);
  digits[size++] = static_cast<char>(value);
  bytes_.append(digits.data(), size);
}

void Encoder::signed_number(int64_t value) {
  const auto bits = static_cast<uint64_t>(value);
  number(bits << 1 ^ (value < 0 ? ~uint64_t{0} : 0));
}

void Encoder::real(double value) {
  auto bits = std::bit_cast<uint64_t>(value);
  for (size_t i = 0; i < kRealBytes; ++i, bits >>= 8) {
    bytes_.push_back(static_cast<char>(bits & 0xFF));
  }
}

void Encoder::text(std::string_view value) {
  number(value.size());
  bytes_.append(value);
}

uint64_t Decoder::number() {
  uint64_t value = 0;
  for (size_t i = 0; i < rest_.size() && i < kDigitsMax; ++i) {
    const auto digit = static_cast<uint8_t>(rest_[i]);
    if (i == kDigitsMax - 1 && digit > kLastDigitMax) break;
    value |= static_cast<uint64_t>(digit & (kMore - 1U)) << (kDigitBits * i);
    if ((digit & kMore) != 0) continue;
    // A number has one form: the last digit is none that could be left out.
    if (digit == 0 && i > 0) break;
    rest_.remove_prefix(i + 1);
    return value;
  }
  fail();
  return 0;
}

int64_t Decoder::signed_number() {
  const uint64_t value = number();
  return static_cast<int64_t>(value >> 1 ^ ((value & 1) != 0 ? ~uint64_t{0} : 0));
}

double Decoder::real() {
  if (rest_.size() < kRealBytes) {
    fail();
    return 0;
  }
  uint64_t bits = 0;
  for (size_t i = kRealBytes; i-- > 0;) bits = bits << 8 | static_cast<uint8_t>(rest_[i]);
  rest_.remove_prefix(kRealBytes);
  return std::bit_cast<double>(bits);
}

std::string_view Decoder::text() {
  const size_t size = count(1);
  const std::string_view value = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return value;
}

size_t Decoder::count(size_t bytes_each) {
  MILLRACE_CHECK(bytes_each > 0);
  const uint64_t things = number();
  if (things <= rest_.size() / bytes_each) return static_cast<size_t>(things);
  fail();
  return 0;
}

}  // namespace millrace::insights
