// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/report/counted.h"

namespace millrace::report {

// What `millrace report` says: the insights of all partitions of a group since the beginning, from
// what its members have written down.
struct FleetReport {
  std::string pipeline;
  std::string group;
  Counted counted;
  std::string as_of;  // when the oldest of the states was written; empty: there is none
};

[[nodiscard]] Identity check_identity(const FleetReport& report);

// For people: as report::to_text(Report).
[[nodiscard]] std::string to_text(const FleetReport& report);

// For programs: the members of a run's report, `totals` and `partitions` then of the fleet, and
// without what only a run has. Ends in a newline.
[[nodiscard]] std::string to_json(const FleetReport& report);

}  // namespace millrace::report
