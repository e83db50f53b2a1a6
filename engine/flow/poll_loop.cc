// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/poll_loop.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/base/log.h"

namespace millrace::flow {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How long an idle poll waits: how late a stop or a rewind may be noticed.
constexpr milliseconds kIdleWait{100};
// How often a member that does not read for want of memory still serves its group.
constexpr milliseconds kFullWait{1000};
// A poll ends after this many bytes, so that it overdraws the budget by no more.
constexpr size_t kPollBytesMax = size_t{8} << 20;
// What a record costs beside its bytes until it settles: its entry in the batch, its output, the
// producer's own message.
constexpr size_t kRecordCost = 400;

}  // namespace

PollLoop::PollLoop(const Parts& parts, Options options, Dispatch dispatch, Fail fail)
    : parts_(parts),
      options_(std::move(options)),
      dispatch_(std::move(dispatch)),
      fail_(std::move(fail)) {}

base::Status PollLoop::subscribe() {
  return parts_.source.subscribe(*this);
}

void PollLoop::run() {
  draining_ = false;
  reached_end_ = false;
  while (!parts_.inbox.stopping() && !failed_) {
    serve_rewinds();
    if (all_done()) {
      reached_end_ = true;
      break;
    }
    if (parts_.budget.wait_for_room(SteadyClock::now() + kFullWait)) {
      poll_once();
    } else if (take_event(milliseconds{0})) {
      // The budget is spent, but the group must be served; the record that this may have brought is
      // the reserve of one.
      dispatch_all();
    }
  }
  draining_ = true;
}

// Reads up to a poll's worth of records and puts them into the graph as batches.
void PollLoop::poll_once() {
  poll_records_ = 0;
  poll_bytes_ = 0;
  if (!take_event(kIdleWait)) return;
  const TimePoint deadline = SteadyClock::now() + options_.batch_wait;
  while (poll_records_ < options_.batch_records_max && poll_bytes_ < kPollBytesMax && !failed_) {
    if (take_event(milliseconds{0})) continue;
    if (parts_.inbox.stopping()) break;
    const auto left = std::chrono::ceil<milliseconds>(deadline - SteadyClock::now());
    if (left.count() <= 0 || !take_event(left)) break;
  }
  dispatch_all();
}

// One event of the source; false if none came.
bool PollLoop::take_event(milliseconds timeout) {
  parts_.source.poll(timeout, event_);
  switch (event_.kind) {
    case io::SourceEvent::Kind::kNone:
      return false;
    case io::SourceEvent::Kind::kRecord:
      take_record(slots_[event_.slot]);
      return true;
    case io::SourceEvent::Kind::kEnd:
      take_end(slots_[event_.slot], event_.end);
      return true;
    case io::SourceEvent::Kind::kPartitionError:
      stop_partition(slots_[event_.slot], event_.message);
      return true;
    case io::SourceEvent::Kind::kFatal:
      failed_ = true;
      fail_(base::ExitCode::kFailed, event_.message);
      return true;
  }
  return false;
}

void PollLoop::take_record(Slot& slot) {
  const record::InputRecord& record = event_.record;
  // Below the expected offset: seen already (a repeated fetch). A closed lease: rewound, and the
  // source has not caught up.
  if (slot.done || record.offset < slot.expected || !slot.lease->open()) return;
  if (slot.until && record.offset >= *slot.until) {
    take_end(slot, *slot.until);
    return;
  }
  BatchInFlight* batch = open_batch(slot);
  const size_t before = batch->batch.input_bytes();
  batch->batch.append(record);
  slot.expected = record.offset.next();
  ++poll_records_;
  poll_bytes_ += batch->batch.input_bytes() - before;
  if (batch->batch.records().size() >= options_.batch_records_max ||
      batch->batch.input_bytes() >= base::limits::kBatchBytesMax)
    dispatch(slot);
  finish_if_reached(slot);
}

// No record below `end` is left: what lies between is a gap.
void PollLoop::take_end(Slot& slot, base::Offset end) {
  if (slot.done || !slot.lease->open()) return;
  if (slot.until) end = std::min(end, *slot.until);
  if (end > slot.expected) {
    open_batch(slot)->batch.extend(end);
    slot.expected = end;
  }
  finish_if_reached(slot);
}

void PollLoop::finish_if_reached(Slot& slot) {
  if (slot.until && slot.expected >= *slot.until) slot.done = true;
}

bool PollLoop::all_done() const {
  return options_.until.has_value() && assigned_ &&
         std::all_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.done; });
}

BatchInFlight* PollLoop::open_batch(Slot& slot) {
  if (slot.batch == nullptr) {
    slot.batch = parts_.pool.acquire();
    slot.batch->lease = slot.lease;
    slot.batch->batch.open(slot.expected, slot.lease->id().partition, parts_.clock.now());
  }
  return slot.batch;
}

