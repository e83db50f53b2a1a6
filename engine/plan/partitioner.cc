// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/partitioner.h"

#include <cstddef>
#include <cstring>

namespace millrace::plan {

uint32_t murmur2(std::string_view key) noexcept {
  constexpr uint32_t kSeed = 0x9747b28c;
  constexpr uint32_t kMultiplier = 0x5bd1e995;
  constexpr int kShift = 24;

  uint32_t hash = kSeed ^ static_cast<uint32_t>(key.size());
  size_t at = 0;
  for (; at + 4 <= key.size(); at += 4) {
    uint32_t word;
    std::memcpy(&word, key.data() + at, sizeof word);  // little endian, as in Java's version
    word *= kMultiplier;
    word ^= word >> kShift;
    word *= kMultiplier;
    hash *= kMultiplier;
    hash ^= word;
  }
  const auto byte = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<unsigned char>(key[at + i]));
  };
  switch (key.size() - at) {
    case 3:
      hash ^= byte(2) << 16;
      [[fallthrough]];
    case 2:
      hash ^= byte(1) << 8;
      [[fallthrough]];
    case 1:
      hash ^= byte(0);
      hash *= kMultiplier;
      break;
    default:
      break;
  }
  hash ^= hash >> 13;
  hash *= kMultiplier;
  hash ^= hash >> 15;
  return hash;
}

int32_t output_partition(record::Bytes key, int32_t input_partition, int32_t count) noexcept {
  if (count == 1) return 0;
  if (key.null()) return input_partition % count;
  return static_cast<int32_t>(murmur2(key.view()) & 0x7fffffffU) % count;
}

}  // namespace millrace::plan
