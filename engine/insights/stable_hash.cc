// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/stable_hash.h"

// The header alone: no library to link or to install, and short keys are hashed without a call.
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace millrace::insights {

uint64_t stable_hash(std::string_view key) {
  return XXH3_64bits(key.data(), key.size());
}

}  // namespace millrace::insights
