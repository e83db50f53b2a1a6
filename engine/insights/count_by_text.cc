// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/count_by_text.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/insights/text_table.h"

namespace millrace::insights {
namespace {

using Align = TextTable::Align;
using Row = CountByResult::Row;

constexpr size_t kKeyColumnsMax = 44;
constexpr size_t kCrossKeyColumnsMax = 20;
constexpr size_t kCrossValuesMax = 12;

struct Sum {
  std::string_view value;
  uint64_t count = 0;
};

// The sums of the rows by one of their values, largest first; ties by the value's bytes.
template <typename Rows>
std::vector<Sum> sums_by(const Rows& rows, size_t field) {
  std::map<std::string_view, uint64_t> sums;
  for (const Row& row : rows) sums[row.values[field]] += row.count;
  std::vector<Sum> sorted;
  sorted.reserve(sums.size());
  for (const auto& [value, count] : sums) sorted.push_back({value, count});
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Sum& a, const Sum& b) { return a.count > b.count; });
  return sorted;
}

uint64_t total_of(std::span<const Row> rows) {
  return std::accumulate(rows.begin(), rows.end(), uint64_t{0},
                         [](uint64_t sum, const Row& row) { return sum + row.count; });
}

std::string short_cell(std::string_view value) {
  return printable(value, kCrossKeyColumnsMax);
}

// Two fields as a cross table, the first downwards; empty where it would be too wide.
std::string cross_table(std::span<const Row> rows, const Insight& insight, size_t rows_max) {
  const std::vector<Sum> down = sums_by(rows, 0);
  const std::vector<Sum> across = sums_by(rows, 1);
  if (across.size() > kCrossValuesMax) return {};
  std::map<std::pair<std::string_view, std::string_view>, uint64_t> counts;
  for (const Row& row : rows) counts[{row.values[0], row.values[1]}] = row.count;

  const size_t shown = std::min(rows_max, down.size());
  std::vector<Align> columns(across.size() + 2, Align::kRight);
  columns[0] = Align::kLeft;
  TextTable table(columns);
  std::vector<std::string> head{short_cell(insight.fields[0])};
  for (const Sum& column : across) head.push_back(short_cell(column.value));
  head.emplace_back("all");
  table.add_row(head);
  for (size_t i = 0; i < shown; ++i) {
    std::vector<std::string> cells{short_cell(down[i].value)};
    for (const Sum& column : across) {
      const auto count = counts.find({down[i].value, column.value});
      cells.push_back(count == counts.end() ? "-" : grouped(count->second));
    }
    cells.push_back(grouped(down[i].count));
    table.add_row(cells);
  }
  std::vector<std::string> foot{"all"};
  for (const Sum& column : across) foot.push_back(grouped(column.count));
  foot.push_back(grouped(total_of(rows)));
  if (down.size() > 1) table.add_row(foot);
  if (table.width() > kResultColumns) return {};
  return table.to_text(kResultIndent) + rest_line(shown, down.size());
}

using RowPointers = std::vector<std::reference_wrapper<const Row>>;

// Several fields as an indented list: each value with its sum, and below it the values of the next
// field. `rows` agree in their first `depth` values.
void add_nested(const RowPointers& rows, size_t depth, uint64_t total, TextTable& table,
                size_t& rows_left) {
  const size_t fields = rows.empty() ? 0 : rows.front().get().values.size();
  for (const Sum& sum : sums_by(rows, depth)) {
    if (rows_left == 0) return;
    --rows_left;
    table.add_row({std::string(depth * 2, ' ') + printable(sum.value, kKeyColumnsMax),
                   grouped(sum.count), share(sum.count, total)});
    if (depth + 1 == fields) continue;
    RowPointers below;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(below),
                 [&](const Row& row) { return row.values[depth] == sum.value; });
    add_nested(below, depth + 1, total, table, rows_left);
  }
}

// Lines that add_nested() has where nothing limits it: one per different start of a row.
size_t nested_lines(std::span<const Row> sorted, size_t fields) {
  size_t lines = 0;
  for (size_t i = 0; i < sorted.size(); ++i) {
    size_t common = 0;
    while (i > 0 && common < fields && sorted[i].values[common] == sorted[i - 1].values[common]) {
      ++common;
    }
    lines += fields - common;
  }
  return lines;
}

std::string nested_list(std::span<const Row> rows, const Insight& insight, size_t rows_max) {
  TextTable table({Align::kLeft, Align::kRight, Align::kRight});
  table.add_row({printable(fmt::format("{}", fmt::join(insight.fields, ", ")), kKeyColumnsMax),
                 "records", "share"});
  size_t rows_left = rows_max;
  add_nested({rows.begin(), rows.end()}, 0, total_of(rows), table, rows_left);
  return table.to_text(kResultIndent) +
         rest_line(rows_max - rows_left, nested_lines(rows, insight.fields.size()));
}

}  // namespace

std::string rest_line(size_t shown, size_t all) {
  if (shown >= all) return {};
  return fmt::format("{:{}}… and {} more\n", "", kResultIndent, grouped(all - shown));
}

std::string remark_line(std::string_view remark) {
  return fmt::format("{:{}}({})\n", "", kResultIndent, remark);
}

std::string count_by_table(const CountByResult& result, const Insight& insight, size_t rows_max) {
  if (insight.fields.size() == 2) {
    std::string table = cross_table(result.rows, insight, rows_max);
    if (!table.empty()) return table;
  }
  return nested_list(result.rows, insight, rows_max);
}

}  // namespace millrace::insights
