// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"

namespace millrace::state {

// The closing record of a state: written last, in the same transaction as the chunks that changed.
// Only what it names is valid.
//
// Bytes: the format's version (1), the hash of the body and its size, and the body: the members in
// this order (insights/encoding.h).
struct Manifest {
  static constexpr uint64_t kVersion = 1;

  struct Chunk {
    uint64_t hash = 0;   // stable_hash of its bytes; 0 where there are none
    uint64_t bytes = 0;  // 0: it holds nothing, and is not in the topic

    bool operator==(const Chunk&) const = default;
  };

  struct Insight {
    std::string name;
    // insights::Insight::definition when it was counted. Empty: what the topic has is not to be
    // relied upon, and all of it is written anew.
    std::string definition;
    std::string counts;         // insights::State::save_insight()
    std::vector<Chunk> chunks;  // a power of two

    bool operator==(const Insight&) const = default;
  };

  base::Offset end = {};    // the state covers the input up to here
  int64_t written_ms = 0;   // Unix time in milliseconds
  std::string counts = {};  // insights::State::save_counts()
  std::vector<Insight> insights = {};

  // Null where there is none.
  [[nodiscard]] const Insight* find(std::string_view name) const;

  // Requires: `end` is valid, and what is said above.
  [[nodiscard]] std::string to_bytes() const;

  // Nothing: damaged, or of a version that is not known (`version` says which; 0 where the bytes
  // do not even say that). Bytes behind the manifest's end are not looked at.
  [[nodiscard]] static std::optional<Manifest> parse(std::string_view bytes, uint64_t& version);

  bool operator==(const Manifest&) const = default;
};

}  // namespace millrace::state
