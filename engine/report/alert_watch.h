// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/insights/results.h"
#include "engine/report/alert.h"
#include "engine/report/sliding_counts.h"

namespace millrace::report {

// What is known at one moment.
struct AlertSample {
  OutcomeCounts counts;
  std::optional<uint64_t> lag;  // nothing: not known
  // Null: they were not looked at, and what they came to last still counts.
  const std::vector<insights::Result>* insights = nullptr;
};

// Tells from samples, say one a second, which alerts fire and which clear.
//
// An alert fires once its measure has been beyond the threshold for as long as `hold` says, in
// every sample. It clears at the first sample in which the measure is back at `clear`: between the
// two it stays what it is, so that a measure which moves around the threshold makes no noise.
// A measure that is not known changes nothing.
//
// A share fires only where the period has at least kShareRecordsMin records: one bad record of a
// quiet minute is no alert. Once it fires, any number of records clears it, and so does a period
// without any.
// Before a whole period has passed, nothing was consumed before the first sample, as far as is
// known: so counts and rates can be above a threshold from the beginning, and below one only after
// a whole period.
// A rate that is an insight is known from when it is one of a whole minute.
//
// Threading: one thread at a time. Time comes in as an argument, and does not go back.
class AlertWatch {
 public:
  using Time = SlidingCounts::Time;

  static constexpr uint64_t kShareRecordsMin = 20;

  // The first period begins with the first sample.
  explicit AlertWatch(std::vector<AlertRule> rules);

  // Takes a sample; returns the alerts that fire or clear by it, as they are now, in the order of
  // the rules.
  [[nodiscard]] std::vector<Alert> observe(const AlertSample& sample, Time now);

  // All of them, as of the last sample, in the order of the rules.
  [[nodiscard]] const std::vector<Alert>& current() const { return alerts_; }

 private:
  // What is beside an alert, at the same index.
  struct Watched {
    std::optional<SlidingCounts> period;
    Time beyond_since;  // pending: since when
  };

  struct Judged {
    std::optional<double> value;
    bool may_fire = true;
    bool is_over = false;  // there is nothing left that it could be about
  };

  Judged judge(const AlertRule& rule, Watched& watched, const AlertSample& sample, Time now) const;
  static bool turn(Alert& alert, Watched& watched, const Judged& judged, Time now);

  std::vector<Alert> alerts_;
  std::vector<Watched> watched_;
};

}  // namespace millrace::report
