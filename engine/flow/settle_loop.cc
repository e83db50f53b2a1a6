// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/settle_loop.h"

#include <algorithm>
#include <chrono>

namespace millrace::flow {
namespace {

// Short enough that stopping is prompt; reports wake the wait anyway.
constexpr std::chrono::milliseconds kServeWait{100};

// The input record whose output has this value's address; outputs are in input order.
base::Offset offset_of(const record::Batch& batch, const char* value) {
  for (const record::OutputRecord& output : batch.outputs())
    if (output.value.data() == value) return batch.records()[output.input].offset;
  // A tombstone passed on has no address to tell it by: name the batch's beginning.
  return batch.range_begin();
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

void SettleLoop::on_failed(void* token, const char* value, const std::string& reason) {
  auto* batch = static_cast<BatchInFlight*>(token);
  if (!batch->failed) {
    batch->failed = true;
    inbox_.post_failure({batch->lease, offset_of(batch->batch, value), reason, {}});
  }
  release(batch, 1);
}

void SettleLoop::release(BatchInFlight* batch, size_t count) {
  if (batch->ticket.release(count))
    for (BatchInFlight* done : books_.settle(*batch)) pool_.recycle(done);
  // The sink has room again, and what a cut waits for may have settled.
  inbox_.notify_progress();
}

}  // namespace millrace::flow
