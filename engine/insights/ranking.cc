// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/ranking.h"

#include <algorithm>

#include "engine/insights/shard.h"

namespace millrace::insights {
namespace {

std::vector<Row> rows_of(const KeyCounts& keys, size_t fields) {
  std::vector<Row> rows;
  rows.reserve(keys.entries().size());
  for (const KeyCounts::Entry& entry : keys.entries()) {
    // The key of a single field is its value, without a length (Shard::add).
    rows.push_back(
        {fields == 1 ? std::vector{entry.key} : split_key(entry.key, fields), entry.count});
  }
  return rows;
}

}  // namespace

std::vector<Row> rows_by_value(const KeyCounts& keys, size_t fields) {
  std::vector<Row> rows = rows_of(keys, fields);
  std::sort(rows.begin(), rows.end(),
            [](const Row& a, const Row& b) { return a.values < b.values; });
  return rows;
}

std::vector<Row> rows_by_count(const KeyCounts& keys, size_t fields, size_t rows_max) {
  std::vector<Row> rows = rows_of(keys, fields);
  const size_t shown = std::min(rows_max, rows.size());
  std::partial_sort(rows.begin(), rows.begin() + static_cast<ptrdiff_t>(shown), rows.end(),
                    [](const Row& a, const Row& b) {
                      return a.count != b.count ? a.count > b.count : a.values < b.values;
                    });
  rows.resize(shown);
  return rows;
}

}  // namespace millrace::insights
