// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/plan/reference_interpreter.h"

#include <cstddef>
#include <utility>
#include <variant>

#include "tests/unit/plan/reference_condition.h"
#include "tests/unit/plan/reference_path.h"
#include "tests/unit/plan/reference_schema.h"

namespace millrace::plan::testing::reference {
namespace {

// The topic of the first case that holds; nothing where one before it cannot be decided.
std::optional<std::string> topic_of(const config::RouteStep& route, const Value& record,
                                    const std::string& otherwise) {
  for (const config::RouteStep::Case& one : route.cases) {
    const Truth truth = one.condition ? test(*one.condition, record) : Truth::kTrue;
    if (truth == Truth::kUndecided) return std::nullopt;
    if (truth == Truth::kTrue) return one.topic.value;
  }
  return otherwise;
}

std::string rule_of(const config::StepConfig& step) {
  return "step:" + std::to_string(step.number) + ":" + step.kind;
}

}  // namespace

// One record on its way.
struct Interpreter::Run {
  std::optional<std::string> key;
  std::vector<Output> outputs;
  std::string rule;  // that rejected it
  std::string letter_topic;

  Verdict reject(std::string by, std::string to) {
    rule = std::move(by);
    letter_topic = std::move(to);
    return Verdict::kReject;
  }
};

Interpreter::Interpreter(const config::PipelineConfig& config)
    : config_(config),
      reject_duplicates_(config.input.duplicate_members == config::DuplicateMembers::kDeadLetter) {
  if (config.schema) schema_ = constant(config.schema->json);
}

Result Interpreter::run(const std::optional<std::string>& key, std::string_view value) const {
  Run run{key, {}, "", config_.dead_letters.topic.value};
  Value record;
  run.rule = check(value, record);
  const Verdict verdict = run.rule.empty()
                              ? go(run, std::move(record), 0, config_.output.topic.value)
                              : Verdict::kReject;
  if (verdict == Verdict::kContinue) return {record::Outcome::kEmitted, std::move(run.outputs)};
  if (verdict == Verdict::kFilter) return {record::Outcome::kFiltered, std::move(run.outputs)};
  run.outputs.push_back({run.letter_topic, run.rule, key, std::string(value)});
  return {record::Outcome::kDeadLettered, std::move(run.outputs)};
}

// Reads a record and holds it against the schema: the rule that rejects it, or empty.
std::string Interpreter::check(std::string_view text, Value& record) const {
  Parsed parsed = parse(text, reject_duplicates_);
  const bool is_json = parsed.error.empty() || parsed.error == "parse:duplicate_member";
  record = std::move(parsed.value);
  if (is_json && config_.input.values == config::Values::kObjects && !record.is(Kind::kObject))
    return "parse:not_object";
  if (!parsed.error.empty()) return parsed.error;
  const std::optional<std::string> rule = schema_ ? broken_rule(*schema_, record) : std::nullopt;
  return rule ? "schema:" + *rule : "";
}

// The record, or a piece of one, through the steps from `step` on.
Verdict Interpreter::go(Run& run, Value record, size_t step, std::string topic) const {
  for (; step < config_.steps.size(); ++step) {
    const config::StepConfig& now = config_.steps[step];
    Verdict verdict = Verdict::kContinue;
    if (std::holds_alternative<config::ExplodeStep>(now.step)) {
      return explode(run, record, step, topic);
    }
    if (const auto* const emit = std::get_if<config::EmitStep>(&now.step)) {
      verdict = send(run, record, emit->topic.value, letter_topic_of(now));
    } else if (const auto* const route = std::get_if<config::RouteStep>(&now.step)) {
      const std::optional<std::string> routed = topic_of(*route, record, topic);
      if (!routed) return run.reject(rule_of(now), letter_topic_of(now));
      topic = *routed;
    } else {
      verdict = apply(now, reject_duplicates_, record);
      if (verdict == Verdict::kReject) run.reject(rule_of(now), letter_topic_of(now));
    }
    if (verdict != Verdict::kContinue) return verdict;
  }
  return send(run, record, topic, config_.dead_letters.topic.value);
}

// All pieces or, where one is rejected, none.
Verdict Interpreter::explode(Run& run, const Value& record, size_t step,
                             const std::string& topic) const {
  const config::StepConfig& config = config_.steps[step];
  const auto& explode = std::get<config::ExplodeStep>(config.step);
  const Value* const array = find(record, explode.field);
  if (array == nullptr || !array->is(Kind::kArray))
    return run.reject(rule_of(config), letter_topic_of(config));
  if (array->elements.empty()) {
    if (explode.empty == config::ExplodeStep::Empty::kFilter) return Verdict::kFilter;
    return run.reject(rule_of(config), letter_topic_of(config));
  }
  const size_t outputs_before = run.outputs.size();
  Verdict all = Verdict::kFilter;
  for (const Value& element : array->elements) {
    Value piece = element;
    if (explode.piece == config::ExplodeStep::Piece::kRecord) {
      piece = record;
      *find_to_change(piece, explode.field) = element;
    }
    const Verdict verdict = go(run, std::move(piece), step + 1, topic);
    if (verdict == Verdict::kReject) {
      run.outputs.resize(outputs_before);
      return verdict;
    }
    if (verdict == Verdict::kContinue) all = verdict;
  }
  return all;
}

Verdict Interpreter::send(Run& run, const Value& record, const std::string& topic,
                          const std::string& letter_topic) const {
  Output output{topic, "", run.key, ""};
  if (config_.output.key == config::OutputKey::kNone) output.key.reset();
  if (config_.output.key == config::OutputKey::kField) {
    const Value* const key = find(record, config_.output.key_field);
    if (key == nullptr || key->is(Kind::kNull)) return run.reject("output:key", letter_topic);
    output.key = content_of(*key);
  }
  output.value = config_.output.encoding == config::OutputEncoding::kSpaced
                     ? spaced(record)
                     : compact_record(record);
  run.outputs.push_back(std::move(output));
  return Verdict::kContinue;
}

std::string Interpreter::letter_topic_of(const config::StepConfig& step) const {
  return step.dead_letters ? step.dead_letters->value : config_.dead_letters.topic.value;
}

}  // namespace millrace::plan::testing::reference
