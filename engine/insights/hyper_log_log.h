// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/insights/encoding.h"

namespace millrace::insights {

// About how many different keys there were, in 16 KiB: HyperLogLog with 2^14 registers and 64-bit
// hashes, read by the improved estimator of O. Ertl ("New cardinality estimation algorithms for
// HyperLogLog sketches", 2017), which needs no tables of corrections. Order-free and mergeable.
//
// Threading: one owner at a time.
class HyperLogLog {
 public:
  static constexpr unsigned kPrecision = 14;
  static constexpr size_t kRegisters = size_t{1} << kPrecision;
  // The largest number that a register can have.
  static constexpr uint8_t kRankMax = 64 - kPrecision + 1;

  struct Estimate {
    uint64_t value;
    uint64_t low;  // the true number is within low and high with 95 %
    uint64_t high;
  };

  // Of stable_hash(): the state outlives the process.
  void add(uint64_t hash) {
    // A bit below the hash's rest ends the search for its first 1.
    const uint64_t rest = hash << kPrecision | uint64_t{1} << (kPrecision - 1);
    const auto rank = static_cast<uint8_t>(std::countl_zero(rest) + 1);
    uint8_t& held = registers_[hash >> (64 - kPrecision)];
    if (held < rank) held = rank;
  }

  void merge(const HyperLogLog& other);

  [[nodiscard]] Estimate estimate() const;

  // load() into a sketch of nothing. Few registers are written down with their places, many as they
  // are.
  void save(Encoder& to) const;
  void load(Decoder& from);

  // As many bytes as save() writes, or a few more.
  [[nodiscard]] size_t saved_size() const;

  [[nodiscard]] std::span<const uint8_t, kRegisters> registers() const { return registers_; }

  // Requires: each at most kRankMax.
  [[nodiscard]] static HyperLogLog of(std::span<const uint8_t, kRegisters> registers);

 private:
  // Registers in use from which on all of them are written: then two bytes each are not less.
  static constexpr size_t kManyRegisters = kRegisters / 2;

  [[nodiscard]] size_t registers_in_use() const;

  std::array<uint8_t, kRegisters> registers_{};
};

}  // namespace millrace::insights
