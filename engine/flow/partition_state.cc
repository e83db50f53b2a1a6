// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/partition_state.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>

#include "engine/base/check.h"
#include "engine/insights/topic_record.h"
#include "engine/state/commit_mark.h"

namespace millrace::flow {
namespace {

// The first write comes with the first commit, the second after a part of `every` that differs from
// partition to partition: so that not all of them are written with the same commit.
std::chrono::milliseconds first_pause(const base::TopicPartition& id,
                                      std::chrono::milliseconds every) {
  constexpr size_t kParts = 16;
  const size_t part =
      (std::hash<std::string>()(id.topic) + static_cast<size_t>(id.partition)) % kParts + 1;
  return every * part / kParts;
}

}  // namespace

PartitionState::PartitionState(const insights::Declaration& declaration,
                               const base::TopicPartition& id, base::Offset begin,
                               const Durable* durable)
    : id_(id),
      durable_(durable),
      state_(std::make_unique<insights::State>(declaration)),
      closed_(begin) {
  state_->cover(begin, begin, 0);
  if (durable_ != nullptr) writer_.emplace(durable_->restore.topic, id_);
}

void PartitionState::take_up(state::Restored restored, base::Offset closed) {
  state_ = std::move(restored.state);
  writer_->resume(restored.manifest);
  closed_ = closed;
}

void PartitionState::replace(const state::Manifest& manifest) {
  writer_->resume(manifest);
  replacing_ = true;
}

void PartitionState::jump(base::Offset offset) {
  state_->cover(offset, offset, 0);
  closed_ = offset;
  replacing_ = writer_.has_value();
}

void PartitionState::count(const BatchInFlight& batch) {
  const size_t records = batch.batch.records().size();
  state_->cover(batch.batch.range_begin(), batch.batch.range_end(), records);
  // (Where a batch of gaps ends would depend on when they were found.)
  if (records > 0) {
    state_->add(batch.shard, batch.batch.records().front().offset);
    counted_at_ = TimePoint::clock::now();
  }
  forget_what_went_out();
}

void PartitionState::forget_what_went_out() {
  const std::deque<insights::ClosedWindow>& closed = state_->closed();
  if (durable_ == nullptr) {
    state_->forget_closed(closed.size());
    return;
  }
  size_t known = 0;
  while (known < closed.size() && closed[known].closed_by.valid() &&
         closed[known].closed_by < closed_) {
    ++known;
  }
  state_->forget_closed(known);
}

bool PartitionState::wants_commit(TimePoint now, bool finish) {
  if (durable_ == nullptr) return false;
  close_idle(now);
  return !state_->closed().empty() || wants_state(now, finish);
}

// Nothing of the input says so: a restart has to find it written down.
void PartitionState::close_idle(TimePoint now) {
  if (counted_at_ == TimePoint()) counted_at_ = now;
  const auto idle = std::chrono::duration_cast<std::chrono::milliseconds>(now - counted_at_);
  if (state_->close_idle(idle)) replacing_ = true;
}

bool PartitionState::wants_state(TimePoint now, bool finish) const {
  return must_write() || (writer_->written() != end() && (finish || now >= due_));
}

// A restart would else find nothing, or what is not ours.
bool PartitionState::must_write() const {
  return !writer_->written().valid() || replacing_;
}

void PartitionState::carry(const std::string& commit_id, TimePoint now, bool finish,
                           bool write_state, io::PartitionCommit& commit,
                           std::vector<io::CarriedRecord>& carried) {
  MILLRACE_CHECK(durable_ != nullptr && !writing_);
  state::CommitMark mark;
  mark.state = writer_->written();
  mark.closed = std::max(end(), closed_);
  mark.commit = commit_id;
  for (const insights::ClosedWindow& window : state_->closed()) {
    for (insights::TopicRecord& record : insights::window_records(
             state_->declaration(), window, {durable_->pipeline, id_.topic, id_.partition},
             durable_->topic_record_bytes_max)) {
      carried.push_back(
          {std::move(record.topic), {}, std::move(record.key), std::move(record.value)});
    }
  }
  carried_windows_ = state_->closed().size();
  if (must_write() || (write_state && wants_state(now, finish))) {
    due_ = now + (mark.state.valid() ? durable_->every : first_pause(id_, durable_->every));
    writing_ = true;
    mark.state = end();
    auto records = writer_->write(*state_, durable_->now_ms());
    carried.insert(carried.end(), std::make_move_iterator(records.begin()),
                   std::make_move_iterator(records.end()));
  }
  commit.metadata = mark.to_text();
}

void PartitionState::confirm() {
  state_->forget_closed(std::exchange(carried_windows_, 0));
  if (!std::exchange(writing_, false)) return;
  writer_->confirm();
  replacing_ = false;
}

void PartitionState::refuse() {
  carried_windows_ = 0;
  if (std::exchange(writing_, false)) writer_->refuse();
}

}  // namespace millrace::flow
