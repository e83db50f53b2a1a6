// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/poll_loop.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/base/log.h"
#include "engine/insights/state.h"

namespace millrace::flow {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// How long an idle poll waits: how late a stop or a rewind may be noticed.
constexpr milliseconds kIdleWait{100};
// How long a poll pauses at once, if it may: so that the group is served, and a poll that is full
// ends, soon enough.
constexpr milliseconds kPauseMax{10};
// Serving the group may bring a record, wanted or not. So many are kept where there is no room for
// them; the output is blocked when more have come, and that may last: they would never end.
constexpr size_t kReserveRecords = 16;
// A poll ends after this many bytes, or as many as estimates may be of the budget, so that it
// overdraws the budget by little.
constexpr size_t kPollBytesMax = size_t{8} << 20;
// What a record costs beside its bytes until it settles: its entry in the batch, its output, the
// producer's own message.
constexpr size_t kRecordCost = 400;
// Gaps of one partition that are remembered: above this, those that have settled are forgotten.
constexpr size_t kGapsMax = 1000;

// Whether the insights may forget something between the batch's records and this one: then it may
// not join them.
bool is_of_other_epoch(const record::Batch& batch, base::Offset offset) {
  return !batch.records().empty() && insights::State::epoch_of(batch.records().front().offset) !=
                                         insights::State::epoch_of(offset);
}

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
    if (parts_.budget.wait_for_room(SteadyClock::now() + options_.serve_every)) {
      read_dropped_again();
      reserve_ = kReserveRecords;
      poll_once();
    } else {
      serve_group();
    }
  }
  draining_ = true;
}

// The budget is spent, but a rebalance must not wait for that.
void PollLoop::serve_group() {
  full_ = true;
  if (take_event(milliseconds{0})) dispatch_all(Load::kHeavy);
  full_ = false;
}

void PollLoop::read_dropped_again() {
  for (uint32_t number = 0; number < slots_.size(); ++number) {
    Slot& slot = slots_[number];
    // A closed lease is going to be rewound anyway.
    if (!slot.dropped || !slot.lease->open()) continue;
    slot.dropped = false;
    if (const base::Status status = parts_.source.rewind(number, slot.expected); !status.ok())
      stop_partition(slot, fmt::format("cannot be read on: {}", status.message()));
  }
}

// Reads up to a poll's worth of records and puts them into the graph as batches.
void PollLoop::poll_once() {
  poll_records_ = 0;
  poll_bytes_ = 0;
  if (!take_event(kIdleWait)) return;
  const TimePoint deadline = SteadyClock::now() + options_.batch_wait;
  const size_t bytes_max =
      std::min(kPollBytesMax, parts_.budget.limit() / MemoryBudget::kEstimatesPart);
  Load load = Load::kHeavy;
  while (poll_records_ < options_.batch_records_max && poll_bytes_ < bytes_max && !failed_) {
    if (take_event(milliseconds{0})) continue;
    const TimePoint now = SteadyClock::now();
    if (now >= deadline || parts_.inbox.stopping()) {
      if (light()) load = Load::kLight;
      break;
    }
    // Where little comes, being woken for each answer of a broker costs more than what is in it.
    if (light()) {
      parts_.inbox.pause_until(std::min(deadline, now + kPauseMax));
    } else {
      static_cast<void>(take_event(std::chrono::ceil<milliseconds>(deadline - now)));
    }
  }
  dispatch_all(load);
}

bool PollLoop::light() const {
  return poll_records_ <= kLightRecords && poll_bytes_ <= kLightBytes;
}

