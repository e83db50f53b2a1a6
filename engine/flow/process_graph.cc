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
#include "engine/base/thread_name.h"

namespace millrace::flow {

namespace tbb = oneapi::tbb;

namespace {

// Workers come and go with the work, and each gets its name with the first batch that it touches.
// (An observer of oneTBB would tell of each, but one of its allocations outlives an observer that
// ends while a worker sleeps: 40 bytes for each graph, which LeakSanitizer reports.)
thread_local bool has_its_name = false;

void name_this_worker() {
  if (!std::exchange(has_its_name, true)) base::name_this_thread("worker");
}

}  // namespace

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
                 [this](Numbered put) noexcept {
                   name_this_worker();
                   process(put.batch);
                   return put;
                 }),
        order_(*graph_, [](const Numbered& put) noexcept { return put.number; }),
        deliver_(*graph_, tbb::flow::serial, [this](Numbered put) noexcept {
          name_this_worker();  // it may have processed none yet
          out_(put.batch);
          // Release: see put().
          under_way_.fetch_sub(1, std::memory_order_release);
          return tbb::flow::continue_msg();
        }) {
    tbb::flow::make_edge(process_, order_);
    tbb::flow::make_edge(order_, deliver_);
  }

  void put(std::span<BatchInFlight* const> batches, Load load) {
    // Acquire: what the workers' last `out` did comes before ours.
    if (load == Load::kLight && under_way_.load(std::memory_order_acquire) == 0) {
      for (BatchInFlight* batch : batches) process(batch);
      // Not in between: the deliver thread is woken once.
      for (BatchInFlight* batch : batches) out_(batch);
      return;
    }
    for (BatchInFlight* batch : batches) {
      under_way_.fetch_add(1, std::memory_order_relaxed);
      MILLRACE_CHECK(process_.try_put({batch, number_++}));
    }
  }

  [[nodiscard]] size_t under_way() const { return under_way_.load(std::memory_order_relaxed); }

  [[nodiscard]] uint64_t processed() const { return processed_.load(std::memory_order_relaxed); }

  void finish() {
    has_its_name = true;  // who waits helps, and is no worker
    arena_.execute([this] { graph_->wait_for_all(); });
  }

 private:
  struct Numbered {
    BatchInFlight* batch;
    uint64_t number;  // of those that the graph was given, without holes
  };

  // A graph runs in the arena that it was made in.
  static std::unique_ptr<tbb::flow::graph> made_in(tbb::task_arena& arena) {
    std::unique_ptr<tbb::flow::graph> graph;
    arena.execute([&graph] { graph = std::make_unique<tbb::flow::graph>(); });
    return graph;
  }

  void process(BatchInFlight* batch) noexcept {
    batch->begun = std::chrono::steady_clock::now();
    // Of a lease that has ended nothing will be sent, but it keeps its place in the order.
    if (batch->lease->open())
      processors_.local().process(batch->batch, batch->lease->id().topic, batch->shard);
    batch->output_bytes = bytes_of(batch->batch.outputs());
    batch->charged =
        budget_.confirm(batch->charged, batch->batch.footprint() + batch->shard.footprint());
    batch->processed = std::chrono::steady_clock::now();
    processed_.fetch_add(1, std::memory_order_relaxed);
  }

  [[nodiscard]] static size_t bytes_of(std::span<const record::OutputRecord> outputs) noexcept {
    size_t bytes = 0;
    for (const record::OutputRecord& output : outputs)
      bytes += output.key.size() + output.value.size();
    return bytes;
  }

  MemoryBudget& budget_;
  Out out_;
  uint64_t number_ = 0;  // put() alone
  // Up by put() and down behind each `out` of a worker: at zero, nothing is in the graph.
  std::atomic<size_t> under_way_{0};
  std::atomic<uint64_t> processed_{0};  // for show
  tbb::global_control parallelism_;
  tbb::task_arena arena_;
  tbb::enumerable_thread_specific<plan::Processor> processors_;
  std::unique_ptr<tbb::flow::graph> graph_;
  tbb::flow::function_node<Numbered, Numbered> process_;
  tbb::flow::sequencer_node<Numbered> order_;
  tbb::flow::function_node<Numbered, tbb::flow::continue_msg> deliver_;
};

ProcessGraph::ProcessGraph(const plan::Plan& plan, const plan::OutputLimits& limits, size_t workers,
                           MemoryBudget& budget, Out out)
    : impl_(std::make_unique<Impl>(plan, limits, workers, budget, std::move(out))) {}

ProcessGraph::~ProcessGraph() {
  finish();
}

void ProcessGraph::put(std::span<BatchInFlight* const> batches, Load load) {
  impl_->put(batches, load);
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
