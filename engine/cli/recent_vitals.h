// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <utility>

#include "engine/report/vitals.h"

namespace millrace::cli {

// The last few of the vitals that were looked at, so that rates are those of some seconds: calm
// enough to be read. Another run begins anew.
class RecentVitals {
 public:
  static constexpr size_t kKept = 6;

  void add(report::Vitals vitals) {
    if (!kept_.empty() &&
        (kept_.back().started_ms != vitals.started_ms || kept_.back().pipeline != vitals.pipeline ||
         kept_.back().instance != vitals.instance))
      kept_.clear();
    kept_.push_back(std::move(vitals));
    if (kept_.size() > kKept) kept_.pop_front();
  }

  [[nodiscard]] bool empty() const { return kept_.empty(); }

  // Requires: not empty.
  [[nodiscard]] const report::Vitals& now() const { return kept_.back(); }

  [[nodiscard]] const report::Vitals& before() const { return kept_.front(); }

 private:
  std::deque<report::Vitals> kept_;
};

}  // namespace millrace::cli
