// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/config/condition.h"

namespace millrace::config {

// Two conditions have the same key where they are written the same: the same tests, in the same
// order, of the same values. (Others may mean the same all the same.)
[[nodiscard]] std::string condition_key(const Condition& condition);

}  // namespace millrace::config
