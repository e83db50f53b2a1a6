// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/record/document.h"
#include "engine/schema/evaluator.h"
#include "engine/schema/program.h"

// What a dead letter says of a value that broke a rule, in the words of the readers that this
// program replaces (Python's jsonschema 4.2x). Sentences hold the value; they are bounded, however
// long the value and the schema are.
namespace millrace::schema {

// Of a clause that is decided by one value and nothing else.
[[nodiscard]] std::string describe_failure(const Program& program, const Clause& clause,
                                           const record::Node& value, Evaluator& evaluator);

[[nodiscard]] std::string describe_missing(const Program& program, record::NameId name);

[[nodiscard]] std::string describe_dependency(const Program& program, record::NameId needed,
                                              record::NameId trigger);

// `patterns`: of patternProperties, where the schema has them.
[[nodiscard]] std::string describe_additional(const std::vector<const record::Node*>& members,
                                              const std::vector<const record::Node*>& patterns);

// Elements behind the `prefix_size` that have schemas of their own.
[[nodiscard]] std::string describe_extra_items(const std::vector<const record::Node*>& elements,
                                               size_t prefix_size, bool draft7);

[[nodiscard]] std::string describe_unevaluated(const std::vector<const record::Node*>& children,
                                               bool are_members, bool schema_is_false);

[[nodiscard]] std::string describe_matches(const record::Node& array, uint64_t matches,
                                           const Contains& contains, bool draft7);

}  // namespace millrace::schema
