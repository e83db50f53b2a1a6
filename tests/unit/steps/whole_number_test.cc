// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/whole_number.h"

#include <cstdint>
#include <random>
#include <string>

#include <gtest/gtest.h>

namespace millrace::steps {
namespace {

std::string described(std::string_view number) {
  const WholePart part = whole_part(number);
  if (part.too_large) return "too large";
  return std::to_string(part.value) + (part.fraction ? " cut" : "");
}

std::string written_out(std::string_view number) {
  const auto digits = integer_digits(number);
  if (!digits) return "none";
  std::string text(digits->size(), '#');
  EXPECT_EQ(digits->write(text.data()), text.data() + text.size());
  return text;
}

TEST(WholePart, IsWhatStandsBeforeThePoint) {
  EXPECT_EQ(described("0"), "0");
  EXPECT_EQ(described("-0"), "0");
  EXPECT_EQ(described("123"), "123");
  EXPECT_EQ(described("-123"), "-123");
  EXPECT_EQ(described("1.5"), "1 cut");
  EXPECT_EQ(described("-1.5"), "-1 cut");
  EXPECT_EQ(described("12.50e1"), "125");
  EXPECT_EQ(described("12.55e1"), "125 cut");
  EXPECT_EQ(described("125e-1"), "12 cut");
  EXPECT_EQ(described("1200e-2"), "12");
  EXPECT_EQ(described("1e3"), "1000");
  EXPECT_EQ(described("1E+3"), "1000");
  EXPECT_EQ(described("5e-5"), "0 cut");
  EXPECT_EQ(described("0.00e5"), "0");
  EXPECT_EQ(described("0.001e3"), "1");
}

TEST(WholePart, HoldsEighteenDigits) {
  EXPECT_EQ(described("999999999999999999"), "999999999999999999");
  EXPECT_EQ(described("-999999999999999999.0"), "-999999999999999999");
  EXPECT_EQ(described("1000000000000000000"), "too large");
  EXPECT_EQ(described("1e17"), "100000000000000000");
  EXPECT_EQ(described("1e18"), "too large");
  EXPECT_EQ(described("0.0000000000000000000000000000001e31"), "1");
}

TEST(WholePart, TakesNumbersOfAnyLength) {
  const std::string zeros(100'000, '0');
  EXPECT_EQ(described("0." + zeros + "1e100001"), "1");
  EXPECT_EQ(described("1" + zeros + "e-100000"), "1");
  EXPECT_EQ(described("1" + zeros), "too large");
  EXPECT_EQ(described("0." + zeros), "0");
  EXPECT_EQ(described("1e" + std::string(1'000, '9')), "too large");
  EXPECT_EQ(described("1e-" + std::string(1'000, '9')), "0 cut");
  EXPECT_EQ(described("0e" + std::string(1'000, '9')), "0");
}

TEST(IntegerDigits, WritesWhatAnExponentHides) {
  EXPECT_EQ(written_out("1e3"), "1000");
  EXPECT_EQ(written_out("-1.25e4"), "-12500");
  EXPECT_EQ(written_out("1.0"), "1");
  EXPECT_EQ(written_out("100.00"), "100");
  EXPECT_EQ(written_out("0.0012e5"), "120");
  EXPECT_EQ(written_out("12300e-2"), "123");
  EXPECT_EQ(written_out("1e30"), "1" + std::string(30, '0'));
  EXPECT_EQ(written_out("10101010101010101010101.0"), "10101010101010101010101");
  for (const char* number : {"0", "0.0", "0e5", "1.5", "1e-1", "12345e-1", "1e99999999999999"})
    EXPECT_EQ(written_out(number), "none") << number;
}

TEST(WholePart, IsExactForEveryNumberOfDigits) {
  std::string digits;
  for (size_t i = 0; i < 18; ++i) {
    digits += static_cast<char>('0' + (7 * i + 1) % 10);
    EXPECT_EQ(whole_part(digits).value, std::stoll(digits)) << digits;
    EXPECT_EQ(whole_part("-" + digits).value, -std::stoll(digits)) << digits;
    EXPECT_EQ(whole_part(std::string(i + 1, '9')).value, std::stoll(std::string(i + 1, '9')));
    // A point at every place, so that no eight characters are taken for digits where one is none.
    for (size_t point = 1; point <= i; ++point) {
      const std::string number = digits.substr(0, point) + "." + digits.substr(point);
      EXPECT_EQ(whole_part(number).value, std::stoll(digits.substr(0, point))) << number;
    }
  }
}

TEST(IntegerDigits, AgreesWithWholePart) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    std::string number = std::to_string(random() % 2'000);
    if (random() % 2 == 0) number += "." + std::to_string(random() % 200);
    if (random() % 2 == 0) number += "e" + std::to_string(static_cast<int>(random() % 12) - 6);
    if (random() % 2 == 0) number.insert(0, "-");
    const WholePart part = whole_part(number);
    const bool none = part.fraction || part.value == 0;
    ASSERT_EQ(written_out(number), none ? "none" : std::to_string(part.value)) << number;
  }
}

}  // namespace
}  // namespace millrace::steps
