// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <numeric>
#include <string>

#include <fmt/format.h>

#include "engine/insights/ranking.h"
#include "engine/insights/results.h"
#include "engine/insights/text_table.h"

namespace millrace::insights {
namespace {

using Align = TextTable::Align;

constexpr size_t kIndent = 4;
constexpr size_t kColumns = 80 - kIndent;
constexpr size_t kKeyColumnsMax = 44;
constexpr size_t kCrossKeyColumnsMax = 20;
constexpr size_t kCrossValuesMax = 12;
constexpr size_t kBarColumns = 8;

std::string cell(std::string_view value) {
  return printable(value, kKeyColumnsMax);
}

std::string joined(const std::vector<std::string>& fields) {
  return fmt::format("{}", fmt::join(fields, ", "));
}

// What follows a list of which only `shown` of `all` rows were printed.
std::string rest_line(size_t shown, size_t all) {
  if (shown >= all) return {};
  return fmt::format("{:{}}… and {} more\n", "", kIndent, grouped(all - shown));
}

std::string nothing_line() {
  return fmt::format("{:{}}(nothing counted)\n", "", kIndent);
}

std::string overflow_line(const KeyCounts& keys) {
  if (keys.overflow() == 0) return {};
  return fmt::format("{:{}}(beyond the {} values kept: {} records)\n", "", kIndent,
                     grouped(keys.entries().size()), grouped(keys.overflow()));
}

// One column of values: also what a top list looks like.
std::string value_list(const KeyCounts& keys, const Insight& insight, size_t rows_max) {
  if (keys.entries().empty()) return nothing_line();
  const uint64_t total = keys.total();
  std::vector<Align> columns(insight.fields.size(), Align::kLeft);
  columns.insert(columns.end(), {Align::kRight, Align::kRight});
  TextTable table(columns);
  std::vector<std::string> head(insight.fields.size());
  std::transform(insight.fields.begin(), insight.fields.end(), head.begin(), cell);
  head.insert(head.end(), {"records", "share"});
  table.add_row(head);
  for (const Row& row : rows_by_count(keys, insight.fields.size(), rows_max)) {
    std::vector<std::string> cells;
    for (const std::string_view value : row.values) cells.push_back(cell(value));
    cells.insert(cells.end(), {grouped(row.count), share(row.count, total)});
    table.add_row(cells);
  }
  return table.to_text(kIndent);
}

// The sums of the rows by one of their values, largest first; ties by the value's bytes.
std::vector<Row> sums_by(std::span<const Row> rows, size_t field) {
  std::map<std::string_view, uint64_t> sums;
  for (const Row& row : rows) sums[row.values[field]] += row.count;
  std::vector<Row> sorted;
  sorted.reserve(sums.size());
  for (const auto& [value, count] : sums) sorted.push_back({{value}, count});
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Row& a, const Row& b) { return a.count > b.count; });
  return sorted;
}

// Two fields as a cross table, the first downwards; empty where it would be too wide.
std::string cross_table(std::span<const Row> rows, const Insight& insight, size_t rows_max) {
  const std::vector<Row> down = sums_by(rows, 0);
  const std::vector<Row> across = sums_by(rows, 1);
  if (across.size() > kCrossValuesMax) return {};
  std::map<std::pair<std::string_view, std::string_view>, uint64_t> counts;
  for (const Row& row : rows) counts[{row.values[0], row.values[1]}] = row.count;

  const size_t shown = std::min(rows_max, down.size());
  std::vector<Align> columns(across.size() + 2, Align::kRight);
  columns[0] = Align::kLeft;
  TextTable table(columns);
  const auto short_cell = [](std::string_view value) {
    return printable(value, kCrossKeyColumnsMax);
  };
  std::vector<std::string> head{short_cell(insight.fields[0])};
  for (const Row& column : across) head.push_back(short_cell(column.values[0]));
  head.emplace_back("all");
  table.add_row(head);
  for (size_t i = 0; i < shown; ++i) {
    std::vector<std::string> cells{short_cell(down[i].values[0])};
    for (const Row& column : across) {
      const auto count = counts.find({down[i].values[0], column.values[0]});
      cells.push_back(count == counts.end() ? "-" : grouped(count->second));
    }
    cells.push_back(grouped(down[i].count));
    table.add_row(cells);
  }
  std::vector<std::string> foot{"all"};
  uint64_t total = 0;
  for (const Row& column : across) {
    foot.push_back(grouped(column.count));
    total += column.count;
  }
  foot.push_back(grouped(total));
  if (down.size() > 1) table.add_row(foot);
  if (table.width() > kColumns) return {};
  return table.to_text(kIndent) + rest_line(shown, down.size());
}

