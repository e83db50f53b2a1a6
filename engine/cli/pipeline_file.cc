// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/pipeline_file.h"

#include <cstdio>

#include <fmt/format.h>

namespace millrace::cli {

std::unique_ptr<app::Pipeline> load_pipeline(const std::string& file) {
  auto pipeline = std::make_unique<app::Pipeline>(app::compile_file(file));
  for (const config::Problem& problem : pipeline->problems)
    fmt::print(stderr, "{}\n", config::to_string(problem));
  if (pipeline->plan == nullptr) return nullptr;
  return pipeline;
}

}  // namespace millrace::cli