// One event of the source; false if none came.
bool PollLoop::take_event(milliseconds timeout) {
  parts_.source.poll(timeout, event_);
  const bool of_partition =
      event_.kind != io::SourceEvent::Kind::kNone && event_.kind != io::SourceEvent::Kind::kFatal;
  if (of_partition && slots_[event_.slot].dropped) return true;
  switch (event_.kind) {
    case io::SourceEvent::Kind::kNone:
      return false;
    case io::SourceEvent::Kind::kRecord:
      take_record(slots_[event_.slot]);
      return true;
    case io::SourceEvent::Kind::kEnd:
      take_end(slots_[event_.slot], event_.end);
      return true;
    case io::SourceEvent::Kind::kMoved:
      take_moved(slots_[event_.slot], event_.end);
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
  // A closed lease: it is going to be rewound.
  if (slot.done || !slot.lease->open()) return;
  if (record.offset < slot.expected) {
    take_late(slot, record.offset);
    return;
  }
  if (slot.until && record.offset >= *slot.until) {
    take_end(slot, *slot.until);
    return;
  }
  if (full_) {
    slot.dropped = reserve_ == 0;
    if (slot.dropped) return;
    --reserve_;
  }
  if (slot.expected <= slot.resume) [[unlikely]]
    end_recount(slot, record.offset);
  if (slot.batch != nullptr && is_of_other_epoch(slot.batch->batch, record.offset)) dispatch(slot);
  BatchInFlight* batch = open_batch(slot);
  const size_t before = batch->batch.input_bytes();
  accept_gap(slot, record.offset);
  batch->batch.append(record);
  if (!refusals_.empty()) [[unlikely]]
    mark_if_refused(slot, *batch);
  slot.expected = record.offset.next();
  ++poll_records_;
  poll_bytes_ += batch->batch.input_bytes() - before;
  if (batch->batch.records().size() >= options_.batch_records_max ||
      batch->batch.input_bytes() >= base::limits::kBatchBytesMax)
    dispatch(slot);
  finish_if_reached(slot);
}

// What comes next begins at `next` or later: a batch that is only counted again ends where delivery
// begins, also where that lies in a gap.
void PollLoop::end_recount(Slot& slot, base::Offset next) {
  if (next < slot.resume) return;
  if (slot.expected < slot.resume) {
    open_batch(slot)->batch.extend(slot.resume);
    accept_gap(slot, slot.resume);
    slot.expected = slot.resume;
  }
  if (slot.batch != nullptr) dispatch(slot);
}

// No record below `end` is left: what lies between is a gap.
void PollLoop::take_end(Slot& slot, base::Offset end) {
  if (slot.done || !slot.lease->open()) return;
  if (slot.until) end = std::min(end, *slot.until);
  if (slot.expected <= slot.resume) end_recount(slot, end);
  if (end > slot.expected) {
    open_batch(slot)->batch.extend(end);
    accept_gap(slot, end);
    slot.expected = end;
  }
  finish_if_reached(slot);
}

// A record below the expected offset. Mostly it was seen already (a repeated fetch); but where we
// took its offset for one without a record, it would be lost.
void PollLoop::take_late(Slot& slot, base::Offset offset) {
  for (const auto& [begin, end] : slot.gaps) {
    if (offset < begin || offset >= end) continue;
    DeliveryFailure failure;
    failure.lease = slot.lease;
    failure.reason =
        fmt::format("offset {} held no record when it was passed, and now it does", offset.value);
    slot.gaps.clear();
    parts_.deliver.post_failure(std::move(failure));
    return;
  }
}

void PollLoop::accept_gap(Slot& slot, base::Offset end) {
  if (end == slot.expected) return;
  if (slot.gaps.size() >= kGapsMax) {
    const base::Offset settled = parts_.books.settled(*slot.lease);
    std::erase_if(slot.gaps, [settled](const auto& gap) { return gap.second <= settled; });
    if (slot.gaps.size() >= kGapsMax) slot.gaps.erase(slot.gaps.begin());
  }
  slot.gaps.emplace_back(slot.expected, end);
}

// The offset to read next is lost, and the pipeline says where to go on.
void PollLoop::take_moved(Slot& slot, base::Offset start) {
  if (slot.done || !slot.lease->open()) return;
  const auto number = static_cast<uint32_t>(&slot - slots_.data());
  if (start >= slot.expected) {
    take_end(slot, start);
  } else {
    // The topic was made anew. What was read of the old one is finished first.
    refusals_.erase(slot.lease->id());
    dispatch_all(Load::kHeavy);
    if (!settle(Handover::Kind::kDrain, options_.cut_deadline, true)) give_up_drain(slot);
    slot.lease->close();
    for (BatchInFlight* done : parts_.books.end(*slot.lease)) parts_.pool.recycle(done);
    parts_.deliver.notify_given_up();
    begin_lease(number,
                std::make_shared<settlement::Lease>(slot.lease->id(), number, start,
                                                    slot.lease->assignment()),
                {.resume = start, .moved = true});
  }
  if (const base::Status status = parts_.source.rewind(number, start); !status.ok())
    stop_partition(slot, fmt::format("cannot be read on: {}", status.message()));
}

// A batch may have been left half handed over at the deadline, whichever partition it is of: there
// nothing would ever settle any more.
void PollLoop::give_up_drain(const Slot& anew) {
  base::log::warn(
      "Not everything read of topic={} partition={} before it was made anew could be delivered.",
      anew.lease->id().topic, anew.lease->id().partition);
  for (const Slot& slot : slots_) {
    if (&slot == &anew) continue;
    DeliveryFailure failure;
    failure.lease = slot.lease;
    failure.reason = "it could not be delivered in time";
    parts_.deliver.post_failure(std::move(failure));
  }
}

void PollLoop::mark_if_refused(const Slot& slot, BatchInFlight& batch) const {
  const auto of_partition = refusals_.find(slot.lease->id());
  if (of_partition == refusals_.end()) return;
  const auto found = of_partition->second.find(event_.record.offset);
  if (found == of_partition->second.end() || !found->second.final) return;
  batch.batch.mark_undeliverable(static_cast<uint32_t>(batch.batch.records().size() - 1),
                                 found->second.reason);
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
    slot.batch->recount = slot.expected < slot.resume;
    slot.batch->read = SteadyClock::now();
    slot.batch->batch.open(slot.expected, slot.lease->id().partition, parts_.clock.now());
  }
  return slot.batch;
}

