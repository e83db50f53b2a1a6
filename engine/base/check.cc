// SPDX-License-Identifier: Apache-2.0
#include "engine/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace millrace::base {

void check_failed(const char* condition, const char* file, int line) noexcept {
  // Not through the logger: whatever broke may have broken that too.
  std::fprintf(stderr, "millrace: internal error: %s does not hold at %s:%d\n", condition, file,
               line);
  std::abort();
}

}  // namespace millrace::base
