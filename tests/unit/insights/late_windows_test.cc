// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/late_windows.h"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::insights {
namespace {

using Late = std::vector<std::pair<int64_t, uint64_t>>;

std::string saved(const LateWindows& windows) {
  Encoder encoder;
  windows.save(encoder);
  return encoder.bytes();
}

TEST(LateWindows, KeepsTheLastOnesAndTheSumOfTheOthers) {
  LateWindows windows;
  for (int64_t start = 0; start < 150; ++start) windows.add(start * 10, 2);
  windows.add(1'490, 5);
  windows.add(3, 7);  // before all that are kept

  EXPECT_EQ(windows.windows().size(), LateWindows::kKept);
  EXPECT_EQ(windows.windows().begin()->first, 500);
  EXPECT_EQ(windows.windows().at(1'490), 7U);
  EXPECT_EQ(windows.earlier(), 50 * 2 + 7U);
}

TEST(LateWindows, DoNotDependOnTheOrderOrOnHowTheyWereSplit) {
  std::mt19937 random(static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed()));
  SCOPED_TRACE(::testing::UnitTest::GetInstance()->random_seed());
  Late late;
  for (int i = 0; i < 1'000; ++i)
    late.emplace_back(static_cast<int64_t>(random() % 400) - 200, 1 + random() % 9);
  LateWindows expected;
  for (const auto& [start, records] : late) expected.add(start, records);
  ASSERT_GT(expected.earlier(), 0U);

  for (int round = 0; round < 20; ++round) {
    std::shuffle(late.begin(), late.end(), random);
    std::vector<LateWindows> parts(4);
    for (const auto& [start, records] : late) parts[random() % 4].add(start, records);
    LateWindows merged;
    for (const LateWindows& part : parts) merged.merge(part);
    ASSERT_EQ(saved(merged), saved(expected));
  }
}

TEST(LateWindows, ComeBackAsTheyWere) {
  LateWindows windows;
  for (int64_t start = -60; start < 60; ++start) windows.add(start * 1'000, 3);
  LateWindows loaded;
  const std::string bytes = saved(windows);
  Decoder decoder(bytes);
  loaded.load(decoder);

  EXPECT_TRUE(decoder.ok() && decoder.at_end());
  EXPECT_EQ(saved(loaded), bytes);
}

TEST(LateWindows, RefuseWhatTheyWouldNotWrite) {
  const auto loads = [](const Late& late, uint64_t count) {
    Encoder encoder;
    encoder.number(count);
    encoder.number(0);
    for (const auto& [start, records] : late) {
      encoder.signed_number(start);
      encoder.number(records);
    }
    LateWindows windows;
    Decoder decoder(encoder.bytes());
    windows.load(decoder);
    return decoder.ok() && decoder.at_end();
  };
  EXPECT_TRUE(loads({{1, 1}, {2, 1}}, 2));
  EXPECT_FALSE(loads({{2, 1}, {1, 1}}, 2));
  EXPECT_FALSE(loads({{1, 1}, {1, 1}}, 2));
  EXPECT_FALSE(loads({{1, 0}}, 1));
  EXPECT_FALSE(loads({{1, 1}}, 2));
  EXPECT_FALSE(loads({{1, 1}}, uint64_t{1} << 62));
  Late many;
  for (int64_t start = 0; start <= static_cast<int64_t>(LateWindows::kKept); ++start)
    many.emplace_back(start, 1);
  EXPECT_FALSE(loads(many, many.size()));
  many.pop_back();
  EXPECT_TRUE(loads(many, many.size()));
}

}  // namespace
}  // namespace millrace::insights