// Takes the slot's batch, which is to be put into the graph next.
BatchInFlight* PollLoop::close_batch(Slot& slot) {
  BatchInFlight* batch = std::exchange(slot.batch, nullptr);
  // The outputs will lie in the same arena and are about as large as the input.
  batch->charged = 2 * batch->batch.footprint() + kRecordCost * batch->batch.records().size();
  parts_.budget.charge_estimate(batch->charged);
  batch->sequence = next_sequence_++;
  if (!batch->recount) parts_.books.polled(*batch);
  return batch;
}

void PollLoop::dispatch(Slot& slot) {
  BatchInFlight* batch = close_batch(slot);
  dispatch_({&batch, 1}, Load::kHeavy);
}

void PollLoop::dispatch_all(Load load) {
  closed_.clear();
  for (Slot& slot : slots_)
    if (slot.batch != nullptr) closed_.push_back(close_batch(slot));
  if (!closed_.empty()) dispatch_(closed_, load);
}

void PollLoop::begin_lease(uint32_t number, std::shared_ptr<settlement::Lease> lease,
                           Opening opening) {
  Slot& slot = slots_[number];
  slot.lease = std::move(lease);
  slot.expected = slot.lease->start();
  slot.resume = opening.resume;
  slot.gaps.clear();
  slot.dropped = false;
  parts_.books.open(slot.lease, std::move(opening));
}

void PollLoop::choose_starts(std::span<io::AssignedPartition> partitions) {
  parts_.restorer.choose_starts(partitions);
}

void PollLoop::on_assigned(std::span<const io::AssignedPartition> partitions) {
  assigned_ = true;
  rebalances_.fetch_add(1, std::memory_order_relaxed);
  slots_.clear();
  for (const io::AssignedPartition& partition : partitions) {
    if (slots_.size() <= partition.slot) slots_.resize(partition.slot + 1);
    Slot& slot = slots_[partition.slot];
    Restorer::Beginning beginning = parts_.restorer.take(partition.id);
    begin_lease(partition.slot,
                std::make_shared<settlement::Lease>(partition.id, partition.slot, partition.start,
                                                    partition.assignment),
                {.resume = partition.resume, .state = std::move(beginning.state)});
    if (options_.until) {
      const auto found = options_.until->find(partition.id);
      slot.until = found == options_.until->end() ? partition.resume : found->second;
    }
    base::log::info("Assigned topic={} partition={} offset={} ({}).", partition.id.topic,
                    partition.id.partition, partition.resume.value,
                    partition.committed ? "committed" : "start of the pipeline");
    if (partition.start < partition.resume) {
      base::log::info("Counting topic={} partition={} again from offset {}, for the insights.",
                      partition.id.topic, partition.id.partition, partition.start.value);
    }
    if (!beginning.error.empty()) {
      stop_partition(slot, std::move(beginning.error));
    } else {
      finish_if_reached(slot);
    }
  }
  parts_.books.forget_states_of_others();
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
    const bool done =
        settle(Handover::Kind::kCut, lost ? milliseconds{0} : options_.cut_deadline, !lost);
    if (!done && !lost)
      base::log::warn(
          "Not everything handed over was committed before the partitions went: the next owner "
          "does it again.");
  }
  end_leases();
  slots_.clear();
  assigned_ = false;  // no slots now means that they are still to come, not that all is done
}

