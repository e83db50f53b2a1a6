// SPDX-License-Identifier: Apache-2.0
#include "engine/report/vitals.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace millrace::report {

void Durations::add(std::chrono::duration<double> time) {
  const double seconds = std::max(0.0, time.count());
  const auto* bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  ++counts[static_cast<size_t>(bound - kBounds.begin())];
  sum_seconds += seconds;
}

void Durations::add(const Durations& other) {
  for (size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
  sum_seconds += other.sum_seconds;
}

uint64_t Durations::count() const {
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

double Durations::quantile(double quantile) const {
  const uint64_t all = count();
  if (all == 0) return 0;
  const auto least = static_cast<uint64_t>(std::ceil(quantile * static_cast<double>(all)));
  uint64_t below = 0;
  for (size_t i = 0; i < kBounds.size(); ++i) {
    below += counts[i];
    if (below >= std::max(least, uint64_t{1})) return kBounds[i];
  }
  return kBounds.back();
}

std::string_view name_of(Stage stage) {
  switch (stage) {
    case Stage::kWait:
      return "wait";
    case Stage::kProcess:
      return "process";
    case Stage::kOrder:
      return "order";
    case Stage::kDeliver:
      return "deliver";
    case Stage::kSettle:
      return "settle";
  }
  return "settle";
}

std::string_view name_of(Phase phase) {
  switch (phase) {
    case Phase::kRunning:
      return "running";
    case Phase::kDraining:
      return "draining";
    case Phase::kFinished:
      return "finished";
  }
  return "finished";
}

}  // namespace millrace::report
