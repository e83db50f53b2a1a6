// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/config/pipeline_config.h"
#include "engine/flow/flow.h"
#include "engine/plan/plan.h"
#include "engine/report/report.h"
#include "tests/flow/fakes.h"

namespace millrace::tests {

// A pipeline over {"n": offset, "device": …} records: `n` is required, insights count devices.
[[nodiscard]] config::PipelineConfig small_pipeline();

// Adds an insight of a member (none: nullptr), with limits that no test here meets.
config::InsightConfig& add_insight(config::PipelineConfig& config, config::InsightKind kind,
                                   const char* name, const char* field);

[[nodiscard]] config::FieldPath field_path(const char* member);

// `count` records of that shape from offset 0, every `bad_every`-th of them without `n` (0: none).
[[nodiscard]] std::vector<FakeRecord> records(int32_t partition, int64_t count,
                                              int64_t bad_every = 0);

// The `n` of each delivered value of a place, in order.
[[nodiscard]] std::vector<int64_t> numbers(const std::vector<FakeSink::Sent>& sent);

// A flow over fakes, with one output partition per input partition.
class FlowFixture {
 public:
  explicit FlowFixture(const config::PipelineConfig& config = small_pipeline());

  FakeGroup group;
  FakeSource source{group};
  FakeSink sink;
  FakeStateLog state;
  FakeCommitter committer{group, sink, state};
  flow::Flow::Options options;

  // Sink and committer become one transaction.
  void exactly_once();

  // Insights are written down with commits, and restored.
  void durable();

  // Adds partition `number` of topic "in" with these records, to be read to its end.
  void add(int32_t number, std::vector<FakeRecord> from, int64_t end = -1);

  void start();
  void wait_until_finished();

  // Requires: started. Waits for the end and keeps the result.
  flow::Flow::Result& finish();

  // start(), then finish(): reads up to the ends.
  flow::Flow::Result& run();

  [[nodiscard]] report::Report report();

  // What of the identity does not hold, a line each; empty where it holds.
  [[nodiscard]] std::string broken();

  // The report as JSON without its `run` member: what must not depend on workers or batches.
  [[nodiscard]] std::string stable_json();

  // The insights alone.
  [[nodiscard]] std::string insights_json();

  [[nodiscard]] std::vector<int64_t> emitted(int32_t partition) const;

  [[nodiscard]] flow::Flow& flow() { return *flow_; }

 private:
  std::unique_ptr<const plan::Plan> plan_;
  base::FixedClock clock_{base::WallTime(std::chrono::seconds(1'720'655'268))};
  plan::OutputLimits limits_;
  std::unique_ptr<flow::Flow> flow_;
  flow::Flow::Result result_;
  std::mutex mutex_;
  std::condition_variable finished_condition_;
  bool finished_ = false;
};

}  // namespace millrace::tests
