// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/processor.h"

#include <chrono>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/plan/dead_letter.h"
#include "engine/plan/partitioner.h"
#include "engine/plan/time_text.h"
#include "engine/plan/value_text.h"

namespace millrace::plan {

Processor::Processor(const Plan& plan, const OutputLimits& limits)
    : plan_(plan),
      limits_(limits),
      walker_({plan.config_.input.duplicate_members == config::DuplicateMembers::kDeadLetter}),
      fields_(plan.names_),
      insight_reader_(plan.config_.insights, plan.names_) {}

void Processor::process(record::Batch& batch, std::string_view topic,
                        insights::Shard& shard) noexcept {
  begin(batch);
  Job job{batch, topic, shard};
  const auto count = static_cast<uint32_t>(batch.records().size());
  batch.outcomes().reserve(count);
  batch.outputs().reserve(count);
  for (uint32_t i = 0; i < count; ++i) batch.outcomes().push_back(process_record(job, i));
}

// What all records of the batch share.
void Processor::begin(record::Batch& batch) noexcept {
  record::Arena& arena = batch.arena();
  context_.arena = &arena;
  const auto milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(batch.now()).time_since_epoch().count();
  const auto seconds =
      std::chrono::floor<std::chrono::seconds>(batch.now()).time_since_epoch().count();
  MILLRACE_CHECK(seconds >= kUnixSecondsMin && seconds <= kUnixSecondsMax);
  char* text = arena.take(kRfc3339Bytes + 2);
  text[0] = '"';
  write_rfc3339(seconds, text + 1);
  text[kRfc3339Bytes + 1] = '"';
  context_.now_rfc3339 = {text, kRfc3339Bytes + 2};
  context_.now_unix_seconds = arena.copy(fmt::format_int(seconds).c_str());
  context_.now_unix_milliseconds = arena.copy(fmt::format_int(milliseconds).c_str());
}

record::Outcome Processor::process_record(Job& job, uint32_t index) noexcept {
  const record::InputRecord& input = job.batch.records()[index];
  context_.reason_text.clear();
  Verdict verdict = Verdict::kContinue;
  if (input.value.null() && plan_.config_.input.tombstones != config::Tombstones::kDeadLetter) {
    verdict = plan_.config_.input.tombstones == config::Tombstones::kFilter
                  ? Verdict::kFilter
                  : emit(job, index, input.key, record::Bytes());
    if (verdict == Verdict::kContinue) insight_reader_.count_missing(job.shard);
  } else {
    verdict = clean(input);
    if (verdict == Verdict::kContinue) {
      verdict = encode(job, index);
      if (verdict == Verdict::kContinue) insight_reader_.count(fields_, job.shard);
    }
  }
  switch (verdict) {
    case Verdict::kContinue:
      job.shard.count_emitted();
      return record::Outcome::kEmitted;
    case Verdict::kFilter:
      job.shard.count_filtered();
      return record::Outcome::kFiltered;
    case Verdict::kReject:
      break;
  }
  dead_letter(job, index);
  return record::Outcome::kDeadLettered;
}

Verdict Processor::clean(const record::InputRecord& input) noexcept {
  if (input.value.null()) {
    context_.reason_text = "the record has no value";
    return context_.reject(plan_.rules_.tombstone);
  }
  const record::ParseError error = walker_.walk(input.value.view());
  if (error != record::ParseError::kNone) [[unlikely]] {
    context_.reason_text = record::describe(error);
    return context_.reject(RuleId{static_cast<uint32_t>(error) - 1});
  }
  fields_.load(walker_.members());
  if (plan_.schema_) {
    if (const Verdict verdict = plan_.schema_->check(fields_, context_);
        verdict != Verdict::kContinue)
      return verdict;
  }
  for (const auto& step : plan_.steps_) {
    if (const Verdict verdict = step->apply(fields_, context_); verdict != Verdict::kContinue)
      return verdict;
  }
  return Verdict::kContinue;
}

// Writes the cleaned record into the arena and sends it on its way.
Verdict Processor::encode(Job& job, uint32_t index) noexcept {
  const record::InputRecord& input = job.batch.records()[index];
  record::Bytes key = input.key;
  if (plan_.key_) {
    const record::JsonValue* value = fields_.get(*plan_.key_);
    if (value == nullptr || value->kind == record::ValueKind::kNull) {
      context_.reason_text =
          fmt::format("the output key '{}' is {}", plan_.names_.name(*plan_.key_),
                      value == nullptr ? "absent" : "null");
      return context_.reject(plan_.rules_.output_key);
    }
    const std::string_view text = content(*value, context_.scratch);
    // Resolved escapes lie in the scratch; everything else lies in the arena or the plan already.
    key = record::Bytes::of(value->escaped ? job.batch.arena().copy(text) : text);
  }
  const size_t size = fields_.encoded_size();
  if (size > input.value.size() * base::limits::kExpansionFactor +
                 base::limits::kExpansionAllowance) [[unlikely]] {
    context_.reason_text = fmt::format("{} bytes would become {}", input.value.size(), size);
    return context_.reject(plan_.rules_.output_expansion);
  }
  char* text = job.batch.arena().take(size);
  fields_.encode(text);
  return emit(job, index, key, record::Bytes(text, size));
}

Verdict Processor::emit(Job& job, uint32_t index, record::Bytes key, record::Bytes value) noexcept {
  const record::TopicLimits& limits = limits_[static_cast<size_t>(record::OutputTopic::kEmitted)];
  record::OutputRecord output;
  output.key = key;
  output.value = value;
  output.headers = job.batch.records()[index].headers;
  output.input = index;
  output.partition = output_partition(key, job.batch.partition(), limits.partitions);
  if (const size_t size = sent_size(output); size > limits.message_bytes_max) [[unlikely]] {
    context_.reason_text = fmt::format("{} bytes are above the output topic's limit of {}", size,
                                       limits.message_bytes_max);
    return context_.reject(plan_.rules_.output_too_large);
  }
  job.batch.outputs().push_back(output);
  return Verdict::kContinue;
}

void Processor::dead_letter(Job& job, uint32_t index) noexcept {
  job.shard.count_dead_letter(context_.rule.index);
  if (plan_.config_.dead_letters.discard) return;
  const record::TopicLimits& limits =
      limits_[static_cast<size_t>(record::OutputTopic::kDeadLetters)];
  const Provenance provenance{plan_.config_.pipeline.value, job.topic, job.batch.partition(),
                              plan_.declaration_.rules[context_.rule.index], context_.reason_text};
  record::OutputRecord letter = make_dead_letter(job.batch.records()[index], provenance,
                                                 limits.message_bytes_max, job.batch.arena());
  letter.input = index;
  letter.partition = output_partition(letter.key, job.batch.partition(), limits.partitions);
  job.batch.outputs().push_back(letter);
}

}  // namespace millrace::plan
