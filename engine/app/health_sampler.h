// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/flow/progress.h"
#include "engine/kafka/admin.h"
#include "engine/kafka/partition_watch.h"
#include "engine/report/health_watch.h"

namespace millrace::app {

// Puts together what the flow, the consumer and the brokers know of the partitions, and lets the
// health be told from it. Of partitions that do not move the brokers are asked for the ends of the
// log every third of `stalled_after`: what the consumer knows is as old as its last fetch, and
// fetches are what may have failed.
//
// Threading: one thread at a time; it calls the seams. Lifetime: what they refer to outlives it.
class HealthSampler {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Seams {
    std::function<flow::Progress()> progress;
    std::function<kafka::PartitionWatch::View()> reading;
    // Asks the brokers; answers in the order asked, within a second.
    std::function<std::vector<kafka::LogEnds>(std::span<const base::TopicPartition>)> log_ends;
  };

  HealthSampler(Seams seams, std::chrono::milliseconds stalled_after);

  // Takes a sample; returns what changed, for the log.
  [[nodiscard]] std::vector<report::HealthWatch::Transition> look(Time now);

  // As of the last look.
  [[nodiscard]] const report::Health& health() const { return watch_.health(); }

 private:
  // What the brokers said of a partition that does not move.
  struct Answer {
    kafka::LogEnds ends;
    Time at;
  };

  void ask(const flow::Progress& progress, Time now);
  [[nodiscard]] report::PartitionSample sample_of(const flow::PartitionProgress& partition,
                                                  const kafka::PartitionWatch::View& view,
                                                  Time now) const;

  const Seams seams_;
  const std::chrono::milliseconds ask_every_;
  report::HealthWatch watch_;
  std::map<base::TopicPartition, Answer> answers_;
  std::optional<Time> away_since_;
};

}  // namespace millrace::app
