// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/base/ids.h"

namespace millrace::insights {

// Which offsets a state is about: end - begin = records + gaps + jumped.
struct Coverage {
  base::Offset begin;  // invalid: none yet
  base::Offset end;
  uint64_t records = 0;
  uint64_t gaps = 0;   // offsets without a record
  int64_t jumped = 0;  // offsets that were passed without being looked at; back: negative
};

}  // namespace millrace::insights
