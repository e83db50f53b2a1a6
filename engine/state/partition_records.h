// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "engine/state/state_key.h"

namespace millrace::state {

// What the state topic holds of one input partition: the newest value of each key. Filled while the
// topic is read, then used up: what is taken is kept no longer.
//
// Threading: one owner at a time.
class PartitionRecords {
 public:
  // The next record in the topic's order; no value: a tombstone.
  void add(const StateKey& key, std::optional<std::string_view> value);

  // The pieces of a value together, as many as follow each other; empty where there is none.
  [[nodiscard]] std::string take_manifest() { return take({}, std::nullopt); }

  [[nodiscard]] std::string take_chunk(const std::string& insight, uint32_t chunk) {
    return take(insight, chunk);
  }

  [[nodiscard]] bool empty() const { return values_.empty(); }

 private:
  using Place = std::tuple<std::string, std::optional<uint32_t>, uint32_t>;  // the last: the piece

  [[nodiscard]] std::string take(const std::string& insight, std::optional<uint32_t> chunk);

  std::map<Place, std::string> values_;
};

}  // namespace millrace::state
