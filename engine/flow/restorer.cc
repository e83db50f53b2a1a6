// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/restorer.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/log.h"
#include "engine/state/commit_mark.h"
#include "engine/state/resume.h"

namespace millrace::flow {
namespace {

std::string name_of(const base::TopicPartition& id) {
  return fmt::format("{}/{}", id.topic, id.partition);
}

}  // namespace

void Restorer::choose_starts(std::span<io::AssignedPartition> partitions) {
  chosen_.clear();
  if (durable_ == nullptr) return;
  std::vector<base::TopicPartition> missing;
  for (const io::AssignedPartition& partition : partitions) {
    if (!is_still_ours(partition)) missing.push_back(partition.id);
  }
  if (missing.empty()) return;
  auto restored = state::restore(*durable_->log, missing, declaration_, durable_->restore);
  if (!restored.ok()) {
    const std::string why =
        fmt::format("the insights' state cannot be read: {}", restored.message());
    for (const io::AssignedPartition& partition : partitions)
      if (!is_still_ours(partition)) chosen_[partition.id] = refused(partition, why);
    return;
  }
  for (io::AssignedPartition& partition : partitions) {
    const auto found = restored.value().find(partition.id);
    if (found == restored.value().end()) continue;
    for (const std::string& note : found->second.notes)
      base::log::info("{}: {}", name_of(partition.id), note);
    chosen_[partition.id] = begin(partition, std::move(found->second));
  }
}

// Whether the process has the state, and nobody has committed since it did: a later commit would
// else say of the topic what is not so any more.
bool Restorer::is_still_ours(const io::AssignedPartition& partition) const {
  const auto mark = state::CommitMark::parse(partition.metadata);
  return mark && mark->commit.starts_with(durable_->commit_prefix + "-") &&
         books_.has_state(partition.id, partition.resume);
}

Restorer::Beginning Restorer::take(const base::TopicPartition& id) {
  const auto found = chosen_.find(id);
  if (found == chosen_.end()) return {};
  Beginning beginning = std::move(found->second);
  chosen_.erase(found);
  return beginning;
}

std::unique_ptr<PartitionState> Restorer::anew(const io::AssignedPartition& partition) const {
  return std::make_unique<PartitionState>(declaration_, partition.id, partition.resume, durable_);
}

// Whatever this run does, it writes nothing down of the partition.
Restorer::Beginning Restorer::refused(const io::AssignedPartition& partition,
                                      std::string why) const {
  return {std::make_unique<PartitionState>(declaration_, partition.id, partition.resume, nullptr),
          std::move(why)};
}

Restorer::Beginning Restorer::begin(io::AssignedPartition& partition,
                                    state::Restored restored) const {
  const std::optional<state::CommitMark> mark =
      partition.committed ? state::CommitMark::parse(partition.metadata) : std::nullopt;
  if (!restored.error.empty()) {
    // What is to begin anew need not be read.
    if (!mark || mark->moved != state::CommitMark::Moved::kReset)
      return refused(partition, std::move(restored.error));
    for (state::Manifest::Insight& insight : restored.manifest.insights) insight.definition.clear();
    restored.given_up = true;
  }
  Beginning beginning;
  if (restored.given_up) {
    beginning.state = anew(partition);
    beginning.state->replace(restored.manifest);
    return beginning;
  }
  const base::Offset end = restored.manifest.end;
  const state::Resume resume = state::resume_of(
      restored.state == nullptr ? std::nullopt : std::optional(end), mark,
      partition.committed ? partition.resume : base::Offset(), durable_->restore.topic.name);
  switch (resume.kind) {
    case state::Resume::Kind::kMistaken:
      return moved(partition, std::move(restored), resume.why, durable_->on_moved);
    case state::Resume::Kind::kReset:
      return moved(partition, std::move(restored), resume.why, config::OnMovedOffsets::kReset);
    case state::Resume::Kind::kKeep:
      return moved(partition, std::move(restored), resume.why, config::OnMovedOffsets::kKeep);
    case state::Resume::Kind::kAnew:
    case state::Resume::Kind::kGoesOn:
      break;
  }
  if (restored.state == nullptr) {
    if (partition.committed) {
      base::log::info(
          "{}: no state of insights yet; they begin at the group's committed offset {}.",
          name_of(partition.id), partition.resume.value);
    }
    beginning.state = anew(partition);
    return beginning;
  }
  beginning.state = anew(partition);
  beginning.state->take_up(std::move(restored), mark->closed);
  partition.start = end;
  return beginning;
}

// Somebody else decided where the group goes on.
Restorer::Beginning Restorer::moved(const io::AssignedPartition& partition,
                                    state::Restored restored, const std::string& what,
                                    config::OnMovedOffsets then) const {
  Beginning beginning;
  switch (then) {
    case config::OnMovedOffsets::kStop:
      return refused(
          partition,
          what +
              "; say what the insights are to do: 'state: {on_moved_offsets: reset}' begins them "
              "anew from there, 'keep' goes on with what they have");
    case config::OnMovedOffsets::kReset:
      base::log::warn("{}: {}; the insights begin anew from there.", name_of(partition.id), what);
      beginning.state = anew(partition);
      if (restored.state != nullptr) beginning.state->replace(restored.manifest);
      break;
    case config::OnMovedOffsets::kKeep:
      base::log::warn("{}: {}; the insights go on with what they have.", name_of(partition.id),
                      what);
      beginning.state = anew(partition);
      if (restored.state != nullptr) {
        beginning.state->take_up(std::move(restored), partition.resume);
        beginning.state->jump(partition.resume);
      }
      break;
  }
  return beginning;
}

}  // namespace millrace::flow
