// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/rate_accumulator.h"

#include <chrono>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::insights {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Time kBegin{seconds(5'000'000) + milliseconds(250)};

void add(RateAccumulator& rate, uint64_t records, Time now) {
  Shard::PartCounts counts;
  counts.counted = records;
  rate.add(counts, {0, now});
}

RateResult at(const RateAccumulator& rate, Time now) {
  return std::get<RateResult>(rate.result(now));
}

TEST(Rate, IsNothingBeforeTheFirstBatch) {
  const RateAccumulator rate;
  EXPECT_EQ(at(rate, kBegin).per_second, 0);
}

TEST(Rate, IsOverTheTimeThatThereWasBeforeAMinuteHasPassed) {
  RateAccumulator rate;
  add(rate, 100, kBegin);
  add(rate, 300, kBegin + seconds(4));

  EXPECT_EQ(at(rate, kBegin + seconds(8)).per_second, 50);
  EXPECT_EQ(at(rate, kBegin + seconds(8)).seconds, 8);
  // A burst is not taken for more than it was.
  EXPECT_EQ(at(rate, kBegin).seconds, 1);
}

TEST(Rate, IsOverTheLastWholeMinuteFromThenOn) {
  RateAccumulator rate;
  for (int second = 0; second < 200; ++second) add(rate, 7, kBegin + seconds(second));
  // The second that is not over does not count yet.
  add(rate, 1'000'000, kBegin + seconds(200));

  const RateResult result = at(rate, kBegin + seconds(200));
  EXPECT_EQ(result.per_second, 7);
  EXPECT_EQ(result.seconds, 60);
  EXPECT_EQ(rate.counted(), 1'001'400U);
}

TEST(Rate, FallsToNothingWhereNothingComes) {
  RateAccumulator rate;
  add(rate, 600, kBegin);
  add(rate, 600, kBegin + seconds(30));

  EXPECT_EQ(at(rate, kBegin + seconds(61)).per_second, 10);
  EXPECT_EQ(at(rate, kBegin + seconds(91)).per_second, 0);
  EXPECT_EQ(at(rate, kBegin + seconds(100'000)).per_second, 0);
}

TEST(Rate, OfPartitionsAddsUpInEveryOrder) {
  std::vector<std::unique_ptr<RateAccumulator>> partitions;
  for (int partition = 0; partition < 3; ++partition) {
    partitions.push_back(std::make_unique<RateAccumulator>());
    for (int second = 10 * partition; second < 100; ++second)
      add(*partitions.back(), 5, kBegin + seconds(second));
  }
  // One that has long been idle.
  partitions.push_back(std::make_unique<RateAccumulator>());
  add(*partitions.back(), 9'999, kBegin - seconds(1'000));
  for (int turn = 0; turn < 4; ++turn) {
    RateAccumulator merged;
    for (size_t i = 0; i < partitions.size(); ++i)
      merged.merge(*partitions[(i + static_cast<size_t>(turn)) % partitions.size()]);

    EXPECT_EQ(at(merged, kBegin + seconds(100)).per_second, 15);
    EXPECT_EQ(merged.counted(), 9'999U + 5 * (100 + 90 + 80));
  }
}

}  // namespace
}  // namespace millrace::insights
