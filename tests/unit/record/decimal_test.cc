// SPDX-License-Identifier: Apache-2.0
#include "engine/record/decimal.h"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace millrace::record {
namespace {

constexpr int kFractionDigits = 40;

// A number with at most a few digits, written in one of many ways; `scaled` is its value times
// 10^kFractionDigits as text, with a sign and without leading zeros.
struct Written {
  std::string text;
  bool negative = false;
  std::string scaled;
};

Written random_number(std::mt19937& random) {
  const auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  Written number;
  number.negative = below(2) == 0;
  std::string digits;
  for (uint32_t i = below(4) + 1; i > 0; --i) digits += static_cast<char>('0' + below(3) * 4);
  const int exponent = static_cast<int>(below(9)) - 4;
  const auto point = below(static_cast<uint32_t>(digits.size()) + 1);
  std::string whole = digits.substr(0, point);
  whole.erase(0, whole.find_first_not_of('0'));
  if (whole.empty()) whole = "0";
  number.text = (number.negative ? "-" : "") + whole;
  if (point < digits.size()) number.text += "." + digits.substr(point);
  if (exponent != 0 || below(2) == 0) {
    number.text += below(2) == 0 ? "e" : "E";
    if (exponent >= 0 && below(2) == 0) number.text += "+";
    if (exponent < 0) number.text += "-";
    number.text += (below(3) == 0 ? "00" : "") + std::to_string(std::abs(exponent));
  }
  const int zeros = kFractionDigits + exponent - static_cast<int>(digits.size() - point);
  number.scaled = digits + std::string(static_cast<size_t>(zeros), '0');
  number.scaled.erase(0, number.scaled.find_first_not_of('0'));
  if (number.scaled.empty()) number.negative = false;
  return number;
}

int compare_slowly(const Written& a, const Written& b) {
  if (a.negative != b.negative) return a.negative ? -1 : 1;
  int order = 0;
  if (a.scaled.size() != b.scaled.size()) {
    order = a.scaled.size() < b.scaled.size() ? -1 : 1;
  } else if (const int difference = a.scaled.compare(b.scaled); difference != 0) {
    order = difference < 0 ? -1 : 1;
  }
  return a.negative ? -order : order;
}

// By schoolbook division, a digit at a time.
bool is_multiple_slowly(const Written& number, const Written& divisor) {
  // The trailing zeros that both share are cut off, so that the divisor fits.
  std::string n = number.scaled;
  std::string d = divisor.scaled;
  while (!n.empty() && d.size() > 1 && d.back() == '0' && n.back() == '0') {
    n.pop_back();
    d.pop_back();
  }
  if (n.empty()) return true;
  if (d.back() == '0') return false;
  const uint64_t by = std::stoull(d);
  uint64_t remainder = 0;
  for (const char c : n) remainder = (remainder * 10 + static_cast<uint64_t>(c - '0')) % by;
  return remainder == 0;
}

TEST(Decimal, ComparesNumbersByTheirValue) {
  EXPECT_EQ(compare_numbers("1", "2"), -1);
  EXPECT_EQ(compare_numbers("10", "9"), 1);
  EXPECT_EQ(compare_numbers("-10", "-9"), -1);
  EXPECT_EQ(compare_numbers("-1", "1"), -1);
  EXPECT_EQ(compare_numbers("1.5", "1.50"), 0);
  EXPECT_EQ(compare_numbers("0.1", "0.09"), 1);
  EXPECT_EQ(compare_numbers("1e2", "100.0"), 0);
  EXPECT_EQ(compare_numbers("1E-2", "0.01"), 0);
  EXPECT_EQ(compare_numbers("0", "-0"), 0);
  EXPECT_EQ(compare_numbers("-0.0e7", "0"), 0);
  EXPECT_EQ(compare_numbers("0", "1e-400"), -1);
  EXPECT_EQ(compare_numbers("-1e-400", "0"), -1);
}

TEST(Decimal, ComparesWhatDoublesCannot) {
  EXPECT_EQ(compare_numbers("9007199254740993", "9007199254740992"), 1);
  EXPECT_EQ(compare_numbers("98249283749234923498293171823948729348710298301928331",
                            "98249283749234923498293171823948729348710298301928332"),
            -1);
  EXPECT_EQ(compare_numbers("1e400", "1e401"), -1);
  EXPECT_EQ(compare_numbers("0.1000000000000000000000000000001", "0.1"), 1);
  EXPECT_EQ(compare_numbers("999999999999999999", "1000000000000000000"), -1);
  EXPECT_EQ(compare_numbers("-999999999999999999", "-1000000000000000000"), 1);
}

TEST(Decimal, ComparesExponentsOfAnySize) {
  EXPECT_EQ(compare_numbers("1e1000000000", "1e999999999"), 1);
  EXPECT_EQ(compare_numbers("1e1000000000", "10e999999999"), 0);
  EXPECT_EQ(compare_numbers("1e100000000000000000000000000000", "1e99999999999999999999999999999"),
            1);
  EXPECT_EQ(compare_numbers("1e100000000000000000000000000000", "10e99999999999999999999999999999"),
            0);
  EXPECT_EQ(compare_numbers("1e-100000000000000000000000000000", "1e99999999999999999999999999999"),
            -1);
  EXPECT_EQ(
      compare_numbers("0.1e-99999999999999999999999999999", "1e-100000000000000000000000000000"),
      0);
  EXPECT_EQ(compare_numbers("0e100000000000000000000000000000", "0"), 0);
  const std::string zeros(100000, '0');
  EXPECT_EQ(compare_numbers("1" + zeros, "1e100000"), 0);
  EXPECT_EQ(compare_numbers("1" + zeros + "e-100000", "1"), 0);
  EXPECT_EQ(compare_numbers("0." + zeros + "1", "1e-100001"), 0);
}

TEST(Decimal, KnowsWholeNumbers) {
  for (const char* whole : {"0", "-0", "0.0", "1", "-7", "1.0", "100e-2", "1.5e1", "1e400",
                            "123456789012345678901234567890", "0e-9", "1e99999999999999999999"}) {
    EXPECT_TRUE(is_whole_number(whole)) << whole;
  }
  for (const char* broken : {"0.5", "1.5", "-0.1", "1e-1", "15e-2", "1e-99999999999999999999",
                             "123456789012345678901234567890.5"}) {
    EXPECT_FALSE(is_whole_number(broken)) << broken;
  }
}

TEST(Decimal, KnowsMultiples) {
  EXPECT_TRUE(is_multiple_of("10", "2"));
  EXPECT_FALSE(is_multiple_of("7", "2"));
  EXPECT_TRUE(is_multiple_of("-9", "3"));
  EXPECT_TRUE(is_multiple_of("0", "7"));
  EXPECT_TRUE(is_multiple_of("0.0", "0.3"));
  EXPECT_TRUE(is_multiple_of("0.3", "0.1"));
  EXPECT_TRUE(is_multiple_of("4.5", "1.5"));
  EXPECT_FALSE(is_multiple_of("35", "1.5"));
  EXPECT_TRUE(is_multiple_of("0.0075", "0.0001"));
  EXPECT_FALSE(is_multiple_of("0.00751", "0.0001"));
  EXPECT_TRUE(is_multiple_of("19.99", "0.01"));
  EXPECT_TRUE(is_multiple_of("1e308", "0.5"));
  EXPECT_TRUE(is_multiple_of("12391239123", "1e-8"));
  EXPECT_FALSE(is_multiple_of("1", "1e1"));
  EXPECT_TRUE(is_multiple_of("30", "1e1"));
}

TEST(Decimal, KnowsMultiplesOfHostileSizes) {
  EXPECT_TRUE(is_multiple_of("1e1000000000", "1024"));
  EXPECT_FALSE(is_multiple_of("1e1000000000", "3"));
  EXPECT_FALSE(is_multiple_of("1e-1000000000", "3"));
  EXPECT_TRUE(is_multiple_of("3e99999999999999999999999", "3"));
  EXPECT_FALSE(is_multiple_of("3", "3e99999999999999999999999"));
  EXPECT_TRUE(is_multiple_of("6e99999999999999999999999", "3e99999999999999999999999"));
  const std::string nines(999999, '9');
  EXPECT_TRUE(is_multiple_of(nines, "999999999"));
  EXPECT_FALSE(is_multiple_of(nines + "8", "999999999"));
  const std::string divisor = "1234567890123456789012345678901234567";  // 37 digits
  EXPECT_TRUE(is_multiple_of(divisor + "00", divisor));
  EXPECT_FALSE(is_multiple_of(divisor + "01", divisor));
  // 2^122: needs 122 powers of ten.
  EXPECT_TRUE(is_multiple_of("1e122", "5316911983139663491615228241121378304"));
  EXPECT_FALSE(is_multiple_of("1e121", "5316911983139663491615228241121378304"));
}

TEST(Decimal, RefusesDivisorsThatCannotBe) {
  EXPECT_TRUE(is_usable_divisor("0.01"));
  EXPECT_TRUE(is_usable_divisor("1e400"));
  EXPECT_TRUE(is_usable_divisor("1" + std::string(1000, '0')));
  EXPECT_TRUE(is_usable_divisor(std::string(37, '9')));
  EXPECT_FALSE(is_usable_divisor(std::string(38, '9')));
  EXPECT_FALSE(is_usable_divisor("0"));
  EXPECT_FALSE(is_usable_divisor("-0.0"));
  EXPECT_FALSE(is_usable_divisor("-3"));
}

TEST(Decimal, HashesEqualNumbersAlike) {
  const std::pair<const char*, const char*> equal[] = {
      {"0", "-0.0e5"},
      {"1", "1.0"},
      {"100", "1e2"},
      {"-0.5", "-5e-1"},
      {"123456789012345678901", "1234567890.12345678901e11"},
      {"1e100000000000000000000000000000", "10e99999999999999999999999999999"}};
  for (const auto& [a, b] : equal) EXPECT_EQ(hash_number(a), hash_number(b)) << a << " " << b;
  EXPECT_NE(hash_number("1"), hash_number("-1"));
  EXPECT_NE(hash_number("1"), hash_number("10"));
  EXPECT_NE(hash_number("12"), hash_number("13"));
  EXPECT_NE(hash_number("9007199254740993"), hash_number("9007199254740992"));
}

TEST(Decimal, AgreesWithSlowArithmetic) {
  constexpr uint32_t kSeed = 20260;
  std::mt19937 random(kSeed);
  int equal = 0;
  int multiples = 0;
  for (int i = 0; i < 200000; ++i) {
    const Written a = random_number(random);
    const Written b = random_number(random);
    SCOPED_TRACE(a.text + " and " + b.text + ", seed " + std::to_string(kSeed));

    const int order = compare_slowly(a, b);

    ASSERT_EQ(compare_numbers(a.text, b.text), order);
    ASSERT_EQ(equal_numbers(a.text, b.text), order == 0);
    if (order == 0) {
      ASSERT_EQ(hash_number(a.text), hash_number(b.text));
      ++equal;
    }
    if (!b.scaled.empty() && !b.negative) {
      const bool multiple = is_multiple_slowly(a, b);
      ASSERT_EQ(is_multiple_of(a.text, b.text), multiple);
      multiples += multiple ? 1 : 0;
    }
  }
  EXPECT_GT(equal, 1000);
  EXPECT_GT(multiples, 1000);
}

}  // namespace
}  // namespace millrace::record
