// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "engine/config/place.h"
#include "engine/steps/compile.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace millrace::steps {

// Compiles a pattern of RE2's syntax on UTF-8. nullptr, and a problem that names the pattern, where
// RE2 cannot.
[[nodiscard]] std::unique_ptr<const re2::RE2> compile_pattern(const config::Text& pattern,
                                                              CompileContext& context);

}  // namespace millrace::steps
