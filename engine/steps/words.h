// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace millrace::steps {

// The beginning of a long text, ending in "…": for descriptions of plans.
[[nodiscard]] std::string shortened(const std::string& text);

}  // namespace millrace::steps
