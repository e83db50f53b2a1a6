// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "engine/flow/batch_in_flight.h"
#include "engine/flow/memory_budget.h"
#include "engine/plan/plan.h"
#include "engine/plan/processor.h"

namespace millrace::flow {

// How much a poll read. A light one is little, and nothing waits behind it.
enum class Load { kLight, kHeavy };

// The oneTBB flow graph: process in parallel, then a sequencer that restores poll order.
//
//   put() → process (function_node, `workers` at a time) → sequencer_node → out (serial)
//
// Every batch that goes in comes out, whatever is in it: a missing sequence number would hold back
// all behind it for ever. Bodies are noexcept for the same reason (an exception cancels the graph).
// Nothing in the graph waits for anything.
//
// What is little is not worth a worker's waking: with nothing under way, put() processes a light
// poll where it is, and calls `out` itself. That this keeps every promise:
// - Order, and one `out` at a time: a batch is under way until its `out` has returned, and only the
//   thread that puts can make it more; so once that thread has seen that nothing is, no `out` is
//   being called and none is to come. What it puts in later comes later, as it comes from itself.
// - No holes: the sequencer numbers what goes through the graph, and knows nothing of the rest.
// - Visibility: leaving the graph is a release and the look at the count an acquire, so that what
//   an `out` of a worker did is seen by the next one.
// - `workers` at a time: the thread that puts processes only while no worker does.
// - Memory: each batch is charged before it is put in, and confirmed when it is processed, as ever.
// - Time: a light poll is bounded, in records and in bytes (see PollLoop), and so is the time that
//   it keeps the thread from its other work. Where more waits to be read, no poll is light, so that
//   a backlog is always the workers'.
//
// Threading: put() from one thread; `out` is called from workers or in put(), one at a time.
class ProcessGraph {
 public:
  using Out = std::function<void(BatchInFlight*)>;

  ProcessGraph(const plan::Plan& plan, const plan::OutputLimits& limits, size_t workers,
               MemoryBudget& budget, Out out);
  ~ProcessGraph();
  ProcessGraph(const ProcessGraph&) = delete;
  ProcessGraph& operator=(const ProcessGraph&) = delete;

  // Puts in what one poll read, in its order.
  void put(std::span<BatchInFlight* const> batches, Load load);

  void put(BatchInFlight* batch) { put({&batch, 1}, Load::kHeavy); }

  // Batches that workers have been given and that have not come out. Any thread.
  [[nodiscard]] size_t under_way() const;

  // Batches that are processed, whatever comes of them. Any thread.
  [[nodiscard]] uint64_t processed() const;

  // Waits until everything put in has come out.
  void finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::flow
