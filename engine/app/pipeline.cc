// SPDX-License-Identifier: Apache-2.0
#include "engine/app/pipeline.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "engine/app/alert_rules.h"
#include "engine/app/latency_settings.h"
#include "engine/app/memory_shares.h"
#include "engine/app/serving.h"
#include "engine/app/transactional_id.h"
#include "engine/base/limits.h"
#include "engine/config/load.h"
#include "engine/config/problems.h"
#include "engine/config/quantities.h"
#include "engine/kafka/client_conf.h"
#include "engine/plan/describe_insight.h"
#include "engine/report/alert_text.h"

namespace millrace::app {

Pipeline compile(config::Loaded loaded) {
  Pipeline pipeline{std::move(loaded.config), nullptr, std::move(loaded.problems)};
  const auto add = [&pipeline](std::vector<config::Problem> problems) {
    for (config::Problem& problem : problems) pipeline.problems.push_back(std::move(problem));
  };
  add(kafka::check_properties(pipeline.config.kafka, pipeline.config.delivery.transaction_timeout));
  add(check_serve(pipeline.config));
  // Also where the file has errors: what could be read of it may have others, and all are said at
  // once.
  plan::Plan::Compiled compiled = plan::Plan::compile(pipeline.config);
  add(std::move(compiled.problems));
  if (!config::has_errors(pipeline.problems)) pipeline.plan = std::move(compiled.plan);
  std::stable_sort(pipeline.problems.begin(), pipeline.problems.end(),
                   [](const config::Problem& left, const config::Problem& right) {
                     return std::pair(left.place.line, left.place.column) <
                            std::pair(right.place.line, right.place.column);
                   });
  return pipeline;
}

Pipeline compile_file(const std::string& path) {
  return compile(config::load_file(path, config::process_environment()));
}

namespace {

constexpr size_t kMebibyte = size_t{1} << 20;

using config::duration_text;

// The id by which brokers know the producer that commits.
std::string describe_transactional_id(const config::PipelineConfig& config) {
  if (!uses_transactions(config)) return "none: plain commits";
  const char* const random = " (a random one at each start: no 'instance' is named)";
  return transactional_id(config, "RANDOM") + (config.instance ? "" : random);
}

std::string describe_guarantee(const config::DeliveryConfig& delivery) {
  return delivery.guarantee == config::Guarantee::kExactlyOnce ? "exactly once" : "at least once";
}

std::string describe_on_failure(const config::DeliveryConfig& delivery) {
  return delivery.on_failure == config::OnFailure::kDeadLetter ? "a dead letter"
                                                               : "stops its partition";
}

std::string describe_lost_offsets(config::OnLostOffsets policy) {
  switch (policy) {
    case config::OnLostOffsets::kEarliest:
      return "go on at the earliest record";
    case config::OnLostOffsets::kLatest:
      return "go on at the end";
    case config::OnLostOffsets::kStop:
      break;
  }
  return "stop their partition";
}

std::string describe_stop_above(const config::DeadLettersConfig& dead_letters) {
  if (!dead_letters.stop_above) return "any number";
  return fmt::format("the run stops above {:.6g} % of the last {} records",
                     dead_letters.stop_above->share * 100, dead_letters.stop_above->over);
}

std::string describe_memory(size_t memory) {
  const MemoryShares shares = MemoryShares::of(memory);
  return fmt::format("{} MiB: batches {}, read ahead {}, producer queue {}, all else {}",
                     memory / kMebibyte, shares.batches / kMebibyte, shares.prefetch / kMebibyte,
                     shares.producer_queue / kMebibyte, shares.rest(memory) / kMebibyte);
}

// A line for each insight that has keys.
std::string describe_insight_keys(const config::PipelineConfig& config) {
  std::string lines;
  for (const config::InsightConfig& insight : config.insights) {
    const std::string limits = plan::describe_limits(insight);
    if (!limits.empty()) lines += fmt::format("\n    {:<23}  {}", insight.name, limits);
  }
  return lines.empty() ? lines : "; of a partition:" + lines;
}

// A line for each alert.
std::string describe_alerts(const config::PipelineConfig& config) {
  std::string lines;
  for (const report::AlertRule& rule : alert_rules(config))
    lines += fmt::format("    {:<23}  {}\n", rule.name, report::to_words(rule));
  return lines.empty() ? lines : "  alerts\n" + lines;
}

// What decides what is lost, repeated or waited for.
std::string describe_delivery(const config::PipelineConfig& config) {
  const config::DeliveryConfig& delivery = config.delivery;
  return fmt::format(
      "  guarantee                  {}\n"
      "  transactional id           {}\n"
      "  transaction timeout        {}\n"
      "  commit every               {}\n"
      "  what cannot be delivered   {}\n"
      "  session timeout            {}, {}\n"
      "  lost offsets               {}\n"
      "  dead letters               {}\n"
      "  stalled after              {}\n"
      "  stop deadline              {}\n",
      describe_guarantee(delivery), describe_transactional_id(config),
      uses_transactions(config) ? duration_text(delivery.transaction_timeout) : "none",
      duration_text(delivery.commit_every), describe_on_failure(delivery),
      duration_text(config.session_timeout),
      config.instance ? "static member " + config.instance->value : "dynamic member",
      describe_lost_offsets(config.input.on_lost_offsets), describe_stop_above(config.dead_letters),
      duration_text(config.stalled_after), duration_text(config.stop_deadline));
}

}  // namespace

std::string describe_limits(const config::PipelineConfig& config) {
  const size_t workers =
      config.workers != 0 ? config.workers : std::max(1U, std::thread::hardware_concurrency());
  return describe_delivery(config) +
         fmt::format(
             "  latency                    {}\n"
             "  workers                    {}\n"
             "  memory                     {}\n"
             "  batch                      {} records, {} KiB, {} ms\n"
             "  nesting of a record        {} levels\n"
             "  members of a record        {}\n"
             "  output of a record         {} x input + {} KiB\n"
             "  keys of insights           {} bytes each{}\n"
             "  serves                     {}\n",
             describe_latency(config), workers, describe_memory(config.memory_bytes),
             config.input.batch_records_max, base::limits::kBatchBytesMax / 1024,
             latency_settings(config).batch_wait.count(), base::limits::kJsonDepthMax,
             base::limits::kMembersMax, base::limits::kExpansionFactor,
             base::limits::kExpansionAllowance / 1024, base::limits::kInsightKeyBytesMax,
             describe_insight_keys(config), describe_serve(config.serve)) +
         describe_alerts(config);
}

}  // namespace millrace::app
