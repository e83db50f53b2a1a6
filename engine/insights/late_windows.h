// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "engine/insights/encoding.h"

namespace millrace::insights {

// How many records came too late for each window: of the last windows that any came late for, and
// the sum of those before them. It does not depend on the order in which it was told, nor on how
// that was split before it was merged.
//
// Threading: one owner at a time.
class LateWindows {
 public:
  static constexpr size_t kKept = 100;

  void add(int64_t start, uint64_t records);
  void merge(const LateWindows& other);

  // Records by the starts of their windows.
  [[nodiscard]] const std::map<int64_t, uint64_t>& windows() const { return windows_; }

  // Of all earlier windows.
  [[nodiscard]] uint64_t earlier() const { return earlier_; }

  // How many, how many earlier, then start and records of each.
  void save(Encoder& to) const;
  void load(Decoder& from);

  [[nodiscard]] size_t footprint() const;

 private:
  void trim();

  std::map<int64_t, uint64_t> windows_;
  uint64_t earlier_ = 0;
};

}  // namespace millrace::insights
