// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/record/json_writer.h"
#include "engine/report/health.h"

namespace millrace::report {

// The member `health` (docs/report.md, stable).
void write_health(const Health& health, record::JsonWriter& writer);

}  // namespace millrace::report
