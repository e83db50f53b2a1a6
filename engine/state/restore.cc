// SPDX-License-Identifier: Apache-2.0
#include "engine/state/restore.h"

#include <optional>
#include <utility>

#include "engine/state/read_states.h"

namespace millrace::state {
namespace {

using States = std::map<base::TopicPartition, Restored>;

base::Result<States> read_all(
    io::StateLog& log, const std::optional<std::span<const base::TopicPartition>>& partitions,
    const insights::Declaration& declaration, const RestoreOptions& options) {
  States states;
  const base::Status status = read_states(
      log, partitions, declaration, options,
      [&states](const base::TopicPartition& id, Restored state) { states[id] = std::move(state); });
  if (!status.ok()) return base::Error{status.message()};
  return states;
}

}  // namespace

base::Result<States> restore(io::StateLog& log, std::span<const base::TopicPartition> partitions,
                             const insights::Declaration& declaration,
                             const RestoreOptions& options) {
  return read_all(log, partitions, declaration, options);
}

base::Result<States> restore_all(io::StateLog& log, const insights::Declaration& declaration,
                                 const RestoreOptions& options) {
  return read_all(log, std::nullopt, declaration, options);
}

}  // namespace millrace::state
