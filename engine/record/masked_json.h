// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "engine/record/document.h"

namespace millrace::record {

// What a record looks like, without its content: its structure, the member names that a plan
// mentions, and `true`, `false` and `null`. A string becomes "•••", whatever its length, a name
// that no plan mentions too (it may be a value: objects are used as maps); of a number each digit
// becomes 0. Cut to `bytes_max` bytes, then "…". Requires: a parsed document.
[[nodiscard]] std::string masked_json(const Document& document, size_t bytes_max);

}  // namespace millrace::record
