// SPDX-License-Identifier: Apache-2.0
#include "engine/app/pipeline.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "engine/app/memory_shares.h"
#include "engine/base/limits.h"
#include "engine/config/load.h"
#include "engine/config/problems.h"
#include "engine/kafka/client_conf.h"

namespace millrace::app {

Pipeline compile(config::Loaded loaded) {
  Pipeline pipeline{std::move(loaded.config), nullptr, std::move(loaded.problems)};
  const auto add = [&pipeline](std::vector<config::Problem> problems) {
    for (config::Problem& problem : problems) pipeline.problems.push_back(std::move(problem));
  };
  add(kafka::check_properties(pipeline.config.kafka));
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

std::string describe_limits(const config::PipelineConfig& config) {
  constexpr size_t kMebibyte = size_t{1} << 20;
  const MemoryShares shares = MemoryShares::of(config.memory_bytes);
  const size_t workers =
      config.workers != 0 ? config.workers : std::max(1U, std::thread::hardware_concurrency());
  return fmt::format(
      "  workers                    {}\n"
      "  memory                     {} MiB: batches {}, read ahead {}, producer queue {}\n"
      "  batch                      {} records, {} KiB, {} ms\n"
      "  commit every               {} ms\n"
      "  stop deadline              {} ms\n"
      "  nesting of a record        {} levels\n"
      "  members of a record        {}\n"
      "  output of a record         {} x input + {} KiB\n"
      "  keys of an insight         {} per partition, {} bytes each\n",
      workers, config.memory_bytes / kMebibyte, shares.batches / kMebibyte,
      shares.prefetch / kMebibyte, shares.producer_queue / kMebibyte,
      config.input.batch_records_max, base::limits::kBatchBytesMax / 1024,
      config.input.batch_wait.count(), config.delivery.commit_every.count(),
      config.stop_deadline.count(), base::limits::kJsonDepthMax, base::limits::kMembersMax,
      base::limits::kExpansionFactor, base::limits::kExpansionAllowance / 1024,
      base::limits::kInsightKeysMax, base::limits::kInsightKeyBytesMax);
}

}  // namespace millrace::app
