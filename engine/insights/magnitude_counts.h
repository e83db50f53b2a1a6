// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/check.h"
#include "engine/insights/encoding.h"
#include "engine/insights/number.h"

namespace millrace::insights {

// How many numbers there are of each size, in buckets that are as wide as 1/64 of the power of two
// that they lie in: a quantile read from them is off by at most kRelativeError of itself.
// Order-free and mergeable, as a bucket depends on nothing but the number's own bits (after
// HdrHistogram and DDSketch). Numbers nearer to zero than 2^-40 count as zero, those beyond 2^63 as
// that.
//
// Memory is taken by powers of two: 512 bytes for each that numbers lie in, at most 206 times.
// clear() keeps it, and costs nothing for what was not used.
//
// Threading: one owner at a time.
class MagnitudeCounts {
 public:
  static constexpr double kRelativeError = 1.0 / 128;
  static constexpr size_t kBucketsMax = 2 * 103 * 64 + 1;
  // The bucket of the largest numbers; the least ones have its negative.
  static constexpr int32_t kBucketMax = 103 * 64;

  struct Bucket {
    int32_t number;  // buckets in the order of the numbers that they hold; 0 is zero's
    uint64_t count;

    friend bool operator==(const Bucket&, const Bucket&) = default;
  };

  void add(const Number& number) { add_bucket(bucket_of(number), 1); }

  // Requires: another object than this.
  void merge(const MagnitudeCounts& other);
  void clear();

  [[nodiscard]] uint64_t total() const { return total_; }

  // The number that the share `q` of all numbers is not above (nearest rank). Requires: 0 < q < 1,
  // total() > 0.
  [[nodiscard]] double quantile(double q) const;

  // In their order, without empty ones.
  [[nodiscard]] std::vector<Bucket> buckets() const;

  // load() into an object without numbers.
  void save(Encoder& to) const;
  void load(Decoder& from);

  // Requires: -kBucketMax <= number <= kBucketMax.
  void add_bucket(int32_t number, uint64_t count);
  [[nodiscard]] static int32_t bucket_of(const Number& number);

  // The middle of a bucket.
  [[nodiscard]] static double value_of(int32_t bucket);

  [[nodiscard]] size_t footprint() const { return pages_.capacity() * sizeof(Page); }

 private:
  static constexpr int kStepBits = 6;  // 64 buckets for each power of two
  static constexpr int kStepsMax = 1 << kStepBits;
  static constexpr int kExponentMin = -40;
  static constexpr int kExponentMax = 62;
  static constexpr size_t kPowers = kExponentMax - kExponentMin + 1;

  // The counts of the buckets of one power of two, by their distance from zero.
  using Page = std::array<uint64_t, kStepsMax>;

  Page& new_page(size_t power);

  template <typename Visit>
  bool visit_page(size_t power, Visit& visit) const;
  template <typename Visit>
  void visit_buckets(Visit visit) const;

  uint64_t total_ = 0;
  uint64_t zeros_ = 0;
  std::vector<Page> pages_;
  // Where a power's page is: index into pages_ + 1; 0: it has none. Of positive numbers, then of
  // negative ones.
  std::array<uint8_t, 2 * kPowers> page_of_{};
};

inline int32_t MagnitudeCounts::bucket_of(const Number& number) {
  int exponent = 0;
  int step = 0;
  bool negative = false;
  if (number.is_integer()) {
    // From the integer's own bits: as a double it might be rounded up into the next bucket.
    const int64_t integer = number.integer();
    if (integer == 0) return 0;
    negative = integer < 0;
    const uint64_t magnitude =
        negative ? -static_cast<uint64_t>(integer) : static_cast<uint64_t>(integer);
    const int zeros = std::countl_zero(magnitude);
    exponent = 63 - zeros;
    step = static_cast<int>(magnitude << zeros >> (63 - kStepBits)) & (kStepsMax - 1);
  } else {
    const auto bits = std::bit_cast<uint64_t>(number.real());
    negative = bits >> 63 != 0;
    exponent = static_cast<int>(bits >> 52 & 0x7FF) - 1023;
    step = static_cast<int>(bits >> (52 - kStepBits)) & (kStepsMax - 1);
    if (exponent < kExponentMin) return 0;
  }
  const int32_t bucket =
      exponent > kExponentMax ? kBucketMax : (exponent - kExponentMin) * kStepsMax + step + 1;
  return negative ? -bucket : bucket;
}

inline void MagnitudeCounts::add_bucket(int32_t number, uint64_t count) {
  total_ += count;
  if (number == 0) {
    zeros_ += count;
    return;
  }
  const auto place = static_cast<uint32_t>((number < 0 ? -number : number) - 1);
  MILLRACE_CHECK(place < kBucketMax);
  const size_t power = (place >> kStepBits) + (number < 0 ? kPowers : 0);
  const uint8_t page = page_of_[power];
  Page& counts = page != 0 ? pages_[page - 1U] : new_page(power);
  counts[place % kStepsMax] += count;
}

}  // namespace millrace::insights
