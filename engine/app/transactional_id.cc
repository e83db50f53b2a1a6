// SPDX-License-Identifier: Apache-2.0
#include "engine/app/transactional_id.h"

#include <cstdint>
#include <random>

#include <fmt/format.h>

namespace millrace::app {

bool uses_transactions(const config::PipelineConfig& config) {
  return config.delivery.guarantee == config::Guarantee::kExactlyOnce || config.state.durable;
}

std::string transactional_id(const config::PipelineConfig& config, const std::string& unique) {
  const bool exactly_once = config.delivery.guarantee == config::Guarantee::kExactlyOnce;
  return fmt::format("{}/{}{}", config.pipeline.value,
                     config.instance ? config.instance->value : unique,
                     exactly_once ? "" : "/offsets");
}

std::string unique_name() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", uint32_t{random()}, uint32_t{random()});
}

}  // namespace millrace::app
