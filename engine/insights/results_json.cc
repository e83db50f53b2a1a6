// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/insights/result_names.h"
#include "engine/insights/results.h"
#include "engine/insights/utc_text.h"

namespace millrace::insights {
namespace {

using record::JsonWriter;

// Writes the rows, which stand in the order of their values and agree in the first `depth` of them,
// as one object: a member per value at `depth`, nested while there are more fields; `write_leaf`
// writes what belongs to a row.
template <typename Row, typename WriteLeaf>
void write_nested(std::span<const Row> rows, size_t depth, JsonWriter& writer,
                  const WriteLeaf& write_leaf) {
  writer.begin_object();
  while (!rows.empty()) {
    const std::string& value = rows.front().values[depth];
    const auto end = std::find_if(rows.begin(), rows.end(), [&value, depth](const Row& row) {
      return row.values[depth] != value;
    });
    const auto same = static_cast<size_t>(end - rows.begin());
    writer.name(value);
    if (depth + 1 == rows.front().values.size()) {
      write_leaf(rows.front());
    } else {
      write_nested(rows.first(same), depth + 1, writer, write_leaf);
    }
    rows = rows.subspan(same);
  }
  writer.end_object();
}

void write_key(const std::vector<std::string>& values, JsonWriter& writer) {
  if (values.size() == 1) return writer.string(values[0]);
  writer.begin_array();
  for (const std::string& value : values) writer.string(value);
  writer.end_array();
}

// The members of each kind, behind `kind` and `live`: all of them, or the value of one.
class Members {
 public:
  Members(const Insight& insight, const Part& part, JsonWriter& writer, std::string_view only = {})
      : insight_(insight), part_(part), writer_(writer), only_(only) {}

  bool operator()(const CountResult& result) { return value(result.value); }

  bool operator()(const RateResult& result) {
    if (wants("value")) writer_.number(result.per_second);
    if (wants("over_seconds")) writer_.number(result.seconds);
    return found_;
  }

  bool operator()(const CountByResult& result) {
    if (!wants("counts")) return found_;
    write_nested(std::span(result.rows), 0, writer_,
                 [this](const CountByResult::Row& row) { writer_.number(row.count); });
    return found_;
  }

  bool operator()(const DistinctResult& result) {
    value(result.value);
    if (wants("low")) writer_.number(result.low);
    if (wants("high")) writer_.number(result.high);
    if (wants("exact")) writer_.boolean(result.exact);
    return found_;
  }

  bool operator()(const DistinctByResult& result) {
    if (!wants("by")) return found_;
    write_nested(std::span(result.rows), 0, writer_, [this](const DistinctByResult::Row& row) {
      writer_.begin_object();
      Members{insight_, part_, writer_}(row.distinct);
      writer_.end_object();
    });
    return found_;
  }

  bool operator()(const TopResult& result) {
    if (!wants("items")) return found_;
    writer_.begin_array();
    for (const TopResult::Item& item : result.items) {
      writer_.begin_object();
      writer_.name("key");
      write_key(item.values, writer_);
      writer_.member("count", item.count);
      writer_.member("error", item.error);
      for (size_t e = 0; e < item.also.size(); ++e) write_also(insight_.edges[e], item.also[e]);
      writer_.end_object();
    }
    writer_.end_array();
    return found_;
  }

  bool operator()(const HoursResult& result) {
    if (!wants("counts")) return found_;
    writer_.begin_object();
    for (size_t hour = 0; hour < result.counts.size(); ++hour) {
      writer_.member(std::to_string(hour), result.counts[hour]);
    }
    writer_.end_object();
    return found_;
  }

  bool operator()(const QuantilesResult& result) {
    if (wants("values")) write_quantiles(result);
    if (wants("relative_error")) writer_.number(result.relative_error);
    return found_;
  }

  bool operator()(const NumberResult& result) {
    if (!wants("value")) return found_;
    if (result.value) {
      writer_.json(result.value->to_json());
    } else {
      writer_.null();
    }
    return found_;
  }

