// SPDX-License-Identifier: Apache-2.0
#include "engine/base/nearest_name.h"

#include <algorithm>
#include <utility>

namespace millrace::base {
namespace {

// The distance takes time in the product of the lengths; no key of ours is nearly this long.
constexpr size_t kNameBytesMax = 64;

}  // namespace

size_t edit_distance(std::string_view a, std::string_view b) {
  // Three rows of the usual table: `row[j]` is the distance from a's first i letters to b's first
  // j.
  std::vector<size_t> row_before_last(b.size() + 1);
  std::vector<size_t> last_row(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(row_before_last, last_row);
    std::swap(last_row, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t changed = last_row[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last_row[j] + 1, row[j - 1] + 1, changed});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], row_before_last[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

std::optional<std::string_view> nearest_name(std::string_view name,
                                             const std::vector<std::string_view>& names) {
  if (name.size() > kNameBytesMax) return std::nullopt;
  std::optional<std::string_view> nearest;
  // One slip in a short name, more in a long one; beyond that a suggestion would be a guess.
  size_t distance_max = std::max<size_t>(1, name.size() / 3);
  for (const std::string_view candidate : names) {
    if (candidate.size() > name.size() + distance_max) continue;
    if (name.size() > candidate.size() + distance_max) continue;
    const size_t distance = edit_distance(name, candidate);
    if (distance > distance_max) continue;
    if (nearest && distance == distance_max) continue;
    nearest = candidate;
    distance_max = distance;
  }
  return nearest;
}

}  // namespace millrace::base
