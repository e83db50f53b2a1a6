// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "engine/flow/batch_in_flight.h"
#include "engine/flow/memory_budget.h"
#include "engine/plan/plan.h"
#include "engine/plan/processor.h"

namespace millrace::flow {

// The oneTBB flow graph: process in parallel, then a sequencer that restores poll order.
//
//   put() → process (function_node, `workers` at a time) → sequencer_node → out (serial)
//
// Every batch that goes in comes out, whatever is in it: a missing sequence number would hold back
// all behind it for ever. Bodies are noexcept for the same reason (an exception cancels the graph).
// Nothing in the graph waits for anything.
//
// Threading: put() from one thread; `out` is called from workers, one at a time.
class ProcessGraph {
 public:
  using Out = std::function<void(BatchInFlight*)>;

  ProcessGraph(const plan::Plan& plan, const plan::OutputLimits& limits, size_t workers,
               MemoryBudget& budget, Out out);
  ~ProcessGraph();
  ProcessGraph(const ProcessGraph&) = delete;
  ProcessGraph& operator=(const ProcessGraph&) = delete;

  void put(BatchInFlight* batch);

  // Batches that were put in and have not come out. Any thread.
  [[nodiscard]] size_t under_way() const;

  // Batches that the workers are done with, whatever comes of them. Any thread.
  [[nodiscard]] uint64_t processed() const;

  // Waits until everything put in has come out.
  void finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::flow
