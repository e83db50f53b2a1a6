// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/insights/insight.h"
#include "engine/io/state_log.h"
#include "engine/state/restore.h"

namespace millrace::state {

// Where a state goes that was read.
using OnState = std::function<void(const base::TopicPartition&, Restored)>;

// restore() and restore_all() (`partitions` is none), one state after the other, in no order: for
// who does not need them all at the same time.
[[nodiscard]] base::Status read_states(
    io::StateLog& log, const std::optional<std::span<const base::TopicPartition>>& partitions,
    const insights::Declaration& declaration, const RestoreOptions& options,
    const OnState& on_state);

}  // namespace millrace::state
