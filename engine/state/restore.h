// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/insights/state.h"
#include "engine/io/state_log.h"
#include "engine/state/manifest.h"
#include "engine/state/state_writer.h"

namespace millrace::state {

// What the topic holds of one partition. Its sentences do not name the partition.
struct Restored {
  std::unique_ptr<insights::State> state;  // null: there is none, or `error` says why not
  // For StateWriter::resume(); where there is a state, `end` is its coverage's.
  Manifest manifest;
  // Why it cannot be taken up: damaged, of another version, insights of another definition. A
  // sentence that says what to do, about all of its insights. Not empty only without a state.
  std::string error;
  // What the topic has cannot be read, and need not be: every insight was named in `reset`.
  bool given_up = false;
  // Sentences for the log: insights that begin now, that are no more, that were reset.
  std::vector<std::string> notes;
};

struct RestoreOptions {
  StateTopic topic;
  std::set<std::string> reset;  // insights that begin anew, by name (--reset-insight)
};

// Reads the states of these input partitions (every one gets an entry; a partition without a state
// too). An error: the topic could not be read, or its partitions are not as many as `options` say.
// Of the topic's records nothing is kept but the newest of these partitions, one partition of the
// topic at a time; they are decoded as soon as that is read, and let go one by one.
[[nodiscard]] base::Result<std::map<base::TopicPartition, Restored>> restore(
    io::StateLog& log, std::span<const base::TopicPartition> partitions,
    const insights::Declaration& declaration, const RestoreOptions& options);

// All states of the group that the topic holds.
[[nodiscard]] base::Result<std::map<base::TopicPartition, Restored>> restore_all(
    io::StateLog& log, const insights::Declaration& declaration, const RestoreOptions& options);

}  // namespace millrace::state
