// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/version.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::steps {
namespace {

// GoogleTest compares and prints numbers, not orderings.
int number_of(std::strong_ordering ordering) {
  return ordering < 0 ? -1 : ordering > 0 ? 1 : 0;
}

int order(const std::string& left, const std::string& right) {
  return number_of(compare_versions(left, right));
}

TEST(Version, IsDigitsInPartsSeparatedByDots) {
  for (const char* text : {"2.3.0", "10", "0.96", "0", "00.1", "1.2.3.4.5.6.7"})
    EXPECT_TRUE(is_version(text)) << text;
  for (const char* text : {"", ".", "1.", ".1", "1..2", "v2.3.0", "2.3.0-beta", "2.3.0\n", " 2.3",
                           "2,3", "-1", "+1", "1e3", "٢.٣"})
    EXPECT_FALSE(is_version(text)) << text;
}

TEST(Version, ComparesPartsAsNumbers) {
  EXPECT_GT(order("2.10.0", "2.9.0"), 0);
  EXPECT_GT(order("10.0.0", "2.3.0"), 0);
  EXPECT_LT(order("2.2.99", "2.3.0"), 0);
  EXPECT_LT(order("0.96", "2.3.0"), 0);
}

TEST(Version, CountsMissingPartsAsZero) {
  EXPECT_EQ(order("2.3", "2.3.0"), 0);
  EXPECT_EQ(order("2.3.0.0.0", "2.3"), 0);
  EXPECT_LT(order("2.3", "2.3.0.1"), 0);
  EXPECT_GT(order("2.3.0.1", "2.3"), 0);
}

TEST(Version, IgnoresLeadingZeros) {
  EXPECT_EQ(order("02.003", "2.3"), 0);
  EXPECT_EQ(order("000", "0.0"), 0);
  EXPECT_LT(order("2.0003", "2.04"), 0);
}

TEST(Version, ComparesNumbersOfAnySize) {
  const std::string nines(400, '9');
  EXPECT_LT(order(nines, "1" + std::string(400, '0')), 0);
  EXPECT_GT(order("1." + nines, "1.18446744073709551616"), 0);
}

TEST(Version, AgreesWithVectorsOfNumbers) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto make = [&](std::string& text) {
    std::vector<uint32_t> parts(1 + random() % 4);
    for (uint32_t& part : parts) {
      part = static_cast<uint32_t>(random() % 12);
      if (!text.empty()) text += '.';
      text += (random() % 4 == 0 ? "0" : "") + std::to_string(part);
    }
    parts.resize(4);
    return parts;
  };
  for (int i = 0; i < 20'000; ++i) {
    std::string left;
    std::string right;
    const auto left_parts = make(left);
    const auto right_parts = make(right);
    ASSERT_EQ(order(left, right), number_of(left_parts <=> right_parts)) << left << " " << right;
  }
}

}  // namespace
}  // namespace millrace::steps
