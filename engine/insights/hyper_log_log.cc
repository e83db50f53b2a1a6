// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/hyper_log_log.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <string_view>

#include "engine/base/check.h"

namespace millrace::insights {
namespace {

// The half-width of the interval, as a share of the true number: two standard errors of
// 1.04 / sqrt(registers), 1.6 %. With the 1.96 of the normal distribution, 95.0 % of the estimates
// of large numbers are inside, so that chance would decide whether it is 95 %; two make it 95.4 %.
constexpr double kHalfWidth = 2 * 1.04 / 128;
static_assert(HyperLogLog::kRegisters == size_t{128} * 128);

// Ertl's sigma: x + the sum over k >= 1 of x^(2^k) * 2^(k-1). Corrects for registers that are still
// empty, `x` of all. Requires: 0 <= x < 1.
double sigma(double x) {
  double sum = x;
  double weight = 1;
  for (double before = -1; sum != before;) {
    x *= x;
    before = sum;
    sum += x * weight;
    weight += weight;
  }
  return sum;
}

// Ertl's tau: (1 - x - the sum over k >= 1 of (1 - x^(2^-k))^2 * 2^-k) / 3. Corrects for registers
// that are full, 1 - `x` of all. Requires: 0 <= x <= 1.
double tau(double x) {
  if (x == 0 || x == 1) return 0;
  double sum = 1 - x;
  double weight = 1;
  for (double before = -1; sum != before;) {
    x = std::sqrt(x);
    weight /= 2;
    before = sum;
    sum -= (1 - x) * (1 - x) * weight;
  }
  return sum / 3;
}

uint64_t to_count(double number) {
  constexpr double kTwoTo64 = 18446744073709551616.0;
  return number < kTwoTo64 ? static_cast<uint64_t>(number) : std::numeric_limits<uint64_t>::max();
}

}  // namespace

void HyperLogLog::merge(const HyperLogLog& other) {
  for (size_t i = 0; i < kRegisters; ++i) {
    registers_[i] = std::max(registers_[i], other.registers_[i]);
  }
}

HyperLogLog::Estimate HyperLogLog::estimate() const {
  constexpr auto kAll = static_cast<double>(kRegisters);
  std::array<uint32_t, kRankMax + 1> of_rank{};
  for (const uint8_t rank : registers_) ++of_rank[rank];
  if (of_rank[0] == kRegisters) return {0, 0, 0};

  double z = kAll * tau(1 - of_rank[kRankMax] / kAll);
  for (size_t rank = kRankMax - 1; rank > 0; --rank) z = (z + of_rank[rank]) / 2;
  z += kAll * sigma(of_rank[0] / kAll);
  // Infinite where every register is full.
  const double estimate = kAll * kAll / (2 * std::numbers::ln2 * z);
  return {to_count(std::round(estimate)), to_count(std::floor(estimate / (1 + kHalfWidth))),
          to_count(std::ceil(estimate / (1 - kHalfWidth)))};
}

size_t HyperLogLog::registers_in_use() const {
  return kRegisters - static_cast<size_t>(std::count(registers_.begin(), registers_.end(), 0));
}

void HyperLogLog::save(Encoder& to) const {
  const size_t in_use = registers_in_use();
  to.number(in_use);
  if (in_use >= kManyRegisters) {
    const std::string all(registers_.begin(), registers_.end());
    return to.text(all);
  }
  size_t next = 0;
  for (size_t i = 0; i < kRegisters; ++i) {
    if (registers_[i] == 0) continue;
    to.number(i - next);  // that are not in use, before it
    to.number(registers_[i]);
    next = i + 1;
  }
}

void HyperLogLog::load(Decoder& from) {
  const uint64_t in_use = from.number();
  if (in_use >= kManyRegisters) {
    const std::string_view all = from.text();
    if (all.size() != kRegisters) return from.fail();
    std::copy(all.begin(), all.end(), registers_.begin());
  } else {
    size_t next = 0;
    for (uint64_t i = 0; i < in_use; ++i) {
      const uint64_t not_in_use = from.number();
      const uint64_t rank = from.number();
      if (!from.ok() || not_in_use >= kRegisters - next || rank > kRankMax) return from.fail();
      next += static_cast<size_t>(not_in_use);
      registers_[next++] = static_cast<uint8_t>(rank);
    }
  }
  const uint8_t most = *std::max_element(registers_.begin(), registers_.end());
  if (most > kRankMax || registers_in_use() != in_use) from.fail();
}

size_t HyperLogLog::saved_size() const {
  // Two numbers in front of all of them; of each with its place, at most two for that.
  constexpr size_t kFrontBytes = 6;
  constexpr size_t kBytesEach = 3;
  return kFrontBytes + std::min(kBytesEach * registers_in_use(), size_t{kRegisters});
}

HyperLogLog HyperLogLog::of(std::span<const uint8_t, kRegisters> registers) {
  MILLRACE_CHECK(std::all_of(registers.begin(), registers.end(),
                             [](uint8_t rank) { return rank <= kRankMax; }));
  HyperLogLog sketch;
  std::copy(registers.begin(), registers.end(), sketch.registers_.begin());
  return sketch;
}

}  // namespace millrace::insights
