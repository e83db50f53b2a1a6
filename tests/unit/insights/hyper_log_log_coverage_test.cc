// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/insights/hyper_log_log.h"

namespace millrace::insights {
namespace {

// How many of 200 estimates may lie outside a bound of 95 %: chance alone exceeds it about once in
// a million times.
constexpr size_t kSketches = 200;
constexpr size_t kMissesMax = 26;

// What the quick test draws from a distribution, here with as many hashes as there are keys.
TEST(HyperLogLogCoverage, Is95OfAHundredUpTo10Million) {
  const auto seed = static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  SCOPED_TRACE("random seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const std::vector<size_t> stops{300'000, 1'000'000, 3'000'000, 10'000'000};
  std::vector<size_t> misses(stops.size());
  for (size_t i = 0; i < kSketches; ++i) {
    HyperLogLog sketch;
    size_t keys = 0;
    for (size_t stop = 0; stop < stops.size(); ++stop) {
      for (; keys < stops[stop]; ++keys) sketch.add(random());
      const HyperLogLog::Estimate estimate = sketch.estimate();
      if (keys < estimate.low || keys > estimate.high) ++misses[stop];
    }
  }
  for (size_t stop = 0; stop < stops.size(); ++stop) {
    EXPECT_LE(misses[stop], kMissesMax) << stops[stop];
    RecordProperty("misses_of_" + std::to_string(stops[stop]), static_cast<int>(misses[stop]));
  }
}

}  // namespace
}  // namespace millrace::insights
