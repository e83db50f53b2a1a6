// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/insights/number.h"

namespace millrace::insights {

// A measured number, for people: as many digits as mean something.
[[nodiscard]] std::string measured(double number);

// A number as it is, integers with their thousands separated.
[[nodiscard]] std::string number_text(const Number& number);

}  // namespace millrace::insights
