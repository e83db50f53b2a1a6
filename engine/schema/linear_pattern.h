// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/schema/ecma_syntax.h"

// Patterns that need no automaton; internal to this folder.
namespace millrace::schema {

// A pattern that is one or a few sequences of (characters, least, most), where what a repeated item
// takes cannot be the beginning of what follows it. Then taking as many as possible is always
// right, one look at each byte decides, and there is nothing to go back for: `^[0-9]+\.[0-9]+$`,
// `^user-[a-f0-9-]{1,36}$`, `^(android|ios)$`, `[A-Z]`.
class LinearPattern {
 public:
  // Nothing where the pattern is not provably of that kind.
  [[nodiscard]] static std::optional<LinearPattern> from(const PatternNode& pattern);

  // Whether the pattern occurs anywhere in the text. Requires: text is UTF-8. Time is linear in
  // the text, times the number of alternatives (at most 8) or the length of a literal (at most 64).
  [[nodiscard]] bool found_in(std::string_view text) const noexcept;

 private:
  // Which characters above ASCII belong to an item.
  enum class Beyond : uint8_t { kNone, kAll, kAllButSeparators };

  // One item of a sequence.
  struct Item {
    std::array<uint64_t, 2> ascii{};
    Beyond beyond = Beyond::kNone;
    uint32_t least = 1;
    uint32_t most = 1;

    [[nodiscard]] bool has(unsigned char c) const noexcept {
      return c < 0x80 && (ascii[c >> 6U] >> (c & 63U) & 1U) != 0;
    }
  };

  // How a sequence is looked for.
  enum class Search : uint8_t {
    kAlways,    // it occurs in every text
    kLiteral,   // one text, bound to the start, the end, both or none
    kAnchored,  // items from the start of the text
    kRun,       // one item of fixed length anywhere
    kEnding,    // ASCII items of fixed length at the end of the text
  };

  struct Sequence {
    bool at_start = false;
    bool at_end = false;
    std::vector<Item> items = {};
    Search search = Search::kAnchored;
    std::string literal = {};
    size_t length = 0;  // of a kEnding, in bytes
  };

  class Builder;

  [[nodiscard]] static bool found(const Sequence& sequence, std::string_view text) noexcept;
  [[nodiscard]] static bool found_literal(const Sequence& sequence, std::string_view text) noexcept;
  [[nodiscard]] static bool found_run(const Item& item, std::string_view text) noexcept;
  [[nodiscard]] static bool matches_from(const Sequence& sequence, const char* at,
                                         const char* end) noexcept;
  [[nodiscard]] static size_t width(const Item& item, const char* at, const char* end) noexcept;

  std::vector<Sequence> sequences_;
};

}  // namespace millrace::schema
