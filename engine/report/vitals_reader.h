// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "engine/base/result.h"
#include "engine/report/vitals.h"

namespace millrace::report {

// The vitals that to_json() made, here or in another process of another version: members that are
// unknown are passed over, members that are missing stay as they are in Vitals{}. Of alerts there
// are names, states and values. An error is a sentence that has nothing of the text in it. The text
// may be anything: what comes out has at most as many elements as the text has, and names are as
// they came (control characters included).
[[nodiscard]] base::Result<Vitals> read_vitals(std::string_view json);

}  // namespace millrace::report
