// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/text_map.h"

#include <algorithm>

namespace millrace::steps {

bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return folded(a) == folded(b); });
}

}  // namespace millrace::steps
