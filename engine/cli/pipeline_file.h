// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "engine/app/pipeline.h"

namespace millrace::cli {

// Compiles the file as `run` does, and prints its problems to stderr; null where one is an error.
[[nodiscard]] std::unique_ptr<app::Pipeline> load_pipeline(const std::string& file);

}  // namespace millrace::cli
