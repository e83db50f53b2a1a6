// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "engine/plan/describe_insight.h"
#include "engine/plan/plan.h"
#include "engine/steps/compile.h"

namespace millrace::plan {
namespace {

std::string input_words(const config::InputConfig& input) {
  if (input.pattern) return "topics matching " + input.pattern->value;
  std::string words;
  for (const config::Text& topic : input.topics) words += (words.empty() ? "" : ", ") + topic.value;
  return words;
}

std::string schema_words(const config::PipelineConfig& config, size_t rules) {
  return fmt::format("{}, {} rules{}",
                     config.schema->file.empty() ? "the schema in this file" : config.schema->file,
                     rules, config.formats == config::Formats::kAssert ? ", formats asserted" : "");
}

std::string step_words(const config::StepConfig& step) {
  std::string words = steps::describe(step);
  if (!step.stage.empty()) words += fmt::format(" [stage {}]", step.stage);
  if (step.dead_letters) words += fmt::format("; rejects to {}", step.dead_letters->value);
  return words;
}

std::string_view key_words(const config::OutputConfig& output) {
  switch (output.key) {
    case config::OutputKey::kKeep:
      return "as it came in";
    case config::OutputKey::kNone:
      return "none";
    case config::OutputKey::kField:
      return output.key_field.text;
  }
  return "";
}

std::string_view partition_words(config::OutputPartition partition) {
  switch (partition) {
    case config::OutputPartition::kByKey:
      return "by key (murmur2), else the input's";
    case config::OutputPartition::kSameAsInput:
      return "the input's";
    case config::OutputPartition::kRoundRobin:
      return "round robin, by the input's offset";
  }
  return "";
}

std::string output_words(const config::OutputConfig& output) {
  return fmt::format(
      "{}: key {}, headers {}, time {}, partition {}, {}", output.topic.value, key_words(output),
      output.headers ? "kept" : "dropped",
      output.timestamp == config::OutputTimestamp::kNow ? "of sending" : "of the input record",
      partition_words(output.partition),
      output.encoding == config::OutputEncoding::kSpaced ? "JSON spaced, ASCII only"
                                                         : "JSON compact");
}

std::string letter_words(const config::DeadLettersConfig& letters) {
  if (letters.discard) return "counted by reason and discarded";
  switch (letters.format) {
    case config::DeadLetterFormat::kRaw:
      return fmt::format("to {}, as they came in", letters.topic.value);
    case config::DeadLetterFormat::kEnvelope:
      return fmt::format("to {}, in an envelope", letters.topic.value);
    case config::DeadLetterFormat::kFields:
      return fmt::format("to {}: {} members and '{}'", letters.topic.value, letters.fields.size(),
                         letters.error);
  }
  return "";
}

}  // namespace

std::string Plan::describe() const {
  std::string words = fmt::format("  read    {} as group {}\n", input_words(config_.input),
                                  config_.input.group.value);
  if (program_.schema != nullptr) {
    words += fmt::format("  check   {}\n", schema_words(config_, program_.schema->rules().size()));
  }
  for (const config::StepConfig& step : config_.steps)
    words += fmt::format("  step {:<2} {}\n", step.number, step_words(step));
  words += fmt::format("  write   {}\n", output_words(config_.output));
  words += fmt::format("  reject  {}\n", letter_words(config_.dead_letters));
  for (const config::InsightConfig& insight : config_.insights)
    words += fmt::format("  count   {}\n", plan::describe(insight));
  return words;
}

}  // namespace millrace::plan
