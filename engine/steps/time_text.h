// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace::steps {

// Unix seconds of 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: what RFC 3339 can write.
inline constexpr int64_t kUnixSecondsMin = -62'135'596'800;
inline constexpr int64_t kUnixSecondsMax = 253'402'300'799;

// "2024-07-10T23:47:48Z"
inline constexpr size_t kRfc3339Bytes = 20;

// Writes kRfc3339Bytes bytes, UTC. Requires: the time lies within the bounds above.
void write_rfc3339(int64_t unix_seconds, char* to) noexcept;

}  // namespace millrace::steps
