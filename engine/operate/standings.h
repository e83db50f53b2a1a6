// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/insights/insight.h"
#include "engine/kafka/group_admin.h"
#include "engine/state/commit_mark.h"
#include "engine/state/resume.h"

namespace millrace::operate {

// What the state topic has of one input partition.
struct WrittenState {
  base::Offset end;        // it covers the input up to here; invalid with `error`
  int64_t written_ms = 0;  // Unix time
  uint64_t bytes = 0;      // of its records as they are valid now
  std::string error;       // it cannot be read: why, and what to do
};

// How a group stands in one partition of its input. Offsets are invalid where they are not known.
struct Standing {
  base::TopicPartition id = {};
  base::Offset begin = {};
  base::Offset stable = {};  // where a reader of committed records cannot read on
  base::Offset end = {};
  std::string error = {};  // why the three are not known

  base::Offset committed = {};  // invalid: the group has none
  std::string metadata = {};
  std::optional<state::CommitMark> mark = {};  // that the metadata is
  // The times (Unix milliseconds) of the record to be read next, of the first one that a restore
  // counts again, and of the first one of an open transaction; none where there is none.
  std::optional<int64_t> next_ms = {};
  std::optional<int64_t> restore_ms = {};
  std::optional<int64_t> open_ms = {};

  std::optional<WrittenState> written = {};
  state::Resume resume = {};  // what the next owner does with it

  // Where reading goes on; where that depends on the start of the log, or its end, the start.
  [[nodiscard]] base::Offset next() const { return committed.valid() ? committed : begin; }

  // Records between there and the end; none where that is not known.
  [[nodiscard]] std::optional<int64_t> lag() const {
    if (!end.valid() || !next().valid()) return std::nullopt;
    return std::max<int64_t>(0, end.value - std::max(next(), begin).value);
  }

  // From where a restore reads; invalid: it reads nothing again.
  [[nodiscard]] base::Offset restore_from() const {
    const bool goes_on = resume.kind == state::Resume::Kind::kGoesOn && written;
    return goes_on && written->end < committed ? written->end : base::Offset();
  }
};

struct Standings {
  int64_t now_ms = 0;
  kafka::GroupState group;
  std::vector<Standing> partitions;  // by topic and partition

  bool durable = true;
  bool state_topic_exists = true;
  std::string state_error;  // the state topic cannot be read: why
  // States of this group whose partitions do not exist, or are none of the input any more.
  std::vector<base::TopicPartition> strangers;
};

// Asks the brokers, and reads the state topic. Joins nothing and changes nothing. An error: the
// brokers do not answer, or do not let us. Each question waits for up to `wait`.
[[nodiscard]] base::Result<Standings> read_standings(const config::PipelineConfig& config,
                                                     const insights::Declaration& declaration,
                                                     std::chrono::milliseconds wait);

}  // namespace millrace::operate
