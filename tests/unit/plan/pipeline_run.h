// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/load.h"
#include "engine/insights/shard.h"
#include "engine/plan/plan.h"
#include "engine/plan/processor.h"
#include "engine/record/batch.h"

// A plan made from a text, and records sent through it, for this folder's tests.
namespace millrace::plan::testing {

using OptionalText = std::optional<std::string>;
using HeaderList = std::vector<std::pair<std::string, OptionalText>>;

// 2024-07-10T23:47:48.123Z
inline constexpr base::WallTime kNow{std::chrono::milliseconds{1'720'655'268'123}};

struct Yaml {
  std::string input = "{topic: in, group: g}";
  std::string output = "{topic: out}";
  std::string dead_letters = "{topic: dead}";
  std::string rest = "";
};

// Throws where the text is no configuration.
inline config::PipelineConfig config_of(const Yaml& yaml) {
  const std::string text =
      "pipeline: p\nkafka: {bootstrap.servers: \"b:1\"}\ninput: " + yaml.input +
      "\noutput: " + yaml.output + "\ndead_letters: " + yaml.dead_letters +
      "\ndelivery: {guarantee: at_least_once}\n" + yaml.rest;
  config::Loaded loaded =
      config::load_text(text, "p.yaml", [](const std::string&) { return std::nullopt; });
  if (!loaded.problems.empty()) throw std::runtime_error(config::to_string(loaded.problems[0]));
  return std::move(loaded.config);
}

inline config::PipelineConfig config_with_steps(const std::string& steps) {
  return config_of({.rest = "steps:\n" + steps});
}

struct Given {
  OptionalText value;
  OptionalText key = std::nullopt;
  HeaderList headers = {};
  int64_t timestamp_ms = 1234;
  OptionalText undeliverable = std::nullopt;  // why
};

// An output, copied out of the batch.
struct Sent {
  std::string topic;
  record::OutputRole role{};
  int32_t partition = 0;
  uint32_t input = 0;
  OptionalText key;
  OptionalText value;
  HeaderList headers;
  int64_t timestamp_ms = record::kTimestampNow;

  bool operator==(const Sent&) const = default;

  [[nodiscard]] bool dead() const { return role == record::OutputRole::kDeadLetter; }

  // Of the last header of this name; "" where there is none.
  [[nodiscard]] std::string header(std::string_view name) const {
    std::string found;
    for (const auto& [each, value_of] : headers)
      if (each == name) found = value_of.value_or("null");
    return found;
  }
};

inline OptionalText to_text(record::Bytes bytes) {
  return bytes.null() ? std::nullopt : OptionalText(bytes.view());
}

inline record::Bytes to_bytes(const OptionalText& text) {
  return text ? record::Bytes::of(*text) : record::Bytes();
}

inline std::vector<Sent> copy_outputs(const Plan& plan, const record::Batch& batch) {
  std::vector<Sent> sent;
  for (const record::OutputRecord& output : batch.outputs()) {
    Sent copy{plan.output_topics().at(output.topic).name,
              output.role,
              output.partition,
              output.input,
              to_text(output.key),
              to_text(output.value),
              {},
              output.timestamp_ms};
    for (const record::Header& header : output.headers)
      copy.headers.emplace_back(header.name, to_text(header.value));
    sent.push_back(std::move(copy));
  }
  return sent;
}

inline void append(record::Batch& batch, const Given& given) {
  std::vector<record::Header> headers;
  for (const auto& [name, value] : given.headers) headers.push_back({name, to_bytes(value)});
  batch.append(
      {batch.range_end(), given.timestamp_ms, to_bytes(given.key), to_bytes(given.value), headers});
  if (given.undeliverable) {
    const auto index = static_cast<uint32_t>(batch.records().size() - 1);
    batch.mark_undeliverable(index, *given.undeliverable);
  }
}

// Throws where the configuration is no plan.
inline std::unique_ptr<const Plan> compile(const config::PipelineConfig& config) {
  Plan::Compiled compiled = Plan::compile(config);
  if (compiled.plan == nullptr) throw std::runtime_error(config::to_string(compiled.problems[0]));
  return std::move(compiled.plan);
}

// Limits that nothing meets, for every topic of the plan that `limits` does not speak of.
inline OutputLimits limits_for(const Plan& plan, OutputLimits limits = {}) {
  limits.resize(plan.output_topics().size());
  return limits;
}

// One worker with its plan.
class Pipeline {
 public:
  explicit Pipeline(const config::PipelineConfig& config, const OutputLimits& limits = {})
      : plan_(compile(config)),
        processor_(*plan_, limits_for(*plan_, limits)),
        shard_(std::make_unique<insights::Shard>(plan_->declaration())) {}

  // Everything about these records as one batch of partition 3 from offset 100 on. What was counted
  // stays in shard(), which sees this batch only.
  std::vector<Sent> run(const std::vector<Given>& records) {
    shard_->clear();
    batch_.reset();
    batch_.open(base::Offset{100}, 3, kNow);
    for (const Given& record : records) append(batch_, record);
    processor_.process(batch_, "in", *shard_);
    return copy_outputs(*plan_, batch_);
  }

  // The one output of one record. Throws where it has none.
  Sent one(std::string value) {
    std::vector<Sent> sent = run({{.value = std::move(value)}});
    if (sent.size() != 1) throw std::runtime_error("no output");
    return std::move(sent[0]);
  }

  // A value that was emitted, or "RULE: text" of the dead letter, or "filtered".
  std::string outcome(std::string value) {
    const std::vector<Sent> sent = run({{.value = std::move(value)}});
    if (sent.empty()) return "filtered";
    if (!sent[0].dead()) return sent[0].value.value_or("null");
    return sent[0].header("millrace.reason") + ": " + sent[0].header("millrace.reason_text");
  }

  [[nodiscard]] const insights::Shard& shard() const { return *shard_; }

  [[nodiscard]] const record::Batch& batch() const { return batch_; }

  [[nodiscard]] const Plan& plan() const { return *plan_; }

 private:
  std::unique_ptr<const Plan> plan_;
  Processor processor_;
  std::unique_ptr<insights::Shard> shard_;
  record::Batch batch_;
};

inline std::string outcome_of(const std::string& steps, std::string value) {
  return Pipeline(config_with_steps(steps)).outcome(std::move(value));
}

// What the part of an insight counted.
inline const insights::Shard::PartCounts& part_of(const insights::Shard& shard, size_t insight) {
  return shard.part(shard.declaration().insights.at(insight).part);
}

// Counts of an insight over one field, "key=n" in the order of first sight.
inline std::string counts(const insights::Shard& shard, size_t insight) {
  std::string text;
  for (const auto& entry : part_of(shard, insight).keys.entries()) {
    if (!text.empty()) text += ' ';
    text += std::string(entry.key) + "=" + std::to_string(entry.count);
  }
  return text;
}

}  // namespace millrace::plan::testing
