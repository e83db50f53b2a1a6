// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/text_table.h"

#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/record/json_writer.h"

namespace millrace::insights {
namespace {

constexpr size_t kColumnGap = 2;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

struct Character {
  uint32_t code;
  size_t length;
};

// Requires: `text` is UTF-8 and not empty.
Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  const size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  MILLRACE_CHECK(length <= text.size());
  uint32_t code = lead & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  return {code, length};
}

struct CodeRange {
  uint32_t first;
  uint32_t last;
};

bool within(uint32_t code, const auto& ranges) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [code](CodeRange range) { return range.first <= code && code <= range.last; });
}

// Controls, line separators, and the marks that change the direction of what follows.
constexpr std::array kUnprintable{CodeRange{0x00, 0x1F},     CodeRange{0x7F, 0x9F},
                                  CodeRange{0x061C, 0x061C}, CodeRange{0x200B, 0x200F},
                                  CodeRange{0x2028, 0x202E}, CodeRange{0x2060, 0x206F},
                                  CodeRange{0xFEFF, 0xFEFF}, CodeRange{0xFFF9, 0xFFFB}};
// The common combining marks, which take no column of their own.
constexpr std::array kCombining{CodeRange{0x0300, 0x036F}, CodeRange{0x1AB0, 0x1AFF},
                                CodeRange{0x20D0, 0x20FF}, CodeRange{0xFE00, 0xFE0F},
                                CodeRange{0xFE20, 0xFE2F}};
// East Asian wide and full-width characters and the pictographs, in their blocks: two columns.
constexpr std::array kWide{CodeRange{0x1100, 0x115F},   CodeRange{0x2E80, 0xA4CF},
                           CodeRange{0xAC00, 0xD7A3},   CodeRange{0xF900, 0xFAFF},
                           CodeRange{0xFE30, 0xFE6F},   CodeRange{0xFF00, 0xFF60},
                           CodeRange{0xFFE0, 0xFFE6},   CodeRange{0x1F300, 0x1F64F},
                           CodeRange{0x1F900, 0x1F9FF}, CodeRange{0x20000, 0x3FFFD}};

size_t width_of(uint32_t code) {
  if (code < 0x300) return 1;
  if (within(code, kCombining)) return 0;
  return within(code, kWide) ? 2 : 1;
}

}  // namespace

std::string grouped(uint64_t number) {
  std::string text = fmt::to_string(number);
  for (size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string share(uint64_t part, uint64_t whole) {
  if (whole == 0) return {};
  const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
  if (part > 0 && percent < 0.05) return "<0.1%";
  if (part < whole && percent >= 99.95) return ">99.9%";
  return fmt::format("{:.1f}%", percent);
}

size_t display_width(std::string_view text) {
  size_t width = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    width += width_of(character.code);
    text.remove_prefix(character.length);
  }
  return width;
}

std::string printable(std::string_view text, size_t columns_max) {
  if (text.empty()) return "\"\"";
  const std::string repaired = record::repair_utf8(text);
  std::string safe;
  size_t width = 0;
  size_t ellipsis_at = 0;  // where "…" still fits
  for (std::string_view rest = repaired; !rest.empty();) {
    const Character character = first_character(rest);
    width += width_of(character.code);
    if (width > columns_max) {
      safe.resize(ellipsis_at);
      return safe + "…";
    }
    const bool bad = within(character.code, kUnprintable);
    safe += bad ? kReplacement : rest.substr(0, character.length);
    if (width < columns_max) ellipsis_at = safe.size();
    rest.remove_prefix(character.length);
  }
  return safe;
}

TextTable::TextTable(std::vector<Align> columns)
    : columns_(std::move(columns)), widths_(columns_.size()) {}

void TextTable::add_row(std::vector<std::string> cells) {
  MILLRACE_CHECK(cells.size() <= columns_.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    widths_[i] = std::max(widths_[i], display_width(cells[i]));
  }
  rows_.push_back(std::move(cells));
}

size_t TextTable::width() const {
  if (widths_.empty()) return 0;
  return std::accumulate(widths_.begin(), widths_.end(), kColumnGap * (widths_.size() - 1));
}

std::string TextTable::to_text(size_t indent) const {
  std::string text;
  for (const std::vector<std::string>& row : rows_) {
    std::string line(indent, ' ');
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) line.append(kColumnGap, ' ');
      const std::string padding(widths_[i] - display_width(row[i]), ' ');
      line += columns_[i] == Align::kRight ? padding + row[i] : row[i] + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

}  // namespace millrace::insights
