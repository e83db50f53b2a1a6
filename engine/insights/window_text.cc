// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/window_text.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/insights/count_by_text.h"
#include "engine/insights/number_text.h"
#include "engine/insights/result_names.h"
#include "engine/insights/text_table.h"
#include "engine/insights/utc_text.h"

namespace millrace::insights {
namespace {

// What a cell says of a window's result.
constexpr size_t kSummaryColumns = 40;
// More than these of a window do not fit it.
constexpr size_t kListedMax = 8;

struct Listed {
  const std::vector<std::string>* values;
  uint64_t weight;
  std::string number;
};

std::string joined(const std::vector<std::string>& values) {
  return fmt::format("{}", fmt::join(values, "/"));
}

// "iOS 5, android 3": the heaviest first, equal ones as they stand.
std::string list(std::vector<Listed> rows) {
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Listed& a, const Listed& b) { return a.weight > b.weight; });
  std::string text;
  for (size_t i = 0; i < rows.size() && i < kListedMax; ++i)
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", joined(*rows[i].values), rows[i].number);
  if (rows.size() > kListedMax) text += ", …";
  return text;
}

std::string distinct_text(const DistinctResult& result) {
  return (result.exact ? "" : "about ") + grouped(result.value);
}

// What there is to say of a window beside how many records it has.
struct Summary {
  const Insight& insight;

  std::string operator()(const CountResult& /*result*/) const { return {}; }

  std::string operator()(const CountByResult& result) const {
    std::vector<Listed> rows;
    for (const auto& row : result.rows)
      rows.push_back({&row.values, row.count, grouped(row.count)});
    return list(std::move(rows));
  }

  std::string operator()(const DistinctResult& result) const { return distinct_text(result); }

  std::string operator()(const DistinctByResult& result) const {
    std::vector<Listed> rows;
    for (const auto& row : result.rows)
      rows.push_back({&row.values, row.distinct.value, distinct_text(row.distinct)});
    return list(std::move(rows));
  }

  std::string operator()(const TopResult& result) const {
    std::vector<Listed> rows;
    for (const auto& item : result.items)
      rows.push_back({&item.values, item.count, grouped(item.count)});
    return list(std::move(rows));
  }

  std::string operator()(const HoursResult& result) const {
    std::string text;
    for (size_t hour = 0; hour < result.counts.size(); ++hour) {
      if (result.counts[hour] == 0) continue;
      text +=
          fmt::format("{}{:02}h {}", text.empty() ? "" : ", ", hour, grouped(result.counts[hour]));
    }
    return text;
  }

  std::string operator()(const QuantilesResult& result) const {
    std::string text;
    for (size_t i = 0; i < result.values.size(); ++i)
      text += fmt::format("{}{} {}", i == 0 ? "" : ", ", quantile_name(insight.quantiles[i]),
                          measured(result.values[i]));
    return text;
  }

  std::string operator()(const NumberResult& result) const {
    return result.value ? number_text(*result.value) : "-";
  }

  std::string operator()(const EdgeResult& result) const {
    std::vector<Listed> rows;
    for (const auto& row : result.rows) rows.push_back({&row.values, 0, row.value.text});
    return list(std::move(rows));
  }

  // Live, or windows of windows: there are none.
  std::string operator()(const RateResult& /*result*/) const { MILLRACE_CHECK(false); }

  std::string operator()(const WindowResult& /*result*/) const { MILLRACE_CHECK(false); }
};

std::string seconds_text(int64_t ms) {
  return fmt::format("{:.10g} s", static_cast<double>(ms) / 1000);
}

std::string summary_head(const Insight& insight) {
  std::string head(name_of(insight.kind));
  if (!insight.fields.empty()) head += fmt::format(" {}", fmt::join(insight.fields, ", "));
  return printable(head, kSummaryColumns);
}

}  // namespace

std::string window_remark(const Windowing& window) {
  std::string remark = " (windows of " + seconds_text(window.size_ms);
  if (window.hop_ms != window.size_ms) remark += ", one every " + seconds_text(window.hop_ms);
  return remark + ')';
}

std::string window_text(const Result& of, const WindowResult& result, size_t rows_max) {
  const Insight& insight = *of.insight;
  std::string text;
  if (!result.open.empty()) {
    TextTable table({TextTable::Align::kLeft, TextTable::Align::kRight, TextTable::Align::kLeft});
    std::vector<std::string> head = {"open window", "records"};
    if (insight.kind != Kind::kCount) head.push_back(summary_head(insight));
    table.add_row(std::move(head));
    const size_t shown = std::min(rows_max, result.open.size());
    for (size_t i = 0; i < shown; ++i) {
      const WindowResult::Window& window = result.open[result.open.size() - 1 - i];
      std::vector<std::string> cells = {utc_text(window.start), grouped(window.counted)};
      if (insight.kind != Kind::kCount)
        cells.push_back(printable(std::visit(Summary{insight}, window.value), kSummaryColumns));
      table.add_row(std::move(cells));
    }
    text = table.to_text(kResultIndent) + rest_line(shown, result.open.size());
  }
  if (result.closed > 0) {
    text +=
        remark_line(fmt::format("{} {}", grouped(result.closed),
                                result.closed == 1 ? "window is closed" : "windows are closed"));
  }
  if (text.empty()) text = remark_line("nothing counted");
  if (of.not_kept > 0)
    text += remark_line(fmt::format("beyond those kept: {} records", grouped(of.not_kept)));
  return text;
}

}  // namespace millrace::insights
