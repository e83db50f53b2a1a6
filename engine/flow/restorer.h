// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>

#include "engine/base/ids.h"
#include "engine/flow/books.h"
#include "engine/flow/durable.h"
#include "engine/flow/partition_state.h"
#include "engine/io/source.h"
#include "engine/state/restore.h"

namespace millrace::flow {

// Decides where the insights of assigned partitions go on: with what the process still has, with
// what the state topic has, or anew; never by guessing. What the topic has and the group's
// committed offset are one fact (state::CommitMark); where they do not fit, somebody moved the
// offsets, and the configuration says what then.
//
// Threading: poll thread. Lifetime: its parts outlive it.
class Restorer {
 public:
  // How one partition begins.
  struct Beginning {
    std::unique_ptr<PartitionState> state;  // null: the books still have it
    std::string error;                      // it cannot begin: why
  };

  // `durable` may be null: then every partition begins with what the process has.
  Restorer(const insights::Declaration& declaration, const Books& books, const Durable* durable)
      : declaration_(declaration), books_(books), durable_(durable) {}

  // Reads the state topic where that is needed, and sets back where to begin to read.
  void choose_starts(std::span<io::AssignedPartition> partitions);

  // Of the partition as it was chosen last; once.
  [[nodiscard]] Beginning take(const base::TopicPartition& id);

 private:
  [[nodiscard]] bool is_still_ours(const io::AssignedPartition& partition) const;
  [[nodiscard]] Beginning refused(const io::AssignedPartition& partition, std::string why) const;
  [[nodiscard]] Beginning begin(io::AssignedPartition& partition, state::Restored restored) const;
  [[nodiscard]] Beginning moved(const io::AssignedPartition& partition, state::Restored restored,
                                const std::string& what, config::OnMovedOffsets then) const;
  [[nodiscard]] std::unique_ptr<PartitionState> anew(const io::AssignedPartition& partition) const;

  const insights::Declaration& declaration_;
  const Books& books_;
  const Durable* const durable_;
  std::map<base::TopicPartition, Beginning> chosen_;
};

}  // namespace millrace::flow
