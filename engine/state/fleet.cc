// SPDX-License-Identifier: Apache-2.0
#include "engine/state/fleet.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/state/read_states.h"

namespace millrace::state {
namespace {

FleetPartition account(const base::TopicPartition& id, Restored restored) {
  FleetPartition partition;
  partition.id = id;
  partition.error = std::move(restored.error);
  partition.notes = std::move(restored.notes);
  if (restored.state == nullptr) return partition;
  const insights::State& state = *restored.state;
  partition.coverage = state.coverage();
  partition.emitted = state.emitted();
  partition.filtered = state.filtered();
  partition.dead_lettered = state.dead_lettered();
  partition.outputs = state.outputs();
  partition.written_ms = restored.manifest.written_ms;
  return partition;
}

}  // namespace

base::Result<Fleet> merge_fleet(io::StateLog& log, const insights::Declaration& declaration,
                                const RestoreOptions& options) {
  Fleet fleet;
  fleet.state = std::make_unique<insights::State>(declaration);
  const base::Status status =
      read_states(log, std::nullopt, declaration, options,
                  [&fleet](const base::TopicPartition& id, Restored restored) {
                    if (restored.state != nullptr) fleet.state->merge(*restored.state);
                    fleet.partitions.push_back(account(id, std::move(restored)));
                  });
  if (!status.ok()) return base::Error{status.message()};
  std::sort(fleet.partitions.begin(), fleet.partitions.end(),
            [](const FleetPartition& a, const FleetPartition& b) { return a.id < b.id; });
  return fleet;
}

}  // namespace millrace::state
