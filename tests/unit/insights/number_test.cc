// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/number.h"

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::insights {
namespace {

constexpr int64_t kIntegerMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kIntegerMin = std::numeric_limits<int64_t>::min();

void expect_integer(const std::string& json, int64_t expected) {
  const std::optional<Number> number = Number::parse(json);
  ASSERT_TRUE(number) << json;
  EXPECT_TRUE(number->is_integer()) << json;
  EXPECT_EQ(number->integer(), expected) << json;
  EXPECT_EQ(number->real(), static_cast<double>(expected)) << json;
}

void expect_real(const std::string& json, double expected) {
  const std::optional<Number> number = Number::parse(json);
  ASSERT_TRUE(number) << json;
  EXPECT_FALSE(number->is_integer()) << json;
  EXPECT_EQ(std::bit_cast<uint64_t>(number->real()), std::bit_cast<uint64_t>(expected)) << json;
}

TEST(Number, ReadsIntegersThatFit) {
  expect_integer("0", 0);
  expect_integer("-0", 0);
  expect_integer("17", 17);
  expect_integer("-17", -17);
  expect_integer("9007199254740993", 9007199254740993);
  expect_integer("9223372036854775807", kIntegerMax);
  expect_integer("-9223372036854775808", kIntegerMin);
}

TEST(Number, ReadsTheNearestDoubleOfTheRest) {
  expect_real("9223372036854775808", 0x1p63);
  expect_real("-9223372036854775809", -0x1p63);
  expect_real("18446744073709551616", 0x1p64);
  expect_real("1.0", 1.0);
  expect_real("1e2", 100.0);
  expect_real("1E+2", 100.0);
  expect_real("-2.5e-1", -0.25);
  expect_real("0.1", 0.1);
  expect_real("1.7976931348623157e308", std::numeric_limits<double>::max());
  expect_real("5e-324", std::numeric_limits<double>::denorm_min());
  expect_real("2.2250738585072011e-308", 2.2250738585072011e-308);
  // Half of what is between two doubles, and the least that is more.
  expect_real("9007199254740993.0", 9007199254740992.0);
  expect_real("9007199254740993." + std::string(400, '0') + "1", 9007199254740994.0);
}

TEST(Number, HasNoMinusZero) {
  expect_real("-0.0", 0.0);
  expect_real("-0e5", 0.0);
  expect_real("-1e-400", 0.0);
  EXPECT_FALSE(std::signbit(Number(-0.0).real()));
  EXPECT_EQ(Number(-0.0).to_json(), "0");
}

TEST(Number, IsNothingWhereItIsTooLarge) {
  const std::string zeros(400, '0');
  for (const std::string& json :
       {std::string("1e400"), std::string("-1e400"), std::string("1.8e308"), "1" + zeros,
        "1" + zeros + ".5", "0." + zeros + "1e800", std::string("1e99999999999999999999"),
        std::string("1E+99999999999999999999"), "1" + zeros + "e-50",
        std::string("0.001e9223372036854775807")}) {
    EXPECT_FALSE(Number::parse(json)) << json;
  }
}

TEST(Number, IsZeroWhereItIsTooNearToZero) {
  const std::string zeros(400, '0');
  for (const std::string& json :
       {std::string("1e-400"), std::string("-123.5e-400"), "0." + zeros + "1",
        "1" + zeros + "e-800", std::string("1e-99999999999999999999"),
        std::string("0e99999999999999999999"), std::string("0.0e400"), "0." + zeros + "1e50",
        std::string("2e-324")}) {
    expect_real(json, 0.0);
  }
}

TEST(Number, WritesWhatGivesItAgain) {
  EXPECT_EQ(Number(int64_t{0}).to_json(), "0");
  EXPECT_EQ(Number(kIntegerMin).to_json(), "-9223372036854775808");
  EXPECT_EQ(Number(0.1).to_json(), "0.1");
  EXPECT_EQ(Number(1.5e300).to_json(), "1.5e+300");
  EXPECT_EQ(Number(100000.0).to_json(), "100000");
  EXPECT_EQ(Number(-2.0).to_json(), "-2");
}

// In ascending order; those in one row are equal.
const std::vector<std::vector<Number>>& ordered() {
  static const std::vector<std::vector<Number>> rows{
      {Number(-std::numeric_limits<double>::max())},
      {Number(std::nextafter(-0x1p63, -1e30))},
      {Number(kIntegerMin), Number(-0x1p63)},
      {Number(kIntegerMin + 1)},
      {Number(int64_t{-9007199254740993})},
      {Number(int64_t{-9007199254740992}), Number(-9007199254740992.0)},
      {Number(-1.5)},
      {Number(int64_t{-1}), Number(-1.0)},
      {Number(-0.5)},
      {Number(-std::numeric_limits<double>::denorm_min())},
      {Number(int64_t{0}), Number(0.0), Number(-0.0)},
      {Number(std::numeric_limits<double>::denorm_min())},
      {Number(0.5)},
      {Number(int64_t{1}), Number(1.0)},
      {Number(1.5)},
      {Number(int64_t{9007199254740992}), Number(9007199254740992.0)},
      {Number(int64_t{9007199254740993})},
      {Number(int64_t{9007199254740994}), Number(9007199254740994.0)},
      {Number(std::nextafter(0x1p63, 0.0))},
      {Number(kIntegerMax)},
      {Number(0x1p63)},
      {Number(std::numeric_limits<double>::max())},
  };
  return rows;
}

TEST(Number, ComparesExactly) {
  for (size_t i = 0; i < ordered().size(); ++i) {
    for (size_t j = 0; j < ordered().size(); ++j) {
      for (const Number& a : ordered()[i]) {
        for (const Number& b : ordered()[j]) {
          EXPECT_EQ(a < b, i < j) << a.to_json() << " and " << b.to_json();
          EXPECT_EQ(a == b, i == j) << a.to_json() << " and " << b.to_json();
        }
      }
    }
  }
}

TEST(RandomNumber, IsReadAsItWasWritten) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE("random seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    const auto integer = static_cast<int64_t>(random() >> random() % 64);
    expect_integer(Number(integer).to_json(), integer);
    const auto real = std::bit_cast<double>(random());
    if (!std::isfinite(real)) continue;
    const std::optional<Number> again = Number::parse(Number(real).to_json());
    ASSERT_TRUE(again);
    ASSERT_EQ(again->real(), real);
    ASSERT_EQ(*again, Number(real));
  }
}

TEST(NumberRange, KeepsTheLeastAndTheGreatest) {
  NumberRange range;
  EXPECT_FALSE(range.least);
  EXPECT_FALSE(range.greatest);
  range.add(Number(int64_t{3}));
  range.add(Number(-2.5));
  range.add(Number(int64_t{-2}));
  EXPECT_EQ(*range.least, Number(-2.5));
  EXPECT_EQ(*range.greatest, Number(int64_t{3}));

  NumberRange other;
  other.merge(range);
  other.merge(NumberRange());
  EXPECT_EQ(*other.least, Number(-2.5));
  EXPECT_EQ(*other.greatest, Number(int64_t{3}));
  other.clear();
  EXPECT_FALSE(other.least);
  EXPECT_FALSE(other.greatest);
}

TEST(NumberRange, KeepsTheIntegerOfTwoThatAreEqual) {
  for (const bool integer_first : {true, false}) {
    NumberRange range;
    range.add(integer_first ? Number(int64_t{1}) : Number(1.0));
    range.add(integer_first ? Number(1.0) : Number(int64_t{1}));
    EXPECT_TRUE(range.least->is_integer());
    EXPECT_TRUE(range.greatest->is_integer());
  }
}

std::string saved(const Number& number) {
  Encoder encoder;
  save(number, encoder);
  return encoder.bytes();
}

TEST(NumberSaved, ComesBack) {
  for (const int64_t integer : {int64_t{0}, int64_t{-1}, kIntegerMin, kIntegerMax}) {
    const std::string bytes = saved(Number(integer));
    Decoder decoder(bytes);
    const std::optional<Number> number = load_number(decoder);
    ASSERT_TRUE(number && decoder.ok() && decoder.at_end());
    EXPECT_TRUE(number->is_integer());
    EXPECT_EQ(number->integer(), integer);
  }
  constexpr double kLargest = std::numeric_limits<double>::max();
  for (const double real : {0.0, 0.1, -1.0, 0x1p63, kLargest, -kLargest, 0x1p-1074}) {
    const std::string bytes = saved(Number(real));
    Decoder decoder(bytes);
    const std::optional<Number> number = load_number(decoder);
    ASSERT_TRUE(number && decoder.ok() && decoder.at_end());
    EXPECT_FALSE(number->is_integer());
    EXPECT_EQ(std::bit_cast<uint64_t>(number->real()), std::bit_cast<uint64_t>(real));
  }
}

TEST(NumberSaved, RefusesWhatNoNumberIs) {
  const auto refuses = [](uint64_t kind, double real) {
    Encoder encoder;
    encoder.number(kind);
    encoder.real(real);
    Decoder decoder(encoder.bytes());
    return !load_number(decoder) && !decoder.ok();
  };
  EXPECT_FALSE(refuses(1, 1));
  EXPECT_TRUE(refuses(2, 1));
  EXPECT_TRUE(refuses(1, std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(refuses(1, -std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(refuses(1, std::numeric_limits<double>::quiet_NaN()));
  Decoder nothing("");
  EXPECT_FALSE(load_number(nothing));
  EXPECT_FALSE(nothing.ok());
}

TEST(NumberRangeSaved, ComesBack) {
  NumberRange range;
  for (const int numbers : {0, 1, 2}) {
    if (numbers == 1) range.add(Number(-0.5));
    if (numbers == 2) range.add(Number(kIntegerMax));
    Encoder encoder;
    range.save(encoder);
    Decoder decoder(encoder.bytes());
    NumberRange loaded;
    loaded.load(decoder);
    ASSERT_TRUE(decoder.ok() && decoder.at_end());
    ASSERT_EQ(loaded.least.has_value(), numbers > 0);
    if (numbers == 0) continue;
    EXPECT_EQ(saved(*loaded.least), saved(*range.least));
    EXPECT_EQ(saved(*loaded.greatest), saved(*range.greatest));
  }
  Decoder wrong("\x02");
  range.load(wrong);
  EXPECT_FALSE(wrong.ok());
}

}  // namespace
}  // namespace millrace::insights
