// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/insights/insight.h"
#include "engine/insights/state.h"
#include "engine/io/committer.h"

namespace millrace::flow {

// The records that insights without windows write to topics by the clock: their totals, over the
// partitions of this process, every so often and at the end of the run.
//
// Threading: one owner at a time (the flow guards it with the lock of its books).
class RunningTotals {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  // `bytes_max`: of one record. Lifetime: the declaration outlives it.
  RunningTotals(const insights::Declaration& declaration, std::string pipeline, size_t bytes_max,
                TimePoint now);

  // Whether any is due. `last`: the run ends, and what is written now is final.
  [[nodiscard]] bool due(TimePoint now, bool last) const;

  // Those that are due, of these states merged.
  [[nodiscard]] std::vector<io::CarriedRecord> records(
      TimePoint now, bool last, std::span<const insights::State* const> states);

  // The commit that carried them succeeded, or not: then they are due again.
  void confirm();
  void refuse();

 private:
  struct Total {
    size_t insight;  // index into Declaration::insights
    TimePoint next;
    bool final_written = false;
    bool under_way = false;
    bool last_under_way = false;
  };

  [[nodiscard]] static bool is_due(const Total& total, TimePoint now, bool last);

  const insights::Declaration& declaration_;
  const std::string pipeline_;
  const size_t bytes_max_;
  std::vector<Total> totals_;
};

}  // namespace millrace::flow
