// SPDX-License-Identifier: Apache-2.0
#include "engine/state/partition_records.h"

#include <utility>

namespace millrace::state {

void PartitionRecords::add(const StateKey& key, std::optional<std::string_view> value) {
  Place place(key.insight, key.chunk, key.piece);
  if (value) {
    values_[std::move(place)] = *value;
  } else {
    values_.erase(place);
  }
}

std::string PartitionRecords::take(const std::string& insight, std::optional<uint32_t> chunk) {
  std::string bytes;
  for (uint32_t piece = 0;; ++piece) {
    const auto found = values_.find({insight, chunk, piece});
    if (found == values_.end()) return bytes;
    if (piece == 0) {
      bytes = std::move(found->second);
    } else {
      bytes += found->second;
    }
    values_.erase(found);
  }
}

}  // namespace millrace::state