// Several fields as an indented list: each value with its sum, and below it the values of the next
// field. `rows` agree in their first `depth` values.
void add_nested(std::vector<Row> rows, size_t depth, uint64_t total, TextTable& table,
                size_t& rows_left) {
  const size_t fields = rows.empty() ? 0 : rows.front().values.size();
  for (const Row& sum : sums_by(rows, depth)) {
    if (rows_left == 0) return;
    --rows_left;
    table.add_row({std::string(depth * 2, ' ') + cell(sum.values[0]), grouped(sum.count),
                   share(sum.count, total)});
    if (depth + 1 == fields) continue;
    std::vector<Row> below;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(below),
                 [&](const Row& row) { return row.values[depth] == sum.values[0]; });
    add_nested(std::move(below), depth + 1, total, table, rows_left);
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

std::string nested_list(const std::vector<Row>& rows, const Insight& insight, size_t rows_max) {
  TextTable table({Align::kLeft, Align::kRight, Align::kRight});
  table.add_row({cell(joined(insight.fields)), "records", "share"});
  const uint64_t total =
      std::accumulate(rows.begin(), rows.end(), uint64_t{0},
                      [](uint64_t sum, const Row& row) { return sum + row.count; });
  size_t rows_left = rows_max;
  add_nested(rows, 0, total, table, rows_left);
  return table.to_text(kIndent) +
         rest_line(rows_max - rows_left, nested_lines(rows, insight.fields.size()));
}

std::string count_by_text(const KeyCounts& keys, const Insight& insight, size_t rows_max) {
  if (insight.fields.size() == 1) {
    return value_list(keys, insight, rows_max) + rest_line(rows_max, keys.entries().size());
  }
  const std::vector<Row> rows = rows_by_value(keys, insight.fields.size());
  if (rows.empty()) return nothing_line();
  if (insight.fields.size() == 2) {
    std::string table = cross_table(rows, insight, rows_max);
    if (!table.empty()) return table;
  }
  return nested_list(rows, insight, rows_max);
}

std::string top_text(const KeyCounts& keys, const Insight& insight, size_t rows_max) {
  const size_t asked = std::min(insight.limit, keys.entries().size());
  return value_list(keys, insight, std::min(asked, rows_max)) + rest_line(rows_max, asked);
}

std::string distinct_text(const KeyCounts& keys, const Insight& insight) {
  const uint64_t kept = keys.entries().size();
  const uint64_t high = kept + keys.overflow();
  const std::string bounds =
      kept == high ? grouped(kept) : fmt::format("between {} and {}", grouped(kept), grouped(high));
  return fmt::format("{:{}}{} different {} of {}\n", "", kIndent, bounds,
                     high == 1 ? "value" : "values",
                     printable(joined(insight.fields), kColumns / 2));
}

// A bar of `count` eighths of a column where `most` is the whole of it; never nothing for
// something.
std::string bar(uint64_t count, uint64_t most) {
  static constexpr std::array<const char*, 8> kEighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (count == 0) return {};
  const double length = static_cast<double>(count) / static_cast<double>(most) * kBarColumns * 8;
  const size_t eighths = std::max<size_t>(1, static_cast<size_t>(length));
  std::string text;
  for (size_t i = 0; i < eighths / 8; ++i) text += "█";
  return text + kEighths[eighths % 8];
}

// Twelve rows of two hours each, the morning left of the afternoon.
std::string hours_text(const std::array<uint64_t, 24>& hours) {
  const uint64_t total = std::accumulate(hours.begin(), hours.end(), uint64_t{0});
  const uint64_t most = *std::max_element(hours.begin(), hours.end());
  TextTable table({Align::kRight, Align::kRight, Align::kRight, Align::kLeft, Align::kRight,
                   Align::kRight, Align::kRight, Align::kLeft});
  for (size_t hour = 0; hour < 12; ++hour) {
    std::vector<std::string> cells;
    for (const size_t each : {hour, hour + 12}) {
      std::string strip = bar(hours[each], most);
      // The column keeps its width also where no morning hour fills it.
      strip.append(each < 12 ? kBarColumns - display_width(strip) : 0, ' ');
      cells.insert(cells.end(), {fmt::format("{:02}h", each), grouped(hours[each]),
                                 share(hours[each], total), strip});
    }
    table.add_row(cells);
  }
  return table.to_text(kIndent);
}

}  // namespace

std::string to_text(const Shard& state, size_t insight, size_t rows_max) {
  const Insight& declared = state.declaration().insights[insight];
  const KeyCounts& keys = state.keys(insight);
  const std::string clock = declared.kind == Kind::kHoursOfDay ? " (UTC)" : "";
  std::string text = "  " + printable(declared.name, kColumns - clock.size()) + clock + '\n';
  switch (declared.kind) {
    case Kind::kCountBy:
      text += count_by_text(keys, declared, rows_max) + overflow_line(keys);
      break;
    case Kind::kDistinct:
      text += distinct_text(keys, declared) + overflow_line(keys);
      break;
    case Kind::kTop:
      text += top_text(keys, declared, rows_max) + overflow_line(keys);
      break;
    case Kind::kHoursOfDay:
      text += hours_text(state.hours(insight));
      break;
  }
  const uint64_t missing = state.missing(insight);
  if (missing > 0) {
    text += fmt::format("{:{}}(not counted: {} {} it)\n", "", kIndent, grouped(missing),
                        missing == 1 ? "record lacks" : "records lack");
  }
  return text;
}

}  // namespace millrace::insights
