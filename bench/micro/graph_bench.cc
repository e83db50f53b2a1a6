// SPDX-License-Identifier: Apache-2.0
// The way of a batch through the engine's own graph without the work on it: from the poll thread to
// a worker, through the sequencer, and out of the queue in front of the deliver thread. The lease
// of the batches has ended, so that the workers do nothing but what they do to every batch, and the
// batches hold the outputs of P3, whose bytes a worker adds up. Divide by 1,000 for a record.
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/micro/workload.h"
#include "engine/flow/batch_in_flight.h"
#include "engine/flow/deliver_inbox.h"
#include "engine/flow/memory_budget.h"
#include "engine/flow/process_graph.h"
#include "engine/plan/plan.h"
#include "engine/plan/processor.h"
#include "engine/settlement/lease.h"

namespace millrace::bench {
namespace {

constexpr size_t kUnderWay = 64;
constexpr std::chrono::seconds kPatience{10};

// The next batch out of the inbox, as the deliver thread takes it.
flow::BatchInFlight* take(flow::DeliverInbox& inbox) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  flow::BatchInFlight* batch = inbox.take();
  while (batch == nullptr) {
    check(std::chrono::steady_clock::now() < deadline, "the graph");
    inbox.wait(deadline);
    batch = inbox.take();
  }
  return batch;
}

void BM_Graph_Hop(benchmark::State& state) {
  static const std::unique_ptr<const plan::Plan> plan = p3();
  plan::Processor processor(*plan, no_limits(*plan));
  const auto lease =
      std::make_shared<settlement::Lease>(base::TopicPartition{"in", 0}, 0, base::Offset{0});
  std::vector<std::unique_ptr<flow::BatchInFlight>> batches(kUnderWay);
  const std::vector<std::string> values = records(login, kRecords);
  for (auto& batch : batches) {
    batch = std::make_unique<flow::BatchInFlight>(plan->declaration());
    fill(batch->batch, values);
    processor.process(batch->batch, "in", batch->shard);
    batch->lease = lease;
  }
  lease->cut();
  flow::MemoryBudget budget(size_t{1} << 30);
  flow::DeliverInbox inbox;
  uint64_t put = 0;
  {
    flow::ProcessGraph graph(*plan, no_limits(*plan), static_cast<size_t>(state.range(0)), budget,
                             [&inbox](flow::BatchInFlight* batch) { inbox.push(batch); });
    for (auto _ : state) {
      for (const auto& batch : batches) {
        batch->sequence = put++;
        batch->charged = batch->batch.footprint();
        budget.charge_estimate(batch->charged);
        graph.put(batch.get());
      }
      for (const auto& batch : batches) {
        check(take(inbox) == batch.get(), "the graph");
        budget.release(batch->charged);
      }
    }
  }
  check(budget.charged() == 0 && put == static_cast<uint64_t>(state.iterations()) * kUnderWay,
        "the graph");
  state.SetItemsProcessed(static_cast<int64_t>(put * kRecords));
}

// The CPU time of all threads, the waiting of idle workers for work included; and time itself.
BENCHMARK(BM_Graph_Hop)->ArgName("workers")->Arg(1)->Arg(2)->MeasureProcessCPUTime();
BENCHMARK(BM_Graph_Hop)->ArgName("workers")->Arg(1)->Arg(2)->UseRealTime();

}  // namespace
}  // namespace millrace::bench
