// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace millrace::record {

// What became of a record. Every record gets exactly one, final when process ends.
enum class Outcome : uint8_t {
  kNone = 0,  // not processed yet
  kEmitted,
  kFiltered,
  kDeadLettered,
};

}  // namespace millrace::record
