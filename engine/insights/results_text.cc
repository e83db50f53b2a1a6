// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "engine/insights/count_by_text.h"
#include "engine/insights/number_text.h"
#include "engine/insights/result_names.h"
#include "engine/insights/results.h"
#include "engine/insights/text_table.h"
#include "engine/insights/window_text.h"

namespace millrace::insights {
namespace {

using Align = TextTable::Align;
using Cells = std::vector<std::string>;

constexpr size_t kKeyColumnsMax = 44;
constexpr size_t kKeyColumnsMin = 10;
// What the columns of counts take, where there is room to spare.
constexpr size_t kCountColumns = 18;
constexpr size_t kBarColumns = 8;

std::string joined(const std::vector<std::string>& fields) {
  return fmt::format("{}", fmt::join(fields, ", "));
}

// Of what is counted or measured, in a sentence.
std::string subject(const std::vector<std::string>& fields) {
  return printable(joined(fields), kResultColumns / 2);
}

std::string line(std::string_view text) {
  return fmt::format("{:{}}{}\n", "", kResultIndent, text);
}

std::string nothing_line() {
  return remark_line("nothing counted");
}

// How wide each of so many columns of a record's text may be.
size_t text_columns(size_t columns) {
  const size_t room = (kResultColumns - kCountColumns) / columns;
  return std::clamp(room > 2 ? room - 2 : 0, kKeyColumnsMin, kKeyColumnsMax);
}

Cells printable_cells(const std::vector<std::string>& values, size_t columns_max) {
  Cells cells;
  for (const std::string& value : values) cells.push_back(printable(value, columns_max));
  return cells;
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

// The lines of each kind, below the name.
struct Lines {
  const Result& of;
  size_t rows_max;

  std::string operator()(const CountResult& result) const {
    return line(grouped(result.value) + (result.value == 1 ? " record" : " records"));
  }

  std::string operator()(const RateResult& result) const {
    return line(fmt::format("{} records/s over {:.0f} s", measured(result.per_second),
                            std::ceil(result.seconds)));
  }

  std::string operator()(const CountByResult& result) const {
    if (result.rows.empty()) return nothing_line();
    std::string text = of.insight->fields.size() == 1
                           ? count_by_list(result)
                           : count_by_table(result, *of.insight, rows_max);
    if (of.not_kept > 0) {
      text += remark_line(fmt::format("beyond the {} values kept: {} records",
                                      grouped(result.rows.size()), grouped(of.not_kept)));
    }
    return text;
  }

  std::string operator()(const DistinctResult& result) const {
    std::string text = line(
        fmt::format("{}{} different {} of {}", result.exact ? "" : "about ", grouped(result.value),
                    result.value == 1 ? "value" : "values", subject(of.insight->fields)));
    if (!result.exact) {
      text += remark_line(fmt::format("between {} and {} with 95 % certainty", grouped(result.low),
                                      grouped(result.high)));
    }
    return text;
  }

  // The groups with the most values first.
  std::string operator()(const DistinctByResult& result) const {
    if (result.rows.empty()) return nothing_line();
    std::vector<const DistinctByResult::Row*> rows;
    for (const DistinctByResult::Row& row : result.rows) rows.push_back(&row);
    std::stable_sort(rows.begin(), rows.end(), [](const auto* a, const auto* b) {
      return a->distinct.value > b->distinct.value;
    });
    const std::vector<std::string>& fields = of.insight->fields;
    const auto by = static_cast<ptrdiff_t>(of.insight->by);
    const size_t columns_max = text_columns(fields.size());
    std::vector<Align> columns(of.insight->by, Align::kLeft);
    columns.push_back(Align::kRight);
    TextTable table(columns);
    Cells head = printable_cells({fields.begin(), fields.begin() + by}, columns_max);
    head.push_back(
        printable("different " + joined({fields.begin() + by, fields.end()}), columns_max));
    table.add_row(std::move(head));
    const size_t shown = std::min(rows_max, rows.size());
    for (size_t i = 0; i < shown; ++i) {
      const DistinctResult& distinct = rows[i]->distinct;
      Cells cells = printable_cells(rows[i]->values, columns_max);
      cells.push_back(distinct.exact
                          ? grouped(distinct.value)
                          : fmt::format("{} to {}", grouped(distinct.low), grouped(distinct.high)));
      table.add_row(std::move(cells));
    }
    return table.to_text(kResultIndent) + rest_line(shown, rows.size()) + not_kept_line();
  }

  std::string operator()(const TopResult& result) const {
    if (result.items.empty()) return nothing_line();
    const std::vector<size_t>& edges = of.insight->edges;
    const size_t columns_max = text_columns(of.insight->fields.size() + edges.size());
    const bool errors = std::any_of(result.items.begin(), result.items.end(),
                                    [](const TopResult::Item& item) { return item.error > 0; });
    Cells head = printable_cells(of.insight->fields, columns_max);
    std::vector<Align> columns(head.size(), Align::kLeft);
    const auto add_column = [&](std::string name, Align align) {
      head.push_back(std::move(name));
      columns.push_back(align);
    };
    add_column("records", Align::kRight);
    if (errors) add_column("too many by", Align::kRight);
    add_column("share", Align::kRight);
    for (const size_t edge : edges) add_column(edge_name(edge, columns_max), Align::kLeft);
    TextTable table(columns);
    table.add_row(std::move(head));
    const size_t shown = std::min(rows_max, result.items.size());
    for (size_t i = 0; i < shown; ++i) {
      const TopResult::Item& item = result.items[i];
      Cells cells = printable_cells(item.values, columns_max);
      cells.push_back(grouped(item.count));
      if (errors) cells.push_back(item.error == 0 ? "-" : "up to " + grouped(item.error));
      cells.push_back(share(item.count, of.counted));
      for (const auto& value : item.also)
        cells.push_back(value ? printable(value->text, columns_max) : "-");
      table.add_row(std::move(cells));
    }
    return table.to_text(kResultIndent) + rest_line(shown, result.items.size());
  }

  // Twelve rows of two hours each, the morning left of the afternoon.
  std::string operator()(const HoursResult& result) const {
    const auto& hours = result.counts;
    const uint64_t total = std::accumulate(hours.begin(), hours.end(), uint64_t{0});
    const uint64_t most = *std::max_element(hours.begin(), hours.end());
    TextTable table({Align::kRight, Align::kRight, Align::kRight, Align::kLeft, Align::kRight,
                     Align::kRight, Align::kRight, Align::kLeft});
    for (size_t hour = 0; hour < 12; ++hour) {
      Cells cells;
      for (const size_t each : {hour, hour + 12}) {
        std::string strip = bar(hours[each], most);
        // The column keeps its width also where no morning hour fills it.
        strip.append(each < 12 ? kBarColumns - display_width(strip) : 0, ' ');
        cells.insert(cells.end(), {fmt::format("{:02}h", each), grouped(hours[each]),
                                   share(hours[each], total), strip});
      }
      table.add_row(cells);
    }
    return table.to_text(kResultIndent);
  }

  std::string operator()(const QuantilesResult& result) const {
    if (result.values.empty()) return nothing_line();
    TextTable table({Align::kLeft, Align::kRight});
    // What is measured against the clock is a latency.
    table.add_row({"quantile", of.insight->live ? "seconds" : subject(of.insight->fields)});
    for (size_t i = 0; i < result.values.size(); ++i) {
      table.add_row({quantile_name(of.insight->quantiles[i]), measured(result.values[i])});
    }
    return table.to_text(kResultIndent) +
           remark_line(
               fmt::format("each within {:.1f}% of the true one", result.relative_error * 100));
  }

  std::string operator()(const NumberResult& result) const {
    if (of.counted == 0 || !result.value) return nothing_line();
    return line(fmt::format("{} of {}: {}", name_of(of.insight->kind), subject(of.insight->fields),
                            number_text(*result.value)));
  }

  std::string operator()(const EdgeResult& result) const {
    if (result.rows.empty()) return nothing_line() + not_kept_line();
    const size_t columns_max = text_columns(of.insight->fields.size() + 1);
    TextTable table(std::vector<Align>(of.insight->fields.size() + 1, Align::kLeft));
    Cells head = printable_cells(of.insight->fields, columns_max);
    head.push_back(edge_name(of.insight->edges[0], columns_max));
    table.add_row(std::move(head));
    const size_t shown = std::min(rows_max, result.rows.size());
    for (size_t i = 0; i < shown; ++i) {
      Cells cells = printable_cells(result.rows[i].values, columns_max);
      cells.push_back(printable(result.rows[i].value.text, columns_max));
      table.add_row(std::move(cells));
    }
    return table.to_text(kResultIndent) + rest_line(shown, result.rows.size()) + not_kept_line();
  }

  std::string operator()(const WindowResult& result) const {
    return window_text(of, result, rows_max);
  }

 private:
  std::string edge_name(size_t edge, size_t columns_max) const {
    const EdgeField& field = of.part->edges[edge];
    return printable(fmt::format("{} {}", name_of(field.edge), field.name), columns_max);
  }

  std::string not_kept_line() const {
    if (of.not_kept == 0) return {};
    return remark_line(fmt::format("beyond those kept: {} records", grouped(of.not_kept)));
  }

  // The values of one field, the most frequent first.
  std::string count_by_list(const CountByResult& result) const {
    std::vector<const CountByResult::Row*> rows;
    rows.reserve(result.rows.size());
    for (const CountByResult::Row& row : result.rows) rows.push_back(&row);
    std::stable_sort(rows.begin(), rows.end(),
                     [](const auto* a, const auto* b) { return a->count > b->count; });
    TextTable table({Align::kLeft, Align::kRight, Align::kRight});
    table.add_row({printable(of.insight->fields[0], kKeyColumnsMax), "records", "share"});
    const size_t shown = std::min(rows_max, rows.size());
    for (size_t i = 0; i < shown; ++i) {
      table.add_row({printable(rows[i]->values[0], kKeyColumnsMax), grouped(rows[i]->count),
                     share(rows[i]->count, of.counted)});
    }
    return table.to_text(kResultIndent) + rest_line(shown, rows.size());
  }
};

}  // namespace

std::string to_text(const Result& result, size_t rows_max) {
  std::string remarks = result.insight->kind == Kind::kHoursOfDay ? " (UTC)" : "";
  if (result.insight->live) remarks += " (live)";
  if (result.part->window) remarks += window_remark(*result.part->window);
  std::string text =
      "  " + printable(result.insight->name, kResultColumns - remarks.size()) + remarks + '\n';
  text += std::visit(Lines{result, rows_max}, result.value);
  if (result.late > 0)
    text += remark_line(fmt::format("too late for their windows: {}", grouped(result.late)));
  if (result.ahead > 0)
    text += remark_line(fmt::format("too far ahead of their time: {}", grouped(result.ahead)));
  if (result.missing > 0) {
    text += remark_line(fmt::format("not counted: {} {} it", grouped(result.missing),
                                    result.missing == 1 ? "record lacks" : "records lack"));
  }
  return text;
}

}  // namespace millrace::insights
