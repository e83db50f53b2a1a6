// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/snapshot.h"

#include <utility>

namespace millrace::flow {

void SnapshotMaker::add(report::PartitionAccount account) {
  snapshot_.accounts.push_back(std::move(account));
}

void SnapshotMaker::add(const base::TopicPartition& id, const insights::State& state) {
  snapshot_.counted.partitions.push_back({id,
                                          state.coverage(),
                                          state.emitted(),
                                          state.filtered(),
                                          state.dead_lettered(),
                                          state.outputs(),
                                          {}});
  if (merged_ == nullptr) merged_ = std::make_unique<insights::State>(declaration_);
  merged_->merge(state);
}

Snapshot SnapshotMaker::finish(report::Given given) && {
  snapshot_.given = std::move(given);
  if (merged_ == nullptr) return std::move(snapshot_);
  snapshot_.counted.given = given_to(*merged_);
  snapshot_.counted.insights = merged_->results();
  return std::move(snapshot_);
}

report::Given given_to(const insights::State& state) {
  report::Given given{state.emitted(), state.filtered(), state.dead_lettered(),
                      state.former_dead_letters()};
  for (size_t rule = 0; rule < state.dead_letters().size(); ++rule) {
    if (state.dead_letters()[rule] > 0)
      given.dead_letters[state.declaration().rules[rule]] += state.dead_letters()[rule];
  }
  return given;
}

}  // namespace millrace::flow