  bool operator()(const EdgeResult& result) {
    if (!wants("values")) return found_;
    write_nested(std::span(result.rows), 0, writer_,
                 [this](const EdgeResult::Row& row) { write_json(row.value, writer_); });
    return found_;
  }

  // No window has windows.
  bool operator()(const WindowResult& /*result*/) { MILLRACE_CHECK(false); }

 private:
  // Whether a member's value is to be written now.
  bool wants(std::string_view name) {
    if (!only_.empty() && only_ != name) return false;
    if (only_.empty()) writer_.name(name);
    found_ = true;
    return true;
  }

  bool value(uint64_t number) {
    if (wants("value")) writer_.number(number);
    return found_;
  }

  void write_quantiles(const QuantilesResult& result) {
    writer_.begin_object();
    for (size_t i = 0; i < insight_.quantiles.size(); ++i) {
      writer_.name(quantile_name(insight_.quantiles[i]));
      if (result.values.empty()) {
        writer_.null();
      } else {
        writer_.number(result.values[i]);
      }
    }
    writer_.end_object();
  }

  void write_also(size_t edge, const std::optional<OwnedEdgeValue>& value) {
    const EdgeField& field = part_.edges[edge];
    writer_.name(std::string(name_of(field.edge)) + '_' + field.name);
    if (value) {
      write_json(*value, writer_);
    } else {
      writer_.null();
    }
  }

  const Insight& insight_;
  const Part& part_;
  JsonWriter& writer_;
  std::string_view only_;
  bool found_ = false;
};

void time_member(const char* name, int64_t unix_ms, JsonWriter& writer) {
  writer.member(name, utc_text(unix_ms));
}

// Behind `kind`.
void write_windows(const Result& result, const WindowResult& windows, JsonWriter& writer) {
  const Windowing& window = *result.part->window;
  const auto span = [&](int64_t start) {
    time_member("start", start, writer);
    time_member("end", start + window.size_ms, writer);
  };
  writer.member("of", name_of(result.insight->kind));
  writer.member("every_seconds", static_cast<double>(window.size_ms) / 1000);
  writer.member("hop_seconds", static_cast<double>(window.hop_ms) / 1000);
  writer.name("watermark");
  if (windows.watermark) {
    writer.string(utc_text(*windows.watermark));
  } else {
    writer.null();
  }
  writer.name("open");
  writer.begin_array();
  for (const WindowResult::Window& open : windows.open) {
    writer.begin_object();
    span(open.start);
    write_members(*result.insight, *result.part, open.value, writer);
    writer.end_object();
  }
  writer.end_array();
  writer.member("closed", windows.closed);
  writer.member("late", result.late);
  writer.member("ahead", result.ahead);
  writer.name("late_windows");
  writer.begin_array();
  for (const WindowResult::Late& late : windows.late_windows) {
    writer.begin_object();
    span(late.start);
    writer.member("late", late.records);
    writer.end_object();
  }
  writer.end_array();
  writer.member("late_earlier", windows.late_earlier);
}

}  // namespace

void write_members(const Insight& insight, const Part& part, const ResultValue& value,
                   JsonWriter& writer) {
  std::visit(Members{insight, part, writer}, value);
}

bool write_member(const Insight& insight, const Part& part, const ResultValue& value,
                  std::string_view name, JsonWriter& writer) {
  return std::visit(Members{insight, part, writer, name}, value);
}

void write_json(const Result& result, record::JsonWriter& writer) {
  const auto* const windows = std::get_if<WindowResult>(&result.value);
  writer.begin_object();
  writer.member("kind", windows != nullptr ? "window" : name_of(result.insight->kind));
  if (result.insight->live) {
    writer.member("live", true);
  }
  if (windows != nullptr) {
    write_windows(result, *windows, writer);
  } else {
    write_members(*result.insight, *result.part, result.value, writer);
  }
  writer.end_object();
}

}  // namespace millrace::insights