// Has deliver finish what was read so far (kDrain), or what was handed over of it (kCut).
bool PollLoop::settle(Handover::Kind kind, milliseconds deadline, bool commit) {
  Handover handover;
  handover.kind = kind;
  handover.commit = commit;
  handover.sequence_end = next_sequence_;
  handover.deadline = SteadyClock::now() + deadline;
  return parts_.deliver.request(handover);
}

void PollLoop::end_leases() {
  for (Slot& slot : slots_) {
    slot.lease->close();
    parts_.books.release(slot.lease->id());
    for (BatchInFlight* done : parts_.books.end(*slot.lease)) parts_.pool.recycle(done);
  }
  // Deliver may have been waiting for what is given up now.
  parts_.deliver.notify_given_up();
}

// Remembers that an output of this record was refused; not empty where its partition has to stop:
// why.
std::string PollLoop::note_refusal(const DeliveryFailure& failure) {
  Refusals& refusals = refusals_[failure.lease->id()];
  // What has settled is over.
  refusals.erase(refusals.begin(), refusals.lower_bound(failure.resume));
  const auto [known, first_time] = refusals.try_emplace(failure.offset);
  known->second.reason = failure.reason;
  if (first_time && refusals.size() <= options_.refusals_max) return {};
  const bool can_be_dead_letter = options_.refused_become_dead_letters && !failure.dead_letter &&
                                  !known->second.final && refusals.size() <= options_.refusals_max;
  known->second.final = can_be_dead_letter;
  if (can_be_dead_letter) return {};
  return fmt::format("offset {} cannot be delivered{}: {}", failure.offset.value,
                     failure.dead_letter ? ", nor its dead letter" : "", failure.reason);
}

void PollLoop::serve_rewinds() {
  while (auto failure = parts_.inbox.take_rewind()) {
    const uint32_t number = failure->lease->slot();
    // The assignment may have changed since: then somebody begins at the committed offset anyway.
    if (number >= slots_.size() || slots_[number].lease != failure->lease) continue;
    Slot& slot = slots_[number];
    const base::TopicPartition& id = failure->lease->id();
    if (BatchInFlight* batch = std::exchange(slot.batch, nullptr)) parts_.pool.recycle(batch);
    if (failure->cause == DeliveryFailure::Cause::kRefused) {
      if (std::string reason = note_refusal(*failure); !reason.empty()) {
        stop_partition(slot, std::move(reason));
        continue;
      }
      // Where an output topic is gone all partitions are refused, again and again.
      const auto said = refusals_said_.admit(
          id.topic,
          fmt::format(
              "Delivery failed for topic={} partition={} offset={} ({}); reading again from {}.",
              id.topic, id.partition, failure->offset.value, failure->reason,
              failure->resume.value),
          std::chrono::steady_clock::now());
      if (said) base::log::warn("{}", *said);
    } else {
      base::log::debug("Reading topic={} partition={} again from {}: {}.", id.topic, id.partition,
                       failure->resume.value, failure->reason);
    }
    if (const base::Status status = parts_.source.rewind(number, failure->resume); !status.ok()) {
      stop_partition(slot, fmt::format("cannot be read again: {}", status.message()));
      continue;
    }
    begin_lease(number,
                std::make_shared<settlement::Lease>(id, number, failure->resume,
                                                    failure->lease->assignment()),
                {.resume = std::max(failure->resume, slot.resume)});
    rewinds_.fetch_add(1, std::memory_order_relaxed);
    slot.done = slot.stopped;
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
