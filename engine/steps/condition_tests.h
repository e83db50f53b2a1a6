// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engine/config/condition.h"
#include "engine/steps/compile.h"
#include "engine/steps/step.h"

// The tests that a condition is made of, one compile function per kind. `condition` is the one that
// the test stands in, for its field and its place. nullptr where there were problems.
namespace millrace::steps {

using CompiledCondition = std::unique_ptr<const Condition>;

// Always decided: false where the value is absent or of another kind.
[[nodiscard]] CompiledCondition compile_test(const config::EqualsTest& test,
                                             const config::Condition& condition,
                                             CompileContext& context);
[[nodiscard]] CompiledCondition compile_test(const config::InIgnoreCaseTest& test,
                                             const config::Condition& condition,
                                             CompileContext& context);
[[nodiscard]] CompiledCondition compile_test(const config::MatchesTest& test,
                                             const config::Condition& condition,
                                             CompileContext& context);
[[nodiscard]] CompiledCondition compile_test(const config::ExistsTest& test,
                                             const config::Condition& condition,
                                             CompileContext& context);
[[nodiscard]] CompiledCondition compile_test(const config::IsNullTest& test,
                                             const config::Condition& condition,
                                             CompileContext& context);

// Undecided where the value is absent or cannot be compared.
[[nodiscard]] CompiledCondition compile_test(const config::CompareTest& test,
                                             const config::Condition& condition,
                                             CompileContext& context);
[[nodiscard]] CompiledCondition compile_test(const config::VersionTest& test,
                                             const config::Condition& condition,
                                             CompileContext& context);
[[nodiscard]] CompiledCondition compile_test(const config::IpInTest& test,
                                             const config::Condition& condition,
                                             CompileContext& context);

}  // namespace millrace::steps
