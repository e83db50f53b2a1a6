// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/settle_loop.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace millrace::flow {
namespace {

// Short enough that stopping is prompt; reports wake the wait anyway.
constexpr std::chrono::milliseconds kServeWait{100};

// What the refusal of the output with this value's address means for its lease.
DeliveryFailure failure_of(const BatchInFlight& batch, const char* value, std::string reason) {
  DeliveryFailure failure;
  failure.lease = batch.lease;
  failure.cause = DeliveryFailure::Cause::kRefused;
  failure.reason = std::move(reason);
  // A tombstone passed on has no address to tell it by: name the batch's beginning.
  failure.offset = batch.batch.range_begin();
  for (const record::OutputRecord& output : batch.batch.outputs()) {
    if (output.value.data() != value) continue;
    failure.offset = batch.batch.records()[output.input].offset;
    failure.dead_letter = output.role == record::OutputRole::kDeadLetter;
    break;
  }
  return failure;
}

}  // namespace

void SettleLoop::run() {
  while (!stop_.load(std::memory_order_acquire)) sink_.serve(kServeWait, *this);
}

void SettleLoop::on_acknowledged(void* token, size_t count) {
  auto* batch = static_cast<BatchInFlight*>(token);
  batch->acknowledged += count;
  release(batch, count);
}

void SettleLoop::on_failed(void* token, const char* value, io::FailureKind kind,
                           const std::string& reason) {
  auto* batch = static_cast<BatchInFlight*>(token);
  // What was purged says nothing new, but a refusal may come after it: that one counts.
  const bool refused = kind == io::FailureKind::kRefused && !batch->refused;
  if (refused) {
    batch->refused = true;
    inbox_.post_failure(failure_of(*batch, value, reason));
  } else if (!batch->failed) {
    DeliveryFailure failure;
    failure.lease = batch->lease;
    failure.reason = reason;
    inbox_.post_failure(std::move(failure));
  }
  batch->failed = true;
  release(batch, 1);
}

void SettleLoop::release(BatchInFlight* batch, size_t count) {
  if (batch->ticket.release(count))
    for (BatchInFlight* done : books_.acknowledge(*batch)) pool_.recycle(done);
  // The sink has room again, and what a cut waits for may have settled.
  inbox_.notify_acknowledged();
}

}  // namespace millrace::flow
