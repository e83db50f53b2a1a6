// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/insights/equal_short.h"
#include "engine/insights/joined_key.h"
#include "engine/insights/key_counts.h"

namespace millrace::insights {

// Where a table of few keys has those that were added last, by what can be seen of a key's values
// at once: so most records need neither a joined key nor a hash. What is found is always compared,
// so that nothing has to be forgotten when the table is cleared.
//
// Threading: one owner at a time.
class RecentKeys {
 public:
  // Tables with more keys are not worth a look.
  static constexpr size_t kFew = 64;

  // The entry of the key with these values, or kNone where it is not known.
  [[nodiscard, gnu::always_inline]] size_t find(std::span<const std::string_view> values,
                                                const KeyCounts& keys) const {
    const size_t entry = entries_[place_of(values)];
    const std::span<const KeyCounts::Entry> entries = keys.entries();
    if (entry >= entries.size()) return KeyCounts::kNone;
    const std::string_view key = entries[entry].key;
    if (values.size() > 1) return is_joined(key, values) ? entry : KeyCounts::kNone;
    const bool same =
        key.size() == values[0].size() && equal_short(key.data(), values[0].data(), key.size());
    return same ? entry : KeyCounts::kNone;
  }

  // Requires: entry < kFew.
  void remember(std::span<const std::string_view> values, size_t entry) {
    entries_[place_of(values)] = static_cast<uint8_t>(entry);
  }

 private:
  [[nodiscard]] static size_t place_of(std::span<const std::string_view> values) {
    size_t place = 0;
    for (const std::string_view value : values) {
      if (value.empty()) continue;
      place = 5 * place + value.size() + static_cast<unsigned char>(value.front()) +
              3 * size_t{static_cast<unsigned char>(value.back())};
    }
    return place % kFew;
  }

  std::array<uint8_t, kFew> entries_{};
};

}  // namespace millrace::insights
