// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/hyper_log_log.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/insights/stable_hash.h"

namespace millrace::insights {
namespace {

using ::testing::ElementsAreArray;

constexpr size_t kRegisters = HyperLogLog::kRegisters;
constexpr size_t kRankMax = HyperLogLog::kRankMax;

using Registers = std::array<uint8_t, kRegisters>;

bool is_inside(const HyperLogLog::Estimate& estimate, double truth) {
  return static_cast<double>(estimate.low) <= truth && truth <= static_cast<double>(estimate.high);
}

// How many of `trials` estimates may lie outside a bound of 95 %, so that chance alone exceeds it
// less often than once in a million: the mean and 4.75 standard deviations of the binomial
// distribution, and 2 for its being lopsided.
size_t misses_max(size_t trials) {
  const double mean = 0.05 * static_cast<double>(trials);
  return static_cast<size_t>(mean + 4.75 * std::sqrt(0.95 * mean) + 2);
}

TEST(HyperLogLog, HasSeenNothingAtFirst) {
  const HyperLogLog::Estimate estimate = HyperLogLog().estimate();
  EXPECT_EQ(estimate.value, 0U);
  EXPECT_EQ(estimate.low, 0U);
  EXPECT_EQ(estimate.high, 0U);
}

TEST(HyperLogLog, KeepsTheFirstBitOfEachRegistersHashes) {
  HyperLogLog sketch;
  Registers expected{};
  sketch.add(0);  // no bit at all
  expected[0] = 51;
  sketch.add((uint64_t{5} << 50) | 1);
  expected[5] = 50;
  sketch.add(uint64_t{5} << 50 | uint64_t{1} << 30);  // less than what is there
  sketch.add(~uint64_t{0});
  expected[kRegisters - 1] = 1;
  sketch.add(uint64_t{7} << 50 | uint64_t{1} << 48);
  sketch.add(uint64_t{7} << 50 | uint64_t{1} << 47);
  expected[7] = 3;
  EXPECT_THAT(sketch.registers(), ElementsAreArray(expected));
}

TEST(HyperLogLog, DoesNotCountAHashTwice) {
  HyperLogLog sketch;
  for (int i = 0; i < 100; ++i) sketch.add(stable_hash("one"));
  EXPECT_EQ(sketch.estimate().value, 1U);
  EXPECT_LE(sketch.estimate().low, 1U);
  EXPECT_GE(sketch.estimate().high, 1U);
}

TEST(HyperLogLog, EndsWhereItIsFull) {
  Registers full;
  full.fill(kRankMax);
  const HyperLogLog::Estimate estimate = HyperLogLog::of(full).estimate();
  EXPECT_EQ(estimate.value, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(estimate.high, std::numeric_limits<uint64_t>::max());
}

TEST(HyperLogLogDeathTest, TakesNoRegisterThatCannotBe) {
  Registers registers{};
  registers[3] = kRankMax + 1;
  EXPECT_DEATH(static_cast<void>(HyperLogLog::of(registers)), "kRankMax");
}

class RandomHyperLogLog : public ::testing::Test {
 protected:
  RandomHyperLogLog() : trace_(__FILE__, __LINE__, "random seed " + std::to_string(seed())) {}

  static unsigned seed() {
    return static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  }

  // A sketch that has seen about `keys` keys, without so many hashes: how many registers have which
  // rank is drawn from their distribution. (As if the number of keys were itself random, with the
  // standard deviation of sqrt(keys): from 10^7 on that is 1/25 of the estimate's or less, and
  // widens its spread by a thousandth.)
  HyperLogLog drawn(double keys) {
    const double per_register = keys / static_cast<double>(kRegisters);
    Registers registers{};
    size_t filled = 0;
    double left = 1;  // the probability of this rank or a higher one
    double below_rank = 0;
    for (size_t rank = 0; rank < kRankMax; ++rank) {
      const double up_to_rank = std::exp(-std::ldexp(per_register, -static_cast<int>(rank)));
      const double share = std::clamp((up_to_rank - below_rank) / left, 0.0, 1.0);
      const auto count = static_cast<size_t>(
          std::binomial_distribution<int>(static_cast<int>(kRegisters - filled), share)(random_));
      std::fill_n(registers.begin() + static_cast<ptrdiff_t>(filled), count,
                  static_cast<uint8_t>(rank));
      filled += count;
      if (filled == kRegisters) break;
      left -= up_to_rank - below_rank;
      below_rank = up_to_rank;
    }
    std::fill(registers.begin() + static_cast<ptrdiff_t>(filled), registers.end(), kRankMax);
    return HyperLogLog::of(registers);
  }

  std::mt19937_64 random_{seed()};

 private:
  ::testing::ScopedTrace trace_;
};

// 200 sketches, each asked when it has seen 10, 100, ... 100,000 keys. At each number its share of
// misses must be one of 95 %, and so must that of all: the sketches' estimates at different numbers
// are hardly related. (A million and more: the next test, and hyper_log_log_coverage_test.cc.)
TEST_F(RandomHyperLogLog, IsWithinItsBoundFor95OfAHundred) {
  constexpr size_t kSketches = 200;
  const std::vector<size_t> stops{10, 100, 1'000, 10'000, 30'000, 100'000};
  std::vector<size_t> misses(stops.size());
  for (size_t i = 0; i < kSketches; ++i) {
    HyperLogLog sketch;
    size_t keys = 0;
    for (size_t stop = 0; stop < stops.size(); ++stop) {
      for (; keys < stops[stop]; ++keys) sketch.add(random_());
      if (!is_inside(sketch.estimate(), static_cast<double>(keys))) ++misses[stop];
    }
  }
  for (size_t stop = 0; stop < stops.size(); ++stop) {
    EXPECT_LE(misses[stop], misses_max(kSketches)) << stops[stop];
  }
}

TEST_F(RandomHyperLogLog, IsWithinItsBoundFor95OfAHundredWhereThereAreMany) {
  constexpr size_t kSketches = 1'000;
  for (const double keys : {1e7, 1e8, 1e9, 1e12}) {
    size_t misses = 0;
    double squares = 0;
    for (size_t i = 0; i < kSketches; ++i) {
      const HyperLogLog::Estimate estimate = drawn(keys).estimate();
      if (!is_inside(estimate, keys)) ++misses;
      const double error = static_cast<double>(estimate.value) / keys - 1;
      squares += error * error;
    }
    EXPECT_LE(misses, misses_max(kSketches)) << keys;
    // The bound is no wider than it says either: it misses some.
    EXPECT_GE(misses, kSketches / 60) << keys;
    // The standard error that the bound is made of: 1000 estimates know it to 2.2 %, five times.
    EXPECT_NEAR(std::sqrt(squares / kSketches) * 128, 1.04, 1.04 * 0.11) << keys;
  }
}

TEST_F(RandomHyperLogLog, DrawnSketchesAreAsThoseOfHashes) {
  // The mean number of registers of each rank, of 30 sketches of either sort.
  constexpr size_t kKeys = 100'000;
  constexpr size_t kSketches = 30;
  std::array<double, kRankMax + 1> difference{};
  std::array<double, kRankMax + 1> sum{};
  for (size_t i = 0; i < kSketches; ++i) {
    HyperLogLog hashed;
    for (size_t key = 0; key < kKeys; ++key) hashed.add(random_());
    for (const uint8_t rank : hashed.registers()) {
      ++difference[rank];
      ++sum[rank];
    }
    const HyperLogLog sketch = drawn(kKeys);
    for (const uint8_t rank : sketch.registers()) {
      --difference[rank];
      ++sum[rank];
    }
  }
  for (size_t rank = 0; rank <= kRankMax; ++rank) {
    EXPECT_LE(std::abs(difference[rank]), 6 * std::sqrt(sum[rank]) + 1) << rank;
  }
}

TEST_F(RandomHyperLogLog, EstimatesKeysThatLookAlike) {
  // 12 sorts of keys, at two numbers: a bad hash would put them far outside.
  constexpr size_t kSorts = 12;
  size_t misses = 0;
  for (size_t sort = 0; sort < kSorts; ++sort) {
    HyperLogLog sketch;
    const std::string before = std::string(sort * 3, 'u') + std::to_string(random_() % 100) + "-";
    for (size_t key = 0; key < 50'000; ++key) {
      sketch.add(stable_hash(before + std::to_string(key)));
      if (key + 1 == 5'000 && !is_inside(sketch.estimate(), 5'000)) ++misses;
    }
    const HyperLogLog::Estimate estimate = sketch.estimate();
    if (!is_inside(estimate, 50'000)) ++misses;
    EXPECT_NEAR(static_cast<double>(estimate.value), 50'000, 50'000 * 0.05);
  }
  EXPECT_LE(misses, misses_max(2 * kSorts));
}

TEST_F(RandomHyperLogLog, IsTheSameInEveryOrderAndForEverySplit) {
  std::vector<uint64_t> hashes;
  for (int i = 0; i < 30'000; ++i) hashes.push_back(random_());
  HyperLogLog whole;
  for (const uint64_t hash : hashes) whole.add(hash);

  for (const size_t count : {2U, 7U, 16U}) {
    std::shuffle(hashes.begin(), hashes.end(), random_);
    std::vector<HyperLogLog> parts(count);
    for (const uint64_t hash : hashes) {
      // Some of them in more than one part.
      for (size_t times = 1 + random_() % 2; times > 0; --times) parts[random_() % count].add(hash);
    }
    HyperLogLog merged;
    for (const HyperLogLog& part : parts) merged.merge(part);
    merged.merge(parts[0]);

    EXPECT_THAT(merged.registers(), ElementsAreArray(whole.registers()));
    EXPECT_EQ(merged.estimate().value, whole.estimate().value);
    EXPECT_THAT(HyperLogLog::of(merged.registers()).registers(),
                ElementsAreArray(whole.registers()));
  }
}

std::string saved(const HyperLogLog& sketch) {
  Encoder encoder;
  sketch.save(encoder);
  return encoder.bytes();
}

bool loads(const std::string& bytes, HyperLogLog& sketch) {
  Decoder decoder(bytes);
  sketch.load(decoder);
  return decoder.ok() && decoder.at_end();
}

bool loads(const Encoder& encoder) {
  HyperLogLog sketch;
  return loads(encoder.bytes(), sketch);
}

TEST(HyperLogLogSaved, ComesBackHoweverFullItIs) {
  std::mt19937_64 random(7);
  HyperLogLog sketch;
  size_t keys = 0;
  for (const size_t more : {0U, 1U, 1U, 100U, 5'000U, 6'000U, 1'000U, 100'000U, 1'000'000U}) {
    for (size_t i = 0; i < more; ++i) sketch.add(random());
    keys += more;
    const std::string bytes = saved(sketch);
    EXPECT_LE(bytes.size(), sketch.saved_size()) << keys;
    EXPECT_LE(sketch.saved_size(), kRegisters + 10) << keys;
    EXPECT_LE(bytes.size(), 3 * keys + 10);
    HyperLogLog loaded;
    ASSERT_TRUE(loads(bytes, loaded)) << keys;
    EXPECT_THAT(loaded.registers(), ElementsAreArray(sketch.registers()));
    EXPECT_EQ(saved(loaded), bytes);
  }
}

// What every version and machine writes and reads.
TEST(HyperLogLogSaved, HasTheBytesThatItSays) {
  Registers registers{};
  EXPECT_EQ(saved(HyperLogLog::of(registers)), std::string(1, '\0'));
  registers[0] = 1;
  registers[1] = 51;
  registers[300] = 2;
  registers[kRegisters - 1] = 3;
  Encoder few;
  few.number(4);
  for (const uint64_t number : {size_t{0}, size_t{1}, size_t{0}, size_t{51}, size_t{298}, size_t{2},
                                kRegisters - 302, size_t{3}})
    few.number(number);
  EXPECT_EQ(saved(HyperLogLog::of(registers)), few.bytes());

  std::fill(registers.begin(), registers.begin() + kRegisters / 2, uint8_t{5});
  Encoder many;
  many.number(kRegisters / 2 + 1);
  many.text(std::string(kRegisters / 2, 5) + std::string(kRegisters / 2 - 1, 0) + "\3");
  EXPECT_EQ(saved(HyperLogLog::of(registers)), many.bytes());

  // The most that are written with their places.
  registers[0] = registers[1] = 0;
  EXPECT_EQ(saved(HyperLogLog::of(registers)).size(), 2 + 2 * (kRegisters / 2 - 1) + 1);
  HyperLogLog loaded;
  ASSERT_TRUE(loads(saved(HyperLogLog::of(registers)), loaded));
  EXPECT_THAT(loaded.registers(), ElementsAreArray(registers));
}

TEST(HyperLogLogSaved, RefusesWhatNoSketchIs) {
  const auto few = [](const std::vector<uint64_t>& numbers) {
    Encoder encoder;
    for (const uint64_t number : numbers) encoder.number(number);
    return loads(encoder);
  };
  EXPECT_TRUE(few({2, 0, 1, kRegisters - 2, kRankMax}));
  EXPECT_FALSE(few({2, 0, 1, kRegisters - 1, kRankMax}));  // beyond the last register
  EXPECT_FALSE(few({1, ~uint64_t{0}, 1}));
  EXPECT_FALSE(few({1, 0, kRankMax + 1}));
  EXPECT_FALSE(few({1, 0, 256}));
  EXPECT_FALSE(few({1, 0, 0}));  // not in use
  EXPECT_FALSE(few({2, 0, 1}));
  EXPECT_FALSE(few({1}));

  const auto many = [](uint64_t in_use, const std::string& registers) {
    Encoder encoder;
    encoder.number(in_use);
    encoder.text(registers);
    return loads(encoder);
  };
  const std::string all(kRegisters, 7);
  EXPECT_TRUE(many(kRegisters, all));
  EXPECT_FALSE(many(kRegisters - 1, all));
  EXPECT_FALSE(many(kRegisters + 1, all));
  EXPECT_FALSE(many(~uint64_t{0}, all));
  EXPECT_FALSE(many(kRegisters, all + '\7'));
  EXPECT_FALSE(many(kRegisters, all.substr(1)));
  EXPECT_FALSE(many(kRegisters, all.substr(1) + static_cast<char>(kRankMax + 1)));
  EXPECT_FALSE(many(kRegisters, all.substr(1) + '\xFF'));
}

}  // namespace
}  // namespace millrace::insights
