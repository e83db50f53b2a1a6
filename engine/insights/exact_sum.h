// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/insights/encoding.h"
#include "engine/insights/number.h"

namespace millrace::insights {

// The sum of any number of integers and doubles, without any rounding before the end: it does not
// depend on the order of the numbers, nor on how they were split before they were merged. Integers
// are summed apart (128 bits) and cost next to nothing; the first double allocates the wide
// fixed-point number that holds every double's bits (after R. M. Neal, "Fast exact summation using
// small and large superaccumulators", 2015). Sums on the way may be beyond all doubles.
//
// Threading: one owner at a time.
class ExactSum {
 public:
  void add(const Number& number) {
    ++count_;
    if (number.is_integer()) {
      integers_ += number.integer();
    } else {
      add_real(number.real());
    }
  }

  // Requires: another sum than this.
  void merge(const ExactSum& other);

  // Keeps the memory.
  void clear();

  [[nodiscard]] uint64_t count() const { return count_; }

  // Rounded once, to nearest, ties to even. An integer where only integers were added and it fits.
  // Requires: nothing; 0 where nothing was added. What is beyond all doubles is the largest double.
  [[nodiscard]] Number sum() const;

  // sum() / count() of the sum before its rounding, rounded once. An integer where only integers
  // were added and it is one. Requires: count() > 0.
  [[nodiscard]] Number mean() const;

  // load() into a sum of nothing.
  void save(Encoder& to) const;
  void load(Decoder& from);

  [[nodiscard]] size_t footprint() const { return wide_ ? sizeof(Wide) : 0; }

  // Whether as many numbers were added, and the integers and the doubles of both come to the same.
  friend bool operator==(const ExactSum& a, const ExactSum& b);

 private:
  __extension__ using Int128 = __int128;

  // A fixed-point number in units of the least double, 2^-1074, with 32 bits a chunk, the lowest
  // chunk first. Chunks have 64 bits, so that carries (of either sign) may wait in them.
  struct Wide {
    // 2^-1074 to 2^1024, and 2^64 times that, and a sign.
    static constexpr size_t kChunks = (1074 + 1024 + 64) / 32 + 2;
    // An addition changes a chunk by less than 2^53, and what carrying leaves there is less than
    // 2^32: chunks stay below 2^62, so that two such numbers can be added too.
    static constexpr uint32_t kAdditionsMax = 500;

    void add(double real);
    void add_integer(Int128 integer);
    void merge(const Wide& other);

    // Makes every chunk but the highest one a number of 0 to 2^32 - 1; the highest one has the
    // sign. There is just one such form for each number.
    void carry();

    // In that form.
    void save(Encoder& to) const;
    void load(Decoder& from);

    std::array<int64_t, kChunks> chunks{};
    uint32_t additions = 0;  // since the last carry()
  };

  void add_real(double real);
  [[nodiscard]] Wide exact() const;

  Int128 integers_ = 0;
  uint64_t count_ = 0;
  bool has_reals_ = false;
  std::unique_ptr<Wide> wide_;  // made by the first double; zero where there are none
};

}  // namespace millrace::insights
