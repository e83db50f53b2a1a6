// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::insights {

// A hash that is the same in every process, version and machine, as it decides what durable state
// looks like: XXH3 with 64 bits and no seed. Anybody can make keys that collide; where that would
// cost time, a table uses its own hash (KeyCounts).
[[nodiscard]] uint64_t stable_hash(std::string_view key);

}  // namespace millrace::insights
