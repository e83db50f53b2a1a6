// SPDX-License-Identifier: Apache-2.0
#include "engine/config/place_at.h"

#include <algorithm>

namespace millrace::config {

Place place_at(const std::string& file, std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const size_t last = before.rfind('\n');
  const size_t line_begin = last == std::string_view::npos ? 0 : last + 1;
  return Place{file, static_cast<int>(lines) + 1, static_cast<int>(before.size() - line_begin) + 1};
}

}  // namespace millrace::config
