// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/config/pipeline_config.h"

namespace millrace::app {

// Whether the pipeline commits by transactions.
[[nodiscard]] bool uses_transactions(const config::PipelineConfig& config);

// By what the brokers know the producer that commits: stable where the copy has a name
// (`instance`), so that a restart ends what its predecessor left open; else it ends in `unique`.
// The slash keeps pipeline a-b, copy c, and pipeline a, copy b-c, apart: names have none.
[[nodiscard]] std::string transactional_id(const config::PipelineConfig& config,
                                           const std::string& unique);

// 16 hexadecimal digits that no other copy has.
[[nodiscard]] std::string unique_name();

}  // namespace millrace::app
