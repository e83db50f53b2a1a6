// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/magnitude_counts.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace millrace::insights {
namespace {

using Buckets = std::vector<MagnitudeCounts::Bucket>;

constexpr int32_t kMax = MagnitudeCounts::kBucketMax;
constexpr int64_t kIntegerMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kIntegerMin = std::numeric_limits<int64_t>::min();

int32_t bucket_of(double real) {
  return MagnitudeCounts::bucket_of(Number(real));
}

int32_t bucket_of_integer(int64_t integer) {
  return MagnitudeCounts::bucket_of(Number(integer));
}

MagnitudeCounts counts_of(const std::vector<double>& reals) {
  MagnitudeCounts counts;
  for (const double real : reals) counts.add(Number(real));
  return counts;
}

TEST(MagnitudeCounts, PutsNumbersInOrder) {
  static_assert(MagnitudeCounts::kBucketsMax == 2 * kMax + 1);
  for (int32_t bucket = -kMax; bucket <= kMax; ++bucket) {
    ASSERT_EQ(bucket_of(MagnitudeCounts::value_of(bucket)), bucket);
    if (bucket > -kMax) {
      ASSERT_LT(MagnitudeCounts::value_of(bucket - 1), MagnitudeCounts::value_of(bucket));
    }
  }
}

TEST(MagnitudeCounts, HasBucketsOfA64thOfThePowerOfTwo) {
  for (int exponent = -40; exponent <= 62; ++exponent) {
    const int32_t first = (exponent + 40) * 64 + 1;
    for (int32_t step = 0; step < 64; ++step) {
      const double low = std::ldexp(1 + step / 64.0, exponent);
      const double high = std::ldexp(1 + (step + 1) / 64.0, exponent);
      ASSERT_EQ(bucket_of(low), first + step);
      ASSERT_EQ(bucket_of(std::nextafter(high, 0)), first + step);
      ASSERT_EQ(bucket_of(-low), -(first + step));
      ASSERT_EQ(bucket_of(-std::nextafter(high, 0)), -(first + step));
    }
  }
}

TEST(MagnitudeCounts, TakesTheTinyForZeroAndTheHugeForTheLargest) {
  EXPECT_EQ(bucket_of(0.0), 0);
  EXPECT_EQ(bucket_of_integer(0), 0);
  EXPECT_EQ(bucket_of(0x1p-40), 1);
  EXPECT_EQ(bucket_of(std::nextafter(0x1p-40, 0)), 0);
  EXPECT_EQ(bucket_of(-0x1p-40), -1);
  EXPECT_EQ(bucket_of(-std::nextafter(0x1p-40, 0)), 0);
  EXPECT_EQ(bucket_of(std::numeric_limits<double>::denorm_min()), 0);

  for (const double huge : {0x1p63, 0x1p64, 1e300, std::numeric_limits<double>::max()}) {
    EXPECT_EQ(bucket_of(huge), kMax);
    EXPECT_EQ(bucket_of(-huge), -kMax);
  }
  EXPECT_EQ(bucket_of_integer(kIntegerMax), kMax);
  EXPECT_EQ(bucket_of_integer(kIntegerMin), -kMax);
  EXPECT_NEAR(MagnitudeCounts::value_of(kMax), 0x1p63, 0x1p63 * MagnitudeCounts::kRelativeError);
}

TEST(MagnitudeCounts, PutsIntegersWhereEqualDoublesAre) {
  for (int64_t integer = -5'000; integer <= 5'000; ++integer) {
    ASSERT_EQ(bucket_of_integer(integer), bucket_of(static_cast<double>(integer)));
  }
  for (int shift = 0; shift < 63; ++shift) {
    const int64_t power = int64_t{1} << shift;
    ASSERT_EQ(bucket_of_integer(power), bucket_of(std::ldexp(1, shift)));
    ASSERT_EQ(bucket_of_integer(-power), bucket_of(-std::ldexp(1, shift)));
  }
  for (int shift = 8; shift < 63; ++shift) {
    // The double nearest to the number below a power may be the power itself.
    const int64_t power = int64_t{1} << shift;
    ASSERT_EQ(bucket_of_integer(power - 1), bucket_of_integer(power) - 1);
  }
}

TEST(MagnitudeCounts, CountsEachBucketOnce) {
  MagnitudeCounts counts;
  for (const double real : {1.0, 1.001, -3.0, 0.0, 1e300, 1.0, 1e-300}) counts.add(Number(real));
  counts.add_bucket(-17, 1'000);
  counts.add_bucket(17, 0);

  EXPECT_EQ(counts.total(), 1'007U);
  const Buckets expected{
      {bucket_of(-3.0), 1}, {-17, 1'000}, {0, 2}, {bucket_of(1.0), 3}, {kMax, 1}};
  EXPECT_EQ(counts.buckets(), expected);
}

TEST(MagnitudeCounts, HoldsEveryBucketAtOnce) {
  MagnitudeCounts counts;
  for (int32_t bucket = -kMax; bucket <= kMax; ++bucket) {
    counts.add_bucket(bucket, static_cast<uint64_t>(bucket + kMax) + 1);
  }
  const Buckets buckets = counts.buckets();
  ASSERT_EQ(buckets.size(), MagnitudeCounts::kBucketsMax);
  for (int32_t i = 0; i < static_cast<int32_t>(buckets.size()); ++i) {
    ASSERT_EQ(buckets[static_cast<size_t>(i)].number, i - kMax);
    ASSERT_EQ(buckets[static_cast<size_t>(i)].count, static_cast<uint64_t>(i) + 1);
  }
  EXPECT_LT(counts.footprint(), 256U << 10);
}

TEST(MagnitudeCounts, TakesMemoryByPowersOfTwo) {
  MagnitudeCounts counts;
  EXPECT_EQ(counts.footprint(), 0U);
  for (int i = 0; i < 10'000; ++i) counts.add(Number(1 + i / 10'000.0));
  EXPECT_EQ(counts.footprint(), 512U);
}

TEST(MagnitudeCounts, IsEmptyWhenCleared) {
  MagnitudeCounts counts = counts_of({-1.0, 0.0, 1.0, 7.0, 1e9});
  const size_t footprint = counts.footprint();
  counts.clear();
  EXPECT_EQ(counts.total(), 0U);
  EXPECT_TRUE(counts.buckets().empty());
  EXPECT_EQ(counts.footprint(), footprint);

  counts.add(Number(7.0));
  const Buckets expected{{bucket_of(7.0), 1}};
  EXPECT_EQ(counts.buckets(), expected);
}

TEST(MagnitudeCounts, TakesTheNearestRank) {
  MagnitudeCounts counts;
  for (int i = 0; i < 100; ++i) counts.add_bucket(i + 1, 1);
  // A hundredth is one bucket, also where its double is a little above what was written.
  for (int percent = 1; percent < 100; ++percent) {
    EXPECT_EQ(bucket_of(counts.quantile(percent / 100.0)), percent);
  }
  EXPECT_EQ(bucket_of(counts.quantile(0.0701)), 8);
  EXPECT_EQ(bucket_of(counts.quantile(0.991)), 100);
  EXPECT_EQ(bucket_of(counts.quantile(1e-300)), 1);
  EXPECT_EQ(bucket_of(counts.quantile(std::nextafter(1.0, 0.0))), 100);
  EXPECT_EQ(counts_of({0.0}).quantile(0.5), 0.0);
}

class RandomMagnitudeCounts : public ::testing::Test {
 protected:
  RandomMagnitudeCounts() : trace_(__FILE__, __LINE__, "random seed " + std::to_string(seed())) {}

  static unsigned seed() {
    return static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  }

  size_t below(size_t bound) { return random_() % bound; }

  double unit() { return std::generate_canonical<double, 53>(random_); }

  // Numbers as they come: amounts, latencies, whole numbers, both signs, one value, all sizes.
  std::vector<std::function<Number()>> distributions() {
    const auto real = [](double value) { return Number(value); };
    return {
        [=, this] { return real(unit()); },
        [=, this] { return real(-std::log(1 - unit()) * 1e-3); },
        [=, this] { return real(std::exp(5 * std::normal_distribution<double>()(random_))); },
        [=, this] { return real(1 / std::pow(1 - unit(), 2)); },
        [=, this] { return real(std::normal_distribution<double>(0, 100)(random_)); },
        [=, this] { return real(-1e6 * unit()); },
        [] { return Number(42.0); },
        [this] { return Number(static_cast<int64_t>(below(10))); },
        [this] { return Number(static_cast<int64_t>(below(1'000'000)) - 500'000); },
        [this] { return Number(static_cast<int64_t>(random_() >> below(64))); },
        [this] { return below(100) == 0 ? Number(1e6) : Number(1e-6); },
        [=, this] { return real(std::ldexp(1 + unit(), static_cast<int>(below(103)) - 40)); },
        // The least of a bucket each: farthest from its middle.
        [=, this] {
          return real(
              std::ldexp(1 + static_cast<double>(below(64)) / 64, static_cast<int>(below(20))));
        },
    };
  }

  std::mt19937_64 random_{seed()};

 private:
  ::testing::ScopedTrace trace_;
};

TEST_F(RandomMagnitudeCounts, AreOffByLessThanTheBound) {
  const std::vector<std::function<Number()>> all = distributions();
  for (size_t which = 0; which < all.size(); ++which) {
    for (const size_t count : {1U, 2U, 10U, 999U, 5'000U}) {
      SCOPED_TRACE("distribution " + std::to_string(which) + ", " + std::to_string(count));
      MagnitudeCounts counts;
      std::vector<Number> sorted;
      for (size_t i = 0; i < count; ++i) {
        sorted.push_back(all[which]());
        counts.add(sorted.back());
      }
      std::sort(sorted.begin(), sorted.end());
      ASSERT_EQ(counts.total(), count);
      for (const size_t thousandths : {1U, 10U, 250U, 500U, 750U, 900U, 950U, 990U, 999U}) {
        const size_t rank = std::max<size_t>(1, (thousandths * count + 999) / 1000);
        const double truth = sorted[rank - 1].real();
        const double read = counts.quantile(static_cast<double>(thousandths) / 1000);
        // Nearer to zero than 2^-40 is zero.
        const double bound = std::max(std::abs(truth) * MagnitudeCounts::kRelativeError, 0x1p-40);
        ASSERT_LE(std::abs(read - truth), bound) << truth << " at " << thousandths;
      }
    }
  }
}

TEST_F(RandomMagnitudeCounts, AreTheSameInEveryOrderAndForEverySplit) {
  for (const std::function<Number()>& draw : distributions()) {
    std::vector<Number> numbers;
    for (int i = 0; i < 2'000; ++i) numbers.push_back(draw());
    MagnitudeCounts whole;
    for (const Number& number : numbers) whole.add(number);

    std::shuffle(numbers.begin(), numbers.end(), random_);
    std::vector<MagnitudeCounts> parts(1 + below(20));
    for (const Number& number : numbers) parts[below(parts.size())].add(number);
    while (parts.size() > 1) {
      std::swap(parts[below(parts.size())], parts.back());
      const MagnitudeCounts last = std::move(parts.back());
      parts.pop_back();
      parts[below(parts.size())].merge(last);
    }

    ASSERT_EQ(parts[0].total(), whole.total());
    ASSERT_EQ(parts[0].buckets(), whole.buckets());
    ASSERT_EQ(parts[0].quantile(0.5), whole.quantile(0.5));
  }
}

bool loads(const std::string& bytes, MagnitudeCounts& counts) {
  Decoder decoder(bytes);
  counts.load(decoder);
  return decoder.ok() && decoder.at_end();
}

std::string saved(const MagnitudeCounts& counts) {
  Encoder encoder;
  counts.save(encoder);
  return encoder.bytes();
}

std::string saved_buckets(uint64_t count,
                          const std::vector<std::pair<int64_t, uint64_t>>& buckets) {
  Encoder encoder;
  encoder.number(count);
  for (const auto& [bucket, numbers] : buckets) {
    encoder.signed_number(bucket);
    encoder.number(numbers);
  }
  return encoder.bytes();
}

TEST(MagnitudeCountsSaved, ComesBack) {
  MagnitudeCounts counts;
  counts.add_bucket(kMax, std::numeric_limits<uint64_t>::max() - 1'000);
  for (const int64_t integer : {kIntegerMin, kIntegerMax, int64_t{0}, int64_t{-1}, int64_t{1'000}})
    counts.add(Number(integer));
  for (const double real : {0.1, -0.1, 1e-12, 1e-13, 1e300, -1e300}) counts.add(Number(real));
  MagnitudeCounts loaded;
  ASSERT_TRUE(loads(saved(counts), loaded));
  EXPECT_EQ(loaded.buckets(), counts.buckets());
  EXPECT_EQ(loaded.total(), counts.total());
  EXPECT_EQ(saved(loaded), saved(counts));

  MagnitudeCounts nothing;
  ASSERT_TRUE(loads(saved(MagnitudeCounts()), nothing));
  EXPECT_EQ(nothing.total(), 0U);
  EXPECT_EQ(saved(nothing), std::string(1, '\0'));
}

TEST(MagnitudeCountsSaved, HasTheBytesThatItSays) {
  MagnitudeCounts counts;
  counts.add_bucket(3, 300);
  counts.add_bucket(-kMax, 1);
  counts.add_bucket(0, 2);
  EXPECT_EQ(saved(counts), saved_buckets(3, {{-kMax, 1}, {0, 2}, {3, 300}}));
}

TEST(MagnitudeCountsSaved, RefusesWhatNobodyWrites) {
  const auto refuses = [](const std::string& bytes) {
    MagnitudeCounts counts;
    return !loads(bytes, counts);
  };
  EXPECT_FALSE(refuses(saved_buckets(2, {{-kMax, 1}, {kMax, 1}})));
  EXPECT_TRUE(refuses(saved_buckets(1, {{kMax + 1, 1}})));
  EXPECT_TRUE(refuses(saved_buckets(1, {{-kMax - 1, 1}})));
  EXPECT_TRUE(refuses(saved_buckets(1, {{kIntegerMin, 1}})));
  EXPECT_TRUE(refuses(saved_buckets(1, {{kIntegerMax, 1}})));
  EXPECT_TRUE(refuses(saved_buckets(2, {{1, 1}, {1, 1}})));
  EXPECT_TRUE(refuses(saved_buckets(2, {{2, 1}, {1, 1}})));
  EXPECT_TRUE(refuses(saved_buckets(1, {{1, 0}})));
  EXPECT_TRUE(refuses(saved_buckets(3, {{1, 1}, {2, 1}})));
  EXPECT_TRUE(refuses(saved_buckets(~uint64_t{0}, {})));
}

}  // namespace
}  // namespace millrace::insights
