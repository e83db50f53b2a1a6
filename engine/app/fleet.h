// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/app/pipeline.h"
#include "engine/base/result.h"
#include "engine/kafka/admin.h"
#include "engine/report/fleet_report.h"

namespace millrace::app {

// Reads what all members of the pipeline's group have written down of their insights, and merges
// it. Joins nothing and changes nothing. Requires: the pipeline has a plan, which outlives the
// report, and its state is durable.
[[nodiscard]] base::Result<report::FleetReport> read_fleet(const Pipeline& pipeline,
                                                           const kafka::Patience& patience);

}  // namespace millrace::app
