// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::insights {

// What people read: 1,234,567.
[[nodiscard]] std::string grouped(uint64_t number);

// A part of a whole in percent, one decimal: 52.6%. Never rounded to nothing or to all: <0.1%,
// >99.9%. Empty where the whole is 0.
[[nodiscard]] std::string share(uint64_t part, uint64_t whole);

// Columns that `text` takes on a terminal. Requires: `text` is UTF-8.
[[nodiscard]] size_t display_width(std::string_view text);

// `text`, which may be anything a record holds, made safe to print on one line: control characters
// (which could steer the terminal) and broken UTF-8 become U+FFFD, what is longer than
// `columns_max` ends in "…", and nothing at all is shown as "".
[[nodiscard]] std::string printable(std::string_view text, size_t columns_max);

// Rows of cells in columns as wide as their widest cell, two spaces apart.
class TextTable {
 public:
  enum class Align : uint8_t { kLeft, kRight };

  explicit TextTable(std::vector<Align> columns);

  // Requires: at most as many cells as columns, each of them UTF-8 without control characters.
  void add_row(std::vector<std::string> cells);

  // Of its longest line.
  [[nodiscard]] size_t width() const;

  // Each line `indent` columns in, without trailing spaces, and ending in a newline.
  [[nodiscard]] std::string to_text(size_t indent) const;

 private:
  std::vector<Align> columns_;
  std::vector<size_t> widths_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace millrace::insights
