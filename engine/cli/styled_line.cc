// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/styled_line.h"

#include <limits>

#include "engine/insights/text_table.h"

namespace millrace::cli {
namespace {

using insights::display_width;
using insights::printable;

std::string_view escape_of(Tone tone) {
  switch (tone) {
    case Tone::kPlain:
      return "";
    case Tone::kStrong:
      return "\x1b[1m";
    case Tone::kQuiet:
      return "\x1b[2m";
    case Tone::kGood:
      return "\x1b[32m";
    case Tone::kWarning:
      return "\x1b[33m";
    case Tone::kBad:
      return "\x1b[1;31m";
  }
  return "";
}

}  // namespace

StyledLine& StyledLine::add(std::string_view text, Tone tone) {
  if (text.empty()) return *this;
  std::string safe = printable(text, std::numeric_limits<size_t>::max());
  width_ += display_width(safe);
  pieces_.push_back({std::move(safe), tone});
  return *this;
}

StyledLine& StyledLine::fill(size_t column) {
  if (width_ < column) add(std::string(column - width_, ' '));
  return *this;
}

StyledLine& StyledLine::add_right(std::string_view text, size_t columns, Tone tone) {
  const StyledLine piece(text, tone);
  if (piece.width() < columns) fill(width_ + columns - piece.width());
  return add(piece);
}

StyledLine& StyledLine::add(const StyledLine& other) {
  pieces_.insert(pieces_.end(), other.pieces_.begin(), other.pieces_.end());
  width_ += other.width_;
  return *this;
}

std::string StyledLine::to_string(size_t columns, bool colour) const {
  if (columns == 0) return {};
  // What follows the last text is spaces, and may be cut without a sign.
  size_t last = pieces_.size();
  while (last > 0 && pieces_[last - 1].text.find_first_not_of(' ') == std::string::npos) --last;
  size_t width = 0;
  for (size_t i = 0; i < last; ++i) width += display_width(pieces_[i].text);
  const bool cut = width > columns;

  std::string line;
  size_t left = columns;
  for (size_t i = 0; i < last; ++i) {
    const Piece& piece = pieces_[i];
    const size_t piece_width = display_width(piece.text);
    // The ellipsis takes a column: what fits exactly is shown whole only where nothing follows.
    const bool whole = cut ? piece_width < left : true;
    if (!whole && left == 0) break;
    const std::string_view escape = colour ? escape_of(piece.tone) : "";
    line += escape;
    if (whole) {
      line += piece.text;
      left -= piece_width;
    } else if (piece_width > left) {
      line += printable(piece.text, left);
    } else {
      line += printable(piece.text + " ", left);
    }
    if (!escape.empty()) line += "\x1b[0m";
    if (!whole) break;
  }
  if (!colour) line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

}  // namespace millrace::cli
