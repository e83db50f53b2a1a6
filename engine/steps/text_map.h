// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

// Tables of texts that a plan fills once and records are looked up in, without making a std::string
// of what is looked up.
namespace millrace::steps {

struct TextHash {
  using is_transparent = void;

  size_t operator()(std::string_view text) const noexcept {
    return std::hash<std::string_view>{}(text);
  }
};

// A to Z count as a to z; all other bytes as they are.
[[nodiscard]] constexpr char folded(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept;

struct FoldedHash {
  using is_transparent = void;

  size_t operator()(std::string_view text) const noexcept {
    uint64_t hash = 0xCBF29CE484222325;  // FNV-1a
    for (const char c : text)
      hash = (hash ^ static_cast<unsigned char>(folded(c))) * uint64_t{0x100000001B3};
    return static_cast<size_t>(hash);
  }
};

struct FoldedEqual {
  using is_transparent = void;

  bool operator()(std::string_view left, std::string_view right) const noexcept {
    return equal_ignoring_case(left, right);
  }
};

template <typename Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;
using TextSet = std::unordered_set<std::string, TextHash, std::equal_to<>>;
using FoldedTextSet = std::unordered_set<std::string, FoldedHash, FoldedEqual>;

}  // namespace millrace::steps
