// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/joined_key.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::insights {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string join(const std::vector<std::string_view>& values) {
  std::vector<char> room;
  return std::string(join_key(values, room));
}

TEST(JoinedKey, SplitsBackIntoItsValues) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  // Bytes that look like lengths, and lengths around the borders of their encoding.
  constexpr std::array<size_t, 10> kLengths{0, 1, 2, 127, 128, 129, 255, 256, 16'383, 16'384};
  constexpr std::array kBytes{'\0', '\x01', '\x02', '\x7F', '\x80', '\xFF', '"', 'a'};
  std::vector<char> room{'x'};
  for (int i = 0; i < 2'000; ++i) {
    std::vector<std::string> values(1 + random() % 4);
    for (std::string& value : values) {
      value.resize(random() % 8 == 0 ? kLengths[random() % kLengths.size()] : random() % 6);
      for (char& byte : value) byte = kBytes[random() % kBytes.size()];
    }
    const std::vector<std::string_view> views(values.begin(), values.end());

    ASSERT_EQ(split_key(join_key(views, room), values.size()), views);
  }
}

TEST(JoinedKey, IsOfItsValuesAlone) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  // Few bytes and lengths, so that values often are others' beginnings.
  constexpr std::array<size_t, 8> kLengths{0, 1, 2, 3, 126, 127, 128, 129};
  constexpr std::array kBytes{'\x01', '\x02', '\x7F', '\x80'};
  const auto random_values = [&] {
    std::vector<std::string> values(2);
    const char byte = kBytes[random() % kBytes.size()];
    for (std::string& value : values) value.assign(kLengths[random() % kLengths.size()], byte);
    return values;
  };
  size_t same = 0;
  for (int i = 0; i < 50'000; ++i) {
    const std::vector<std::string> a = random_values();
    const std::vector<std::string> b = random_values();
    const std::string key = join({a.begin(), a.end()});
    const std::vector<std::string_view> values(b.begin(), b.end());
    const bool all_short = b[0].size() < 128 && b[1].size() < 128;
    ASSERT_EQ(is_joined(key, values), all_short && a == b);
    same += a == b ? 1U : 0U;
  }
  EXPECT_GT(same, 0U);
  // The length's first byte alone, and the rest as the value's: no key of these values.
  const std::string head = join({std::string(128, '\x01'), ""});
  const std::string shifted = "\x01" + std::string(127, '\x01');
  EXPECT_FALSE(is_joined(head.substr(0, 129), std::vector<std::string_view>{shifted}));
  EXPECT_FALSE(is_joined("", std::vector<std::string_view>{""}));
}

TEST(JoinedKeyDeath, RefusesBytesThatAreNotOne) {
  EXPECT_DEATH((void)split_key("\x05"
                               "abc",
                               1),
               "length");
  EXPECT_DEATH((void)split_key("\x01"
                               "abc",
                               1),
               "joined.empty");
  EXPECT_DEATH((void)split_key("", 1), "from.empty");
  EXPECT_DEATH((void)split_key("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", 1), "shift");
}

TEST(JoinedKey, BeginsWithItsFirstValuesJoined) {
  const std::string longest(256, 'x');
  const std::string key = join({"a", longest, "c"});

  EXPECT_EQ(first_values(key, 0), "");
  EXPECT_EQ(first_values(key, 1), join({"a"}));
  EXPECT_EQ(first_values(key, 2), join({"a", longest}));
  EXPECT_EQ(first_values(key, 3), key);
}

TEST(JoinedKey, AKeyOfOneFieldIsItsValue) {
  EXPECT_THAT(values_of("\x05"
                        "abc",
                        1),
              ElementsAre("\x05"
                          "abc"));
  EXPECT_THAT(values_of(join({"a", ""}), 2), ElementsAre("a", IsEmpty()));
}

TEST(JoinedKey, IsOrderedByTheBytesOfItsValues) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  constexpr std::array kBytes{'\0', '\x01', '\x7F', '\x80', '\xFF', 'a'};
  const auto value = [&] {
    std::string text(random() % 200 == 0 ? 150 : random() % 3, '\0');
    for (char& byte : text) byte = kBytes[random() % kBytes.size()];
    return text;
  };
  for (int i = 0; i < 5'000; ++i) {
    const std::vector<std::string> a{value(), value()};
    const std::vector<std::string> b{value(), value()};

    ASSERT_EQ(comes_before(join({a[0], a[1]}), join({b[0], b[1]}), 2), a < b);
    ASSERT_EQ(comes_before(a[0], b[0], 1), a[0] < b[0]);
  }
}

TEST(JoinedKey, IsKnownFromOtherBytes) {
  const std::string long_value(300, 'x');
  EXPECT_TRUE(is_joined_key(join({"a", "", long_value}), 3));
  EXPECT_FALSE(is_joined_key(join({"a", "", long_value}), 2));
  EXPECT_FALSE(is_joined_key(join({"a", "", long_value}), 4));
  EXPECT_FALSE(is_joined_key(join({"a", "b"}) + "x", 2));
  EXPECT_FALSE(
      is_joined_key("\x05"
                    "ab",
                    1));
  EXPECT_FALSE(is_joined_key("", 1));
  EXPECT_FALSE(is_joined_key("\x81", 1));
  EXPECT_FALSE(is_joined_key("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 1));
  // A length that is not written as short as it can be would be another key of the same values.
  EXPECT_FALSE(is_joined_key(std::string("\x81\x00"
                                         "a",
                                         3),
                             1));

  EXPECT_TRUE(
      is_key("\x05"
             "ab",
             1));
  EXPECT_TRUE(is_key("", 1));
  EXPECT_FALSE(
      is_key("\x05"
             "ab",
             2));
  EXPECT_TRUE(is_key(join({"a", "b"}), 2));
}

}  // namespace
}  // namespace millrace::insights