void PollLoop::dispatch(Slot& slot) {
  BatchInFlight* batch = std::exchange(slot.batch, nullptr);
  // The outputs will lie in the same arena and are about as large as the input.
  batch->charged = 2 * batch->batch.footprint() + kRecordCost * batch->batch.records().size();
  parts_.budget.charge(batch->charged);
  batch->sequence = next_sequence_++;
  parts_.books.polled(*batch);
  dispatch_(batch);
}

void PollLoop::dispatch_all() {
  for (Slot& slot : slots_)
    if (slot.batch != nullptr) dispatch(slot);
}

void PollLoop::begin_lease(uint32_t slot_number, const base::TopicPartition& id,
                           base::Offset start) {
  Slot& slot = slots_[slot_number];
  slot.lease = std::make_shared<settlement::Lease>(id, slot_number, start);
  slot.expected = start;
  parts_.books.open(slot.lease);
}

void PollLoop::on_assigned(std::span<const io::AssignedPartition> partitions) {
  assigned_ = true;
  slots_.clear();
  for (const io::AssignedPartition& partition : partitions) {
    if (slots_.size() <= partition.slot) slots_.resize(partition.slot + 1);
    begin_lease(partition.slot, partition.id, partition.start);
    Slot& slot = slots_[partition.slot];
    if (options_.until) {
      const auto found = options_.until->find(partition.id);
      slot.until = found == options_.until->end() ? partition.start : found->second;
      finish_if_reached(slot);
    }
    base::log::info("Assigned topic={} partition={} offset={} ({}).", partition.id.topic,
                    partition.id.partition, partition.start.value,
                    partition.committed ? "committed" : "start of the pipeline");
  }
  if (partitions.empty()) base::log::info("Assigned no partition: other members have them all.");
}

// A revoke cuts: what was not handed over is dropped, what was is settled and committed, or given
// up at the deadline.
void PollLoop::on_revoked(bool lost) {
  for (Slot& slot : slots_) {
    if (lost) {
      // Nothing of it can be committed any more, so nothing more of it may count as settled.
      slot.lease->close();
      parts_.books.release(slot.lease->id());
    } else {
      slot.lease->cut();
    }
    if (BatchInFlight* batch = std::exchange(slot.batch, nullptr)) parts_.pool.recycle(batch);
  }
  if (!draining_) {
    base::log::info("{} {} partitions.", lost ? "Lost" : "Giving back", slots_.size());
    Handover cut;
    cut.kind = Handover::Kind::kCut;
    cut.commit = !lost;
    cut.deadline = SteadyClock::now() + (lost ? milliseconds{0} : options_.cut_deadline);
    if (!parts_.deliver.request(cut) && !lost)
      base::log::warn(
          "Not everything handed over was committed before the partitions went: the "
          "next owner will repeat it.");
  }
  end_leases();
  slots_.clear();
  assigned_ = false;  // no slots now means that they are still to come, not that all is done
}

void PollLoop::end_leases() {
  for (Slot& slot : slots_) {
    slot.lease->close();
    parts_.books.release(slot.lease->id());
    for (BatchInFlight* done : parts_.books.end(*slot.lease)) parts_.pool.recycle(done);
  }
}

void PollLoop::serve_rewinds() {
  while (auto failure = parts_.inbox.take_rewind()) {
    const uint32_t number = failure->lease->slot();
    // The assignment may have changed since: then somebody begins at the committed offset anyway.
    if (number >= slots_.size() || slots_[number].lease != failure->lease) continue;
    Slot& slot = slots_[number];
    const base::TopicPartition& id = failure->lease->id();
    const auto [known, first_time] = failures_.try_emplace(id, failure->offset);
    if (!first_time && known->second == failure->offset) {
      stop_partition(slot, fmt::format("offset {} cannot be delivered: {}", failure->offset.value,
                                       failure->reason));
      continue;
    }
    known->second = failure->offset;
    base::log::warn(
        "Delivery failed for topic={} partition={} offset={} ({}); reading again from {}.",
        id.topic, id.partition, failure->offset.value, failure->reason, failure->resume.value);
    if (BatchInFlight* batch = std::exchange(slot.batch, nullptr)) parts_.pool.recycle(batch);
    if (const base::Status status = parts_.source.rewind(number, failure->resume); !status.ok()) {
      stop_partition(slot, fmt::format("cannot be read again: {}", status.message()));
      continue;
    }
    begin_lease(number, id, failure->resume);
    slot.done = false;
    finish_if_reached(slot);
  }
}

// The partition is not read on in this run; what was read of it is still delivered.
void PollLoop::stop_partition(Slot& slot, std::string reason) {
  if (std::exchange(slot.stopped, true)) return;
  const base::TopicPartition& id = slot.lease->id();
  base::log::error("Stopped topic={} partition={}: {}", id.topic, id.partition, reason);
  parts_.source.stop_partition(slot.lease->slot());
  parts_.books.stopped(id, std::move(reason));
  slot.done = true;
  if (!options_.until &&
      std::all_of(slots_.begin(), slots_.end(), [](const Slot& each) { return each.stopped; })) {
    failed_ = true;
    fail_(base::ExitCode::kDataProtected, "every partition of this member is stopped");
  }
}

}  // namespace millrace::flow
