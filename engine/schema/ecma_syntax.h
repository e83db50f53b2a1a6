// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

// The syntax of ECMA-262 regular expressions under the flag u, as a tree; internal to this folder.
// Groups do not capture here and laziness is dropped: what counts is whether a text matches.
namespace millrace::schema {

struct CodeRange {
  char32_t first = 0;
  char32_t last = 0;
};

// A set of characters.
struct CharacterSet {
  bool negated = false;
  std::vector<CodeRange> ranges = {};
  std::vector<std::string> properties = {};  // as RE2 writes them inside brackets: \p{Greek}, \P{L}
};

constexpr uint32_t kUnbounded = std::numeric_limits<uint32_t>::max();

struct PatternNode {
  enum class Kind : uint8_t {
    kSequence,  // of the children; without any it matches the empty text
    kChoice,    // one of the children
    kRepeat,    // the only child, `least` to `most` times
    kSet,       // one character of `set`
    kTextStart,
    kTextEnd,
    kWordBoundary,
    kNotWordBoundary,
  };

  Kind kind = Kind::kSequence;
  std::vector<PatternNode> children = {};
  CharacterSet set = {};
  uint32_t least = 0;
  uint32_t most = 0;  // kUnbounded: no bound
};

struct ParsedPattern {
  PatternNode root;
  // The first construct that is right but cannot be run here, with its offset; empty without one.
  std::string unsupported;
};

// Patterns longer than this, in bytes, are refused, as are groups nested deeper than this.
constexpr size_t kPatternMax = size_t{64} << 10;
constexpr size_t kGroupDepthMax = 100;

// An error names the first mistake and its offset in bytes.
[[nodiscard]] base::Result<ParsedPattern> parse_ecma_pattern(std::string_view pattern);

}  // namespace millrace::schema
