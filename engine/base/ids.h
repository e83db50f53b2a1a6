// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace millrace::base {

// The position of a record in a partition. kInvalid means "none yet".
//
// Ranges of offsets are half open everywhere: [first, next), next being the offset that a commit
// of the range would carry.
struct Offset {
  static constexpr int64_t kInvalid = -1;

  int64_t value = kInvalid;

  [[nodiscard]] bool valid() const { return value >= 0; }

  [[nodiscard]] Offset next() const { return Offset{value + 1}; }

  auto operator<=>(const Offset&) const = default;
};

// One partition of one topic, by name.
struct TopicPartition {
  std::string topic;
  int32_t partition = 0;

  auto operator<=>(const TopicPartition&) const = default;
};

}  // namespace millrace::base
