// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/base/limits.h"
#include "engine/base/startup_error.h"
#include "engine/config/pipeline_config.h"
#include "engine/flow/books.h"
#include "engine/flow/durable.h"
#include "engine/flow/flow_vitals.h"
#include "engine/flow/progress.h"
#include "engine/io/committer.h"
#include "engine/io/sink.h"
#include "engine/io/source.h"
#include "engine/plan/plan.h"
#include "engine/plan/processor.h"

namespace millrace::flow {

// The life of a batch from poll to commit: the three threads and the graph between them, their
// start, drain and stop.
//
//   poll thread → graph (process in parallel → order) → deliver thread → sink
//        ▲ memory budget                                   settle thread ←┘ acknowledgements
//
// States: made → start() → running → stop() or the end or a failure → draining → finished →
// finish(). Only a drain hands over what was read; a revoke cuts.
//
// Threading: start() and finish() from one thread; the others from any.
// Lifetime: source, sink, committer, plan and clock outlive finish(). Batches given up at a
// deadline may still be in the sink's hands: destroy the sink before the flow.
class Flow {
 public:
  struct Outside {
    io::Source& source;
    io::Sink& sink;
    io::Committer& committer;
  };

  struct Options {
    size_t workers = 1;
    size_t batch_memory = size_t{256} << 20;  // bytes that batches in flight may hold
    size_t batch_records_max = 1000;
    std::chrono::milliseconds batch_wait{5};
    std::chrono::milliseconds serve_every{1000};  // the group, while there is no memory to read
    std::chrono::milliseconds commit_every{100};
    std::chrono::milliseconds cut_deadline{5000};
    std::chrono::milliseconds stop_deadline{30'000};
    // Whether the sink and the committer are one transaction.
    SettleAt settle_at = SettleAt::kAcknowledgement;
    std::chrono::milliseconds transaction_timeout{10'000};
    // A record whose output was refused twice becomes a dead letter; else its partition stops.
    bool refused_become_dead_letters = false;
    size_t refusals_max = base::limits::kRefusalsMax;
    std::optional<config::StopAbove> stop_above;
    // Read each partition up to here and finish (--until-end); nothing: read until stop().
    std::optional<std::map<base::TopicPartition, base::Offset>> until;
    // Call `on_multiple` at each multiple of this many consumed records; 0: never.
    uint64_t report_every = 0;
    Books::OnMultiple on_multiple;
    // Nothing: insights last as long as the flow.
    std::optional<Durable> durable;
  };

  struct Result {
    base::ExitCode code = base::ExitCode::kClean;
    std::string ended_by;  // what was given to stop(), "end of topics", or what went wrong
    Snapshot snapshot;     // accounts carry the committed offsets, where they could be read back
  };

  Flow(const Outside& outside, const plan::Plan& plan, const plan::OutputLimits& limits,
       Options options, const base::Clock& clock);
  ~Flow();
  Flow(const Flow&) = delete;
  Flow& operator=(const Flow&) = delete;

  // Starts the threads. `on_finished` is called once, from a thread of the flow, when nothing is
  // left to do but finish().
  void start(std::function<void()> on_finished);

  // Ends the intake and drains. Idempotent; `why` of the first call counts.
  void stop(const std::string& why);

  // Joins the threads and closes the books. Once. Requires: started; blocks until the drain is
  // over.
  [[nodiscard]] Result finish();

  [[nodiscard]] Totals totals() const;

  // The accounts alone; and with the insights, which takes longer.
  [[nodiscard]] Snapshot accounts() const;
  [[nodiscard]] Snapshot snapshot() const;

  // Sends a record of no batch with one of the next commits. While insights are not durable, it is
  // dropped.
  void publish(io::CarriedRecord record);

  // How far it is right now.
  [[nodiscard]] Progress progress() const;

  // What it shows of itself right now. Takes the locks of the flow once each, for less than a batch
  // does.
  [[nodiscard]] FlowVitals vitals() const;

  // Bytes that the insights hold; goes through all of their windows.
  [[nodiscard]] size_t state_bytes() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::flow
