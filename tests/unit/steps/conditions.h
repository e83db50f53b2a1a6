// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/condition.h"
#include "tests/unit/steps/step_runner.h"

// Conditions as tests write them.
namespace millrace::steps {

[[nodiscard]] inline config::Condition test_of(std::string_view field, config::ConditionTest test) {
  config::Condition condition;
  condition.kind = config::Condition::Kind::kTest;
  condition.field = field_path(field);
  condition.test = std::move(test);
  return condition;
}

[[nodiscard]] inline config::Condition equals(std::string_view field, std::string json) {
  return test_of(field, config::EqualsTest{{std::move(json)}});
}

[[nodiscard]] inline config::Condition at_least(std::string_view field, std::string number) {
  return test_of(field,
                 config::CompareTest{config::CompareTest::Operation::kAtLeast, std::move(number)});
}

[[nodiscard]] inline config::Condition version_at_least(std::string_view field,
                                                        std::string version) {
  return test_of(field,
                 config::VersionTest{
                     config::VersionTest::Operation::kAtLeast, {std::move(version), {}}, false});
}

[[nodiscard]] inline config::Condition combined(config::Condition::Kind kind,
                                                std::vector<config::Condition> parts) {
  config::Condition condition;
  condition.kind = kind;
  condition.parts = std::move(parts);
  return condition;
}

[[nodiscard]] inline config::Condition all_of(std::vector<config::Condition> parts) {
  return combined(config::Condition::Kind::kAll, std::move(parts));
}

[[nodiscard]] inline config::Condition any_of(std::vector<config::Condition> parts) {
  return combined(config::Condition::Kind::kAny, std::move(parts));
}

[[nodiscard]] inline config::Condition not_of(config::Condition part) {
  return combined(config::Condition::Kind::kNot, {std::move(part)});
}

}  // namespace millrace::steps
