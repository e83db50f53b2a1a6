// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::cli {

// What a piece of text is, from which a terminal's colour follows.
enum class Tone : uint8_t { kPlain, kStrong, kQuiet, kGood, kWarning, kBad };

// A line for a terminal in pieces: it knows how many columns it takes and can be cut to fewer.
// Whatever text is added, no control character gets into the line.
class StyledLine {
 public:
  StyledLine() = default;

  // A line that begins with a piece.
  explicit StyledLine(std::string_view text, Tone tone = Tone::kPlain) { add(text, tone); }

  // Returns itself, so that pieces can be chained.
  StyledLine& add(std::string_view text, Tone tone = Tone::kPlain);

  // Spaces up to this column; none where the line is there already.
  StyledLine& fill(size_t column);

  // The text with spaces on its left, so that it ends `columns` further on.
  StyledLine& add_right(std::string_view text, size_t columns, Tone tone = Tone::kPlain);

  StyledLine& add(const StyledLine& other);

  [[nodiscard]] size_t width() const { return width_; }

  // At most `columns` wide, ending in "…" where it was longer; no spaces at its end. With colours
  // it has escape sequences (SGR), and ends in the normal one.
  [[nodiscard]] std::string to_string(size_t columns, bool colour) const;

 private:
  struct Piece {
    std::string text;  // UTF-8, printable
    Tone tone;
  };

  std::vector<Piece> pieces_;
  size_t width_ = 0;
};

}  // namespace millrace::cli
