// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "engine/insights/state.h"
#include "engine/report/report.h"

namespace millrace::flow {

// What was counted up to a moment: values. Everything by topic and partition.
struct Snapshot {
  std::vector<report::PartitionAccount> accounts;
  report::Given given;      // of this run
  report::Counted counted;  // by the partitions' states
};

// Makes a snapshot of one partition after the other. Merging states takes long where they are
// large, and so does making results of them: who needs the accounts alone adds no states.
class SnapshotMaker {
 public:
  explicit SnapshotMaker(const insights::Declaration& declaration) : declaration_(declaration) {}

  void add(report::PartitionAccount account);
  void add(const base::TopicPartition& id, const insights::State& state);
  [[nodiscard]] Snapshot finish(report::Given given) &&;

 private:
  const insights::Declaration& declaration_;
  Snapshot snapshot_;
  std::unique_ptr<insights::State> merged_;  // null: nothing was
};

// Outcomes and dead letters by the rules' ids, as values.
[[nodiscard]] report::Given given_to(const insights::State& state);

}  // namespace millrace::flow
