// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace millrace::schema {

// The built-in metaschema at this absolute URI without a fragment, as JSON text that lives as long
// as the program: those of draft 2020-12 (schema and vocabularies) and of draft-07. Draft-07's is
// found with http and without a trailing '#', as split_fragment() leaves it.
[[nodiscard]] std::optional<std::string_view> metaschema(std::string_view uri) noexcept;

}  // namespace millrace::schema
