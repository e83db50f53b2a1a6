// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/magnitude_counts.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace millrace::insights {

// visit(bucket, count) for each bucket of a power that is not empty, in the order of their numbers,
// until it returns false. Returns whether it never did.
template <typename Visit>
bool MagnitudeCounts::visit_page(size_t power, Visit& visit) const {
  if (page_of_[power] == 0) return true;
  const Page& page = pages_[page_of_[power] - 1U];
  const bool negative = power >= kPowers;
  const auto first = static_cast<int32_t>(power % kPowers) * kStepsMax + 1;
  for (int32_t i = 0; i < kStepsMax; ++i) {
    const int32_t step = negative ? kStepsMax - 1 - i : i;
    const uint64_t count = page[static_cast<size_t>(step)];
    if (count == 0) continue;
    if (!visit(negative ? -(first + step) : first + step, count)) return false;
  }
  return true;
}

template <typename Visit>
void MagnitudeCounts::visit_buckets(Visit visit) const {
  for (size_t power = 2 * kPowers; power-- > kPowers;) {
    if (!visit_page(power, visit)) return;
  }
  if (zeros_ > 0 && !visit(0, zeros_)) return;
  for (size_t power = 0; power < kPowers; ++power) {
    if (!visit_page(power, visit)) return;
  }
}

void MagnitudeCounts::merge(const MagnitudeCounts& other) {
  MILLRACE_CHECK(&other != this);
  total_ += other.total_;
  zeros_ += other.zeros_;
  for (size_t power = 0; power < page_of_.size(); ++power) {
    if (other.page_of_[power] == 0) continue;
    const Page& from = other.pages_[other.page_of_[power] - 1U];
    Page& to = page_of_[power] != 0 ? pages_[page_of_[power] - 1U] : new_page(power);
    for (size_t step = 0; step < to.size(); ++step) to[step] += from[step];
  }
}

void MagnitudeCounts::clear() {
  total_ = 0;
  zeros_ = 0;
  pages_.clear();
  page_of_.fill(0);
}

double MagnitudeCounts::quantile(double q) const {
  MILLRACE_CHECK(q > 0 && q < 1 && total_ > 0);
  // The double of a share that was written in decimal may be a little above it, and 0.07 of 100
  // numbers is the 7th, not the 8th: what rounding can add is taken off.
  const double exact = q * static_cast<double>(total_);
  const double rank = std::ceil(exact - exact * 2 * std::numeric_limits<double>::epsilon());
  const uint64_t wanted =
      std::clamp(static_cast<uint64_t>(std::max(rank, 1.0)), uint64_t{1}, total_);

  uint64_t seen = 0;
  int32_t found = 0;
  visit_buckets([&](int32_t bucket, uint64_t count) {
    seen += count;
    found = bucket;
    return seen < wanted;
  });
  return value_of(found);
}

std::vector<MagnitudeCounts::Bucket> MagnitudeCounts::buckets() const {
  std::vector<Bucket> all;
  visit_buckets([&all](int32_t bucket, uint64_t count) {
    all.push_back({bucket, count});
    return true;
  });
  return all;
}

void MagnitudeCounts::save(Encoder& to) const {
  const std::vector<Bucket> all = buckets();
  to.number(all.size());
  for (const Bucket& bucket : all) {
    to.signed_number(bucket.number);
    to.number(bucket.count);
  }
}

void MagnitudeCounts::load(Decoder& from) {
  const size_t count = from.count(2);
  int64_t before = -kBucketMax - 1;
  for (size_t i = 0; i < count; ++i) {
    const int64_t bucket = from.signed_number();
    const uint64_t numbers = from.number();
    if (bucket <= before || bucket > kBucketMax || numbers == 0) return from.fail();
    add_bucket(static_cast<int32_t>(bucket), numbers);
    before = bucket;
  }
}

double MagnitudeCounts::value_of(int32_t bucket) {
  if (bucket == 0) return 0;
  const int32_t place = std::abs(bucket) - 1;
  const double significand = 1 + (place % kStepsMax + 0.5) / kStepsMax;
  const double magnitude = std::ldexp(significand, place / kStepsMax + kExponentMin);
  return bucket < 0 ? -magnitude : magnitude;
}

MagnitudeCounts::Page& MagnitudeCounts::new_page(size_t power) {
  static_assert(2 * kPowers <= std::numeric_limits<uint8_t>::max());
  static_assert(kPowers * kStepsMax == kBucketMax);
  pages_.emplace_back();  // value-initialised: all counts are 0
  page_of_[power] = static_cast<uint8_t>(pages_.size());
  return pages_.back();
}

}  // namespace millrace::insights
