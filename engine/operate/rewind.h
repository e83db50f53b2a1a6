// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/io/committer.h"
#include "engine/operate/standings.h"

namespace millrace::operate {

struct RewindTarget {
  enum class Kind : uint8_t { kEarliest, kLatest, kOffset, kTime };

  Kind kind = Kind::kEarliest;
  int64_t value = 0;  // an offset, or Unix milliseconds
};

// Where one partition is moved.
struct Move {
  base::TopicPartition id;
  base::Offset from;  // invalid: the group has no offset there
  base::Offset to;
  std::string note;  // about the place, where it is not just what was asked for

  [[nodiscard]] bool stays() const { return from == to; }
};

// A partition as the user names it: "3", or "orders/3" where the input has several topics.
struct PartitionName {
  std::string topic;  // empty: of any
  int32_t partition = 0;

  // Nothing: the text is no such name.
  [[nodiscard]] static std::optional<PartitionName> parse(const std::string& text);
};

// An error: a name that the input does not have.
[[nodiscard]] base::Status check_names(const Standings& standings,
                                       const std::vector<PartitionName>& names);

// The partitions that are to move, all of them where `names` is empty, and where to. `at_time` has
// the offset of each of standings.partitions, in their order, for a target that is a time; an
// invalid one: no record is of that time or later. An error: a log whose ends are not known, or no
// partition at all.
[[nodiscard]] base::Result<std::vector<Move>> plan_moves(const Standings& standings,
                                                         const RewindTarget& target,
                                                         const std::vector<PartitionName>& names,
                                                         const std::vector<base::Offset>& at_time);

// What is to be committed: moves that stay where they are are left out. The insights of those that
// move begin anew, or are kept; `durable` false: nothing is said about them. `id` is one that no
// other commit has.
[[nodiscard]] std::vector<io::PartitionCommit> commits_of(const std::vector<Move>& moves,
                                                          bool durable, bool keep_insights,
                                                          const std::string& id);

// The moves as a table, and what becomes of the insights.
[[nodiscard]] std::string describe(const std::vector<Move>& moves, const Standings& standings,
                                   bool keep_insights);

// Asks the brokers for `at_time` where the target needs it.
[[nodiscard]] base::Result<std::vector<base::Offset>> offsets_at_time(
    const config::PipelineConfig& config, const Standings& standings, const RewindTarget& target,
    std::chrono::milliseconds wait);

// Moves the group's offsets, and reads them back. An error: they were not moved, or it is not known
// whether they were, which it says.
[[nodiscard]] base::Status move_offsets(const config::PipelineConfig& config,
                                        const std::vector<io::PartitionCommit>& commits,
                                        std::chrono::milliseconds wait);

}  // namespace millrace::operate
