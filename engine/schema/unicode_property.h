// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "engine/schema/ecma_syntax.h"

namespace millrace::schema {

// The characters that ECMA-262's \p{TEXT} stands for, where TEXT is what stands between the braces
// ("Letter", "Script=Greek"); nothing where RE2 does not know such a property. Internal to this
// folder.
[[nodiscard]] std::optional<CharacterSet> unicode_property(std::string_view text);

}  // namespace millrace::schema
