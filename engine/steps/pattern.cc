// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/pattern.h"

#include <re2/re2.h>

#include <fmt/format.h>

namespace millrace::steps {

std::unique_ptr<const re2::RE2> compile_pattern(const config::Text& pattern,
                                                CompileContext& context) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto compiled = std::make_unique<const re2::RE2>(pattern.value, options);
  if (compiled->ok()) return compiled;
  context.problems.push_back({pattern.place, fmt::format("the pattern '{}' cannot be used: {}",
                                                         pattern.value, compiled->error())});
  return nullptr;
}

}  // namespace millrace::steps
