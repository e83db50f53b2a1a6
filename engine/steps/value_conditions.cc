// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <re2/re2.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/record/value_text.h"
#include "engine/steps/condition_tests.h"
#include "engine/steps/field.h"
#include "engine/steps/json_constant.h"
#include "engine/steps/pattern.h"
#include "engine/steps/text_map.h"
#include "engine/steps/value_set.h"

namespace millrace::steps {
namespace {

using record::ValueKind;

Truth truth(bool holds) noexcept {
  return holds ? Truth::kTrue : Truth::kFalse;
}

Field field_of(const config::Condition& condition, CompileContext& context) {
  return Field(compile_path(condition.field, context.names));
}

class EqualsCondition final : public Condition {
 public:
  EqualsCondition(Field field, JsonConstant value)
      : field_(std::move(field)), value_(std::move(value)) {}

  Truth test(const record::Document& document, StepContext& context) const noexcept override {
    const record::NodeIndex node = field_.find(document);
    return truth(node != record::kNoNode && value_.equals(document, node, context.scratch));
  }

  bool may_be_undecided() const noexcept override { return false; }

 private:
  Field field_;
  JsonConstant value_;
};

class InCondition final : public Condition {
 public:
  InCondition(Field field, std::vector<JsonConstant> values)
      : field_(std::move(field)), values_(std::move(values)) {}

  Truth test(const record::Document& document, StepContext& context) const noexcept override {
    const record::NodeIndex node = field_.find(document);
    return truth(node != record::kNoNode && values_.contains(document, node, context.scratch));
  }

  bool may_be_undecided() const noexcept override { return false; }

 private:
  Field field_;
  ValueSet values_;
};

class InIgnoreCaseCondition final : public Condition {
 public:
  InIgnoreCaseCondition(Field field, const std::vector<std::string>& texts)
      : field_(std::move(field)), texts_(texts.begin(), texts.end()) {}

  Truth test(const record::Document& document, StepContext& context) const noexcept override {
    const record::NodeIndex node = field_.find(document);
    if (node == record::kNoNode) return Truth::kFalse;
    const record::JsonValue& value = document.node(node).value;
    return truth(value.kind == ValueKind::kString &&
                 texts_.contains(record::content(value, context.scratch)));
  }

  bool may_be_undecided() const noexcept override { return false; }

 private:
  Field field_;
  FoldedTextSet texts_;
};

class MatchesCondition final : public Condition {
 public:
  MatchesCondition(Field field, std::unique_ptr<const re2::RE2> pattern)
      : field_(std::move(field)), pattern_(std::move(pattern)) {}

  Truth test(const record::Document& document, StepContext& context) const noexcept override {
    const record::NodeIndex node = field_.find(document);
    if (node == record::kNoNode) return Truth::kFalse;
    const record::JsonValue& value = document.node(node).value;
    if (value.kind != ValueKind::kString) return Truth::kFalse;
    const std::string_view text = record::content(value, context.scratch);
    // Spelled out, as not every RE2 takes a std::string_view (Debian 13's is built without).
    return truth(re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *pattern_));
  }

  bool may_be_undecided() const noexcept override { return false; }

 private:
  Field field_;
  std::unique_ptr<const re2::RE2> pattern_;
};

class ExistsCondition final : public Condition {
 public:
  ExistsCondition(Field field, bool exists) : field_(std::move(field)), exists_(exists) {}

  Truth test(const record::Document& document, StepContext& /*context*/) const noexcept override {
    return truth((field_.find(document) != record::kNoNode) == exists_);
  }

  bool may_be_undecided() const noexcept override { return false; }

 private:
  Field field_;
  bool exists_;
};

class IsNullCondition final : public Condition {
 public:
  IsNullCondition(Field field, bool is_null) : field_(std::move(field)), is_null_(is_null) {}

  Truth test(const record::Document& document, StepContext& /*context*/) const noexcept override {
    const record::NodeIndex node = field_.find(document);
    const bool null = node != record::kNoNode && document.node(node).value.kind == ValueKind::kNull;
    return truth(null == is_null_);
  }

  bool may_be_undecided() const noexcept override { return false; }

 private:
  Field field_;
  bool is_null_;
};

}  // namespace

CompiledCondition compile_test(const config::EqualsTest& test, const config::Condition& condition,
                               CompileContext& context) {
  std::vector<JsonConstant> values;
  for (const std::string& json : test.values) {
    std::optional<JsonConstant> value = JsonConstant::parse(json);
    if (!value) {
      context.problems.push_back({condition.place, fmt::format("{} is not valid JSON", json)});
      return nullptr;
    }
    values.push_back(std::move(*value));
  }
  Field field = field_of(condition, context);
  if (values.size() == 1)
    return std::make_unique<EqualsCondition>(std::move(field), std::move(values.front()));
  return std::make_unique<InCondition>(std::move(field), std::move(values));
}

CompiledCondition compile_test(const config::InIgnoreCaseTest& test,
                               const config::Condition& condition, CompileContext& context) {
  return std::make_unique<InIgnoreCaseCondition>(field_of(condition, context), test.texts);
}

CompiledCondition compile_test(const config::MatchesTest& test, const config::Condition& condition,
                               CompileContext& context) {
  auto pattern = compile_pattern(test.pattern, context);
  if (pattern == nullptr) return nullptr;
  return std::make_unique<MatchesCondition>(field_of(condition, context), std::move(pattern));
}

CompiledCondition compile_test(const config::ExistsTest& test, const config::Condition& condition,
                               CompileContext& context) {
  return std::make_unique<ExistsCondition>(field_of(condition, context), test.exists);
}

CompiledCondition compile_test(const config::IsNullTest& test, const config::Condition& condition,
                               CompileContext& context) {
  return std::make_unique<IsNullCondition>(field_of(condition, context), test.is_null);
}

}  // namespace millrace::steps
