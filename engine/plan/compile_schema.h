// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "engine/config/pipeline_config.h"
#include "engine/record/names.h"
#include "engine/schema/schema.h"

namespace millrace::plan {

// Compiles the configuration's schema. Documents that it refers to come from the folders of
// `schema_sources`, and from beside the schema's own file; nothing is ever fetched. What is wrong
// goes to `problems`, with its place in the file. Requires: config.schema. nullptr on an error.
[[nodiscard]] std::unique_ptr<const schema::Schema> compile_schema(
    const config::PipelineConfig& config, record::NameTable& names,
    std::vector<config::Problem>& problems);

}  // namespace millrace::plan
