// SPDX-License-Identifier: Apache-2.0
#include "engine/flow/process_graph.h"

#include <atomic>
#include <chrono>
#include <span>
#include <utility>

#include <oneapi/tbb/enumerable_thread_specific.h>
#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include "engine/base/check.h"

namespace millrace::flow {

namespace tbb = oneapi::tbb;

class ProcessGraph::Impl {
 public:
  Impl(const plan::Plan& plan, const plan::OutputLimits& limits, size_t workers,
       MemoryBudget& budget, Out out)
      : budget_(budget),
        out_(std::move(out)),
        // One more than the workers: oneTBB counts the caller, which here only feeds the graph.
        parallelism_(tbb::global_control::max_allowed_parallelism, workers + 1),
        arena_(static_cast<int>(workers), 0),
        processors_([&plan, limits] { return plan::Processor(plan, limits); }),
        graph_(made_in(arena_)),
        process_(*graph_, workers,
                 [this](BatchInFlight* batch) noexcept { return process(batch); }),
        order_(*graph_, [](BatchInFlight* const& batch) noexcept { return batch->sequence; }),
        deliver_(*graph_, tbb::flow::serial, [this](BatchInFlight* batch) noexcept {
          under_way_.fetch_sub(1, std::memory_order_relaxed);
          out_(batch);
          return tbb::flow::continue_msg();
        }) {
    tbb::flow::make_edge(process_, order_);
    tbb::flow::make_edge(order_, deliver_);
  }

  void put(BatchInFlight* batch) {
    under_way_.fetch_add(1, std::memory_order_relaxed);
    MILLRACE_CHECK(process_.try_put(batch));
  }

  [[nodiscard]] size_t under_way() const { return under_way_.load(std::memory_order_relaxed); }

  [[nodiscard]] uint64_t processed() const { return processed_.load(std::memory_order_relaxed); }

  void finish() {
    arena_.execute([this] { graph_->wait_for_all(); });
  }

 private:
  // A graph runs in the arena that it was made in.
  static std::unique_ptr<tbb::flow::graph> made_in(tbb::task_arena& arena) {
    std::unique_ptr<tbb::flow::graph> graph;
    arena.execute([&graph] { graph = std::make_unique<tbb::flow::graph>(); });
    return graph;
  }

  BatchInFlight* process(BatchInFlight* batch) noexcept {
    batch->begun = std::chrono::steady_clock::now();
    // Of a lease that has ended nothing will be sent, but it keeps its place in the order.
    if (batch->lease->open())
      processors_.local().process(batch->batch, batch->lease->id().topic, batch->shard);
    batch->output_bytes = bytes_of(batch->batch.outputs());
    batch->charged =
        budget_.confirm(batch->charged, batch->batch.footprint() + batch->shard.footprint());
    batch->processed = std::chrono::steady_clock::now();
    processed_.fetch_add(1, std::memory_order_relaxed);
    return batch;
  }

  [[nodiscard]] static size_t bytes_of(std::span<const record::OutputRecord> outputs) noexcept {
    size_t bytes = 0;
    for (const record::OutputRecord& output : outputs)
      bytes += output.key.size() + output.value.size();
    return bytes;
  }

  MemoryBudget& budget_;
  Out out_;
  std::atomic<size_t> under_way_{0};  // for show, as is the next
  std::atomic<uint64_t> processed_{0};
  tbb::global_control parallelism_;
  tbb::task_arena arena_;
  tbb::enumerable_thread_specific<plan::Processor> processors_;
  std::unique_ptr<tbb::flow::graph> graph_;
  tbb::flow::function_node<BatchInFlight*, BatchInFlight*> process_;
  tbb::flow::sequencer_node<BatchInFlight*> order_;
  tbb::flow::function_node<BatchInFlight*, tbb::flow::continue_msg> deliver_;
};

ProcessGraph::ProcessGraph(const plan::Plan& plan, const plan::OutputLimits& limits, size_t workers,
                           MemoryBudget& budget, Out out)
    : impl_(std::make_unique<Impl>(plan, limits, workers, budget, std::move(out))) {}

ProcessGraph::~ProcessGraph() {
  finish();
}

void ProcessGraph::put(BatchInFlight* batch) {
  impl_->put(batch);
}

size_t ProcessGraph::under_way() const {
  return impl_->under_way();
}

uint64_t ProcessGraph::processed() const {
  return impl_->processed();
}

void ProcessGraph::finish() {
  impl_->finish();
}

}  // namespace millrace::flow
