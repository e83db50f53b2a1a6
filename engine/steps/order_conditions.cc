// SPDX-License-Identifier: Apache-2.0
#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "engine/record/json_text.h"
#include "engine/record/value_text.h"
#include "engine/steps/condition_tests.h"
#include "engine/steps/field.h"
#include "engine/steps/ip_address.h"
#include "engine/steps/number.h"
#include "engine/steps/shown.h"
#include "engine/steps/version.h"

namespace millrace::steps {
namespace {

using record::ValueKind;

Truth truth(bool holds) noexcept {
  return holds ? Truth::kTrue : Truth::kFalse;
}

// A test that needs a value. A Test is called with the value and a scratch text; kPredicate says of
// a value that it cannot compare what is wrong.
template <typename Test>
class OrderCondition final : public Condition {
 public:
  template <typename... Arguments>
  explicit OrderCondition(Field field, Arguments&&... arguments)
      : field_(std::move(field)), test_(std::forward<Arguments>(arguments)...) {}

  Truth test(const record::Document& document, StepContext& context) const noexcept override {
    const record::NodeIndex node = field_.find(document);
    if (node == record::kNoNode) [[unlikely]]
      return absent(context);
    const Truth truth = test_(document.node(node).value, context.scratch);
    if (truth == Truth::kUndecided) [[unlikely]]
      explain(document, node, context);
    return truth;
  }

  bool may_be_undecided() const noexcept override { return true; }

 private:
  Truth absent(StepContext& context) const noexcept {
    context.value = record::kNoNode;
    context.reason_text.assign("'").append(field_.text()).append("' is absent");
    return Truth::kUndecided;
  }

  void explain(const record::Document& document, record::NodeIndex node,
               StepContext& context) const noexcept {
    context.value = node;
    context.reason_text.clear();
    append_shown(document, node, context);
    context.reason_text += Test::kPredicate;
  }

  Field field_;
  Test test_;
};

class CompareNumber {
 public:
  using Operation = config::CompareTest::Operation;
  static constexpr std::string_view kPredicate = " is not a number";

  CompareNumber(Operation operation, std::string number)
      : operation_(operation), text_(std::move(number)), number_(text_) {}

  CompareNumber(const CompareNumber&) = delete;
  CompareNumber& operator=(const CompareNumber&) = delete;

  Truth operator()(const record::JsonValue& value, std::string& /*scratch*/) const noexcept {
    if (value.kind != ValueKind::kNumber) return Truth::kUndecided;
    const int order = compare(Number(value.text), number_);
    switch (operation_) {
      case Operation::kLess:
        return truth(order < 0);
      case Operation::kAtMost:
        return truth(order <= 0);
      case Operation::kGreater:
        return truth(order > 0);
      case Operation::kAtLeast:
        return truth(order >= 0);
    }
    return Truth::kUndecided;
  }

 private:
  Operation operation_;
  std::string text_;
  Number number_;  // of text_
};

class CompareVersion {
 public:
  using Operation = config::VersionTest::Operation;
  static constexpr std::string_view kPredicate = " is not a version";

  CompareVersion(Operation operation, std::string version)
      : operation_(operation), version_(std::move(version)) {}

  Truth operator()(const record::JsonValue& value, std::string& scratch) const noexcept {
    if (value.kind != ValueKind::kString) return Truth::kUndecided;
    const std::string_view version = record::content(value, scratch);
    if (!is_version(version)) return Truth::kUndecided;
    const bool at_least = compare_versions(version, version_) >= 0;
    return truth(at_least == (operation_ == Operation::kAtLeast));
  }

 private:
  Operation operation_;
  std::string version_;
};

// Versions as any texts, in the order of their bytes.
class CompareText {
 public:
  using Operation = config::VersionTest::Operation;
  static constexpr std::string_view kPredicate = " is not a text";

  CompareText(Operation operation, std::string version)
      : operation_(operation), version_(std::move(version)) {}

  Truth operator()(const record::JsonValue& value, std::string& scratch) const noexcept {
    if (value.kind != ValueKind::kString) return Truth::kUndecided;
    const bool at_least = record::content(value, scratch) >= std::string_view(version_);
    return truth(at_least == (operation_ == Operation::kAtLeast));
  }

 private:
  Operation operation_;
  std::string version_;
};

class FindIp {
 public:
  static constexpr std::string_view kPredicate = " is not an IP address";

  explicit FindIp(IpNetworks networks) : networks_(std::move(networks)) {}

  Truth operator()(const record::JsonValue& value, std::string& scratch) const noexcept {
    if (value.kind != ValueKind::kString) return Truth::kUndecided;
    const std::optional<IpAddress> address = parse_ip(record::content(value, scratch));
    if (!address) return Truth::kUndecided;
    return truth(networks_.contains(*address));
  }

 private:
  IpNetworks networks_;
};

}  // namespace

CompiledCondition compile_test(const config::CompareTest& test, const config::Condition& condition,
                               CompileContext& context) {
  if (!record::is_json_number(test.number)) {
    context.problems.push_back({condition.place, fmt::format("'{}' is not a number", test.number)});
    return nullptr;
  }
  return std::make_unique<OrderCondition<CompareNumber>>(
      Field(compile_path(condition.field, context.names)), test.operation, test.number);
}

CompiledCondition compile_test(const config::VersionTest& test, const config::Condition& condition,
                               CompileContext& context) {
  Field field(compile_path(condition.field, context.names));
  if (test.lexicographic) {
    return std::make_unique<OrderCondition<CompareText>>(std::move(field), test.operation,
                                                         test.version.value);
  }
  if (!is_version(test.version.value)) {
    context.problems.push_back(
        {test.version.place,
         fmt::format("'{}' is not a version: numbers with dots between, like 2.3.0",
                     test.version.value)});
    return nullptr;
  }
  return std::make_unique<OrderCondition<CompareVersion>>(std::move(field), test.operation,
                                                          test.version.value);
}

CompiledCondition compile_test(const config::IpInTest& test, const config::Condition& condition,
                               CompileContext& context) {
  IpNetworks networks;
  bool valid = true;
  for (const config::Text& network : test.networks) {
    if (networks.add(network.value)) continue;
    valid = false;
    context.problems.push_back(
        {network.place, fmt::format("'{}' is neither a network, like 10.0.0.0/8 or 2001:db8::/32, "
                                    "nor an IP address",
                                    network.value)});
  }
  if (!valid) return nullptr;
  networks.finish();
  return std::make_unique<OrderCondition<FindIp>>(
      Field(compile_path(condition.field, context.names)), std::move(networks));
}

}  // namespace millrace::steps
