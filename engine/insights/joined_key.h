// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "engine/insights/equal_short.h"

namespace millrace::insights {

// A key of one field is the field's value. A key of several fields is *joined*: each value behind
// its length, so that no two keys share their bytes, and the first values of a key are a prefix of
// it.

// Joins into `room`, which grows where it has to and never shrinks. Lifetime of what is returned:
// until `room` changes.
[[nodiscard]] std::string_view join_key(std::span<const std::string_view> values,
                                        std::vector<char>& room);

// Whether these values make this joined key. Says no of values of 128 bytes and more.
[[nodiscard, gnu::always_inline]] inline bool is_joined(std::string_view key,
                                                        std::span<const std::string_view> values) {
  const char* at = key.data();
  size_t left = key.size();
  for (const std::string_view value : values) {
    // (The first byte of a longer length is below zero, which is no size.)
    if (left <= value.size()) return false;
    if (static_cast<size_t>(static_cast<signed char>(*at)) != value.size()) return false;
    if (!equal_short(at + 1, value.data(), value.size())) return false;
    at += 1 + value.size();
    left -= 1 + value.size();
  }
  return left == 0;
}

// Whether these bytes are a joined key of as many values: for bytes that come from elsewhere.
[[nodiscard]] bool is_joined_key(std::string_view bytes, size_t values);

// The same of a table's key.
[[nodiscard]] bool is_key(std::string_view bytes, size_t fields);

// The values of a joined key, its inverse. Requires: a joined key of as many values.
[[nodiscard]] std::vector<std::string_view> split_key(std::string_view joined, size_t values);

// The first `values` values of a joined key, joined. Requires: it has as many.
[[nodiscard]] std::string_view first_values(std::string_view joined, size_t values);

// The values of a table's key. Lifetime: the key's.
[[nodiscard]] std::vector<std::string_view> values_of(std::string_view key, size_t fields);

// The first value of a table's key. Lifetime: the key's.
[[nodiscard]] std::string_view first_value(std::string_view key, size_t fields);

// Whether a table's key comes before another of its keys by the bytes of their values, the first
// field deciding first.
[[nodiscard]] bool comes_before(std::string_view a, std::string_view b, size_t fields);

}  // namespace millrace::insights
