// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/ids.h"

namespace millrace::state {

// The key of a record of the state topic: "GROUP/TOPIC/PARTITION" for a manifest, and
// "GROUP/TOPIC/PARTITION/CHUNK/INSIGHT" for a chunk, 0 being the first of an insight. The group
// stands there with '%' as "%25" and '/' as "%2F", and topics have no slashes: so no two groups
// share a key, whatever they are called, and of another group's keys nothing is read.
//
// A value of more than kPieceBytes goes into several records, so that none is too large for Kafka,
// whatever the keys of an insight are: behind the last number, PARTITION or CHUNK, the second one's
// key has ".1", the third one's ".2".
struct StateKey {
  static constexpr size_t kPieceBytes = size_t{512} << 10;

  base::TopicPartition id = {};  // of the input
  std::optional<uint32_t> chunk = {};
  std::string insight = {};  // its name; empty for a manifest
  uint32_t piece = 0;

  [[nodiscard]] std::string to_text(std::string_view group) const;
  [[nodiscard]] static std::optional<StateKey> parse(std::string_view group, std::string_view text);

  auto operator<=>(const StateKey&) const = default;
};

// How many records a value of so many bytes takes.
[[nodiscard]] constexpr size_t piece_count(uint64_t bytes) {
  return static_cast<size_t>(bytes / StateKey::kPieceBytes) +
         (bytes % StateKey::kPieceBytes == 0 ? 0 : 1);
}

// The partition of the state topic that an input partition's state is written to. Requires: the
// topic has partitions.
[[nodiscard]] int32_t log_partition(const base::TopicPartition& input, int32_t log_partitions);

}  // namespace millrace::state
