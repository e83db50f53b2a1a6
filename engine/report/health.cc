// SPDX-License-Identifier: Apache-2.0
#include "engine/report/health.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/insights/text_table.h"

namespace millrace::report {

std::string_view name_of(Status status) {
  switch (status) {
    case Status::kHealthy:
      return "healthy";
    case Status::kWaiting:
      return "waiting";
    case Status::kUnhealthy:
      return "unhealthy";
  }
  return "unhealthy";
}

std::string to_sentence(const PartitionHealth& partition) {
  std::string text = fmt::format("{}/{} is {}: ", partition.id.topic, partition.id.partition,
                                 name_of(partition.status));
  if (partition.still_for >= std::chrono::seconds{1}) {
    text += fmt::format("not moved {}for {} s",
                        partition.position.valid()
                            ? fmt::format("from offset {} ", partition.position.value)
                            : std::string(),
                        partition.still_for / std::chrono::seconds{1});
    if (partition.lag.value_or(0) > 0)
      text += fmt::format(", {} offsets behind", insights::grouped(*partition.lag));
    text += ": ";
  }
  return text + partition.reason;
}

size_t Health::unhealthy_partitions() const {
  return static_cast<size_t>(
      std::count_if(partitions.begin(), partitions.end(),
                    [](const PartitionHealth& one) { return one.status == Status::kUnhealthy; }));
}

}  // namespace millrace::report
