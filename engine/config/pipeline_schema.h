// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace millrace::config {

// A JSON Schema (draft 2020-12) of the pipeline's file itself, for editors: the text of
// pipeline.schema.json, built into the program. It knows every key that load() knows; what it says
// of values is looser in places, for ${…} may stand in each of them.
[[nodiscard]] std::string_view pipeline_schema();

}  // namespace millrace::config
