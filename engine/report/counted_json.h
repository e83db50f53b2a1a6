// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "engine/insights/results.h"
#include "engine/record/json_writer.h"
#include "engine/report/counted.h"

// Members that the report of a run and that of the fleet have in common. Internal to report/.
namespace millrace::report {

// `"insights"`, `"not_counted"` and `"not_kept"`: the results, and beside them what is missing from
// them; the shape of a result is fixed.
void write_insights(const std::vector<insights::Result>& results, record::JsonWriter& writer);

// `"dead_letters"`.
void write_dead_letters(const std::map<std::string, uint64_t>& by_rule, record::JsonWriter& writer);

// The members of a report's totals that are not outcomes.
void write_outputs(const insights::OutputCounts& outputs, record::JsonWriter& writer);

// `"totals"`, `"dead_letters"` and `"partitions"` of what insights cover.
void write_counted(const Counted& counted, record::JsonWriter& writer);

void write_identity(const Identity& identity, record::JsonWriter& writer);

}  // namespace millrace::report
