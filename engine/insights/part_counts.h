// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/insights/edge_values.h"
#include "engine/insights/exact_sum.h"
#include "engine/insights/insight.h"
#include "engine/insights/key_counts.h"
#include "engine/insights/magnitude_counts.h"
#include "engine/insights/number.h"
#include "engine/insights/recent_keys.h"

namespace millrace::insights {

class WindowCounts;

// What a part counted. Of its members only those of its kind have something in them.
struct PartCounts {
  // Of a part with windows, or of one window of it.
  enum class Of : uint8_t { kPart, kWindow };

  PartCounts(const Part& part, Of of);
  PartCounts();
  PartCounts(PartCounts&&) noexcept;
  PartCounts(const PartCounts&) = delete;
  PartCounts& operator=(const PartCounts&) = delete;
  PartCounts& operator=(PartCounts&&) = delete;
  ~PartCounts();

  // Keeps the memory.
  void clear();

  // Bytes held beside the object itself, idle capacity included.
  [[nodiscard]] size_t footprint() const;

  uint64_t counted = 0;  // records
  uint64_t missing = 0;  // selected records that lack what the part reads
  // Of a part with windows: what each of them has. Of the others here only `missing` counts then.
  std::unique_ptr<WindowCounts> windows;
  KeyCounts keys;
  RecentKeys recent_keys;
  EdgeValues edges;  // by the keys' entries
  std::array<uint64_t, 24> hours{};
  ExactSum sum;
  NumberRange range;
  MagnitudeCounts magnitudes;
};

}  // namespace millrace::insights
