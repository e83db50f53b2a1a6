// SPDX-License-Identifier: Apache-2.0
#include "engine/app/fleet.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <stop_token>
#include <utility>

#include <fmt/format.h>

#include "engine/base/log.h"
#include "engine/flow/snapshot.h"
#include "engine/insights/utc_text.h"
#include "engine/kafka/state_topic.h"
#include "engine/state/fleet.h"

namespace millrace::app {
namespace {

report::FleetReport to_report(const Pipeline& pipeline, const state::Fleet& fleet) {
  report::FleetReport report;
  report.pipeline = pipeline.config.pipeline.value;
  report.group = pipeline.config.input.group.value;
  std::optional<int64_t> oldest;
  for (const state::FleetPartition& partition : fleet.partitions) {
    report.counted.partitions.push_back({partition.id, partition.coverage, partition.emitted,
                                         partition.filtered, partition.dead_lettered,
                                         partition.outputs, partition.error});
    for (const std::string& note : partition.notes)
      base::log::info("{}/{}: {}", partition.id.topic, partition.id.partition, note);
    if (partition.error.empty())
      oldest = std::min(oldest.value_or(partition.written_ms), partition.written_ms);
  }
  report.counted.given = flow::given_to(*fleet.state);
  report.counted.insights = fleet.state->results();
  if (oldest) report.as_of = insights::utc_text(*oldest, insights::Precision::kSeconds);
  return report;
}

}  // namespace

base::Result<report::FleetReport> read_fleet(const Pipeline& pipeline,
                                             const kafka::Patience& patience) {
  const config::PipelineConfig& config = pipeline.config;
  auto topic = kafka::StateTopic::create(config.kafka, config.state.topic.value, patience,
                                         kafka::StateTopic::Until::kDecided);
  if (!topic.ok()) return topic.error();
  state::RestoreOptions options;
  options.topic = {config.state.topic.value, config.input.group.value,
                   topic.value()->partition_count()};
  const auto fleet = state::merge_fleet(*topic.value(), pipeline.plan->declaration(), options);
  if (!fleet.ok()) return fleet.error();
  return to_report(pipeline, fleet.value());
}

}  // namespace millrace::app
