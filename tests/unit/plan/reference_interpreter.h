// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/pipeline_config.h"
#include "engine/record/outcome.h"
#include "tests/unit/plan/reference_json.h"
#include "tests/unit/plan/reference_steps.h"

// A pipeline as a slow, obvious interpreter: what the plan is compared with. Of the engine it uses
// the configuration as it was read, and nothing that decides. Insights, limits and time stamps are
// not its matter.
namespace millrace::plan::testing::reference {

struct Output {
  std::string topic;
  std::string rule;  // of a dead letter; empty: an emitted record, a copy or a piece
  std::optional<std::string> key;
  std::string value;

  bool operator==(const Output&) const = default;
};

struct Result {
  record::Outcome outcome = record::Outcome::kNone;
  std::vector<Output> outputs;

  bool operator==(const Result&) const = default;
};

class Interpreter {
 public:
  explicit Interpreter(const config::PipelineConfig& config);

  [[nodiscard]] Result run(const std::optional<std::string>& key, std::string_view value) const;

 private:
  struct Run;

  [[nodiscard]] std::string check(std::string_view text, Value& record) const;
  Verdict go(Run& run, Value record, size_t step, std::string topic) const;
  Verdict explode(Run& run, const Value& record, size_t step, const std::string& topic) const;
  Verdict send(Run& run, const Value& record, const std::string& topic,
               const std::string& letter_topic) const;
  [[nodiscard]] std::string letter_topic_of(const config::StepConfig& step) const;

  const config::PipelineConfig& config_;
  bool reject_duplicates_;
  std::optional<Value> schema_;
};

}  // namespace millrace::plan::testing::reference
