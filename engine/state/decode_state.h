// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/insights/insight.h"
#include "engine/state/partition_records.h"
#include "engine/state/restore.h"

namespace millrace::state {

// Makes a partition's state of its records: first the manifest, then each chunk that it names. What
// the manifest does not name is not looked at. Lifetime: the declaration outlives the state.
[[nodiscard]] Restored decode_state(PartitionRecords records,
                                    const insights::Declaration& declaration,
                                    const RestoreOptions& options);

}  // namespace millrace::state
