// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/constant.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/limits.h"
#include "engine/record/names.h"
#include "engine/steps/made_value.h"

namespace millrace::steps {
namespace {

// Containers inside each other. Requires: no deeper than a record may be.
size_t depth_of(const record::Document& document, record::NodeIndex value) {
  const record::ValueKind kind = document.node(value).value.kind;
  if (kind != record::ValueKind::kObject && kind != record::ValueKind::kArray) return 0;
  size_t inside = 0;
  for (auto child = document.first_child(value); child != record::kNoNode;
       child = document.next_child(child))
    inside = std::max(inside, depth_of(document, child));
  return inside + 1;
}

}  // namespace

std::optional<Constant> Constant::compile(const std::string& json, const Field& field,
                                          const config::Place& place, StepCompiler& compiler) {
  const record::NameTable names;
  record::Document document(names, {.reject_duplicates = true, .objects_only = false});
  const record::ParseError error = document.parse(json);
  if (error != record::ParseError::kNone) {
    compiler.problem(place, fmt::format("the value for '{}' cannot be used: {}", field.text(),
                                        record::describe(error)));
    return std::nullopt;
  }
  const size_t depth = field.path().segments.size() + depth_of(document, document.root());
  if (depth > base::limits::kJsonDepthMax) {
    compiler.problem(place,
                     fmt::format("the value for '{}' would be {} levels deep; {} are allowed",
                                 field.text(), depth, base::limits::kJsonDepthMax));
    return std::nullopt;
  }
  // The text of the value alone, without white space around it.
  return Constant(std::string(document.node(document.root()).value.text));
}

void Constant::put(record::Document& document, record::NodeIndex at) const noexcept {
  const record::ParseError error = steps::put(document, at, value_of(json_));
  MILLRACE_CHECK(error == record::ParseError::kNone);  // compile() made sure
}

}  // namespace millrace::steps
