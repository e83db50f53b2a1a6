// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <span>
#include <string>

#include "engine/insights/result_names.h"
#include "engine/insights/results.h"

namespace millrace::insights {
namespace {

using record::JsonWriter;

void member(const char* name, uint64_t value, JsonWriter& writer) {
  writer.name(name);
  writer.number(value);
}

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

void write_distinct(const DistinctResult& result, JsonWriter& writer) {
  member("value", result.value, writer);
  member("low", result.low, writer);
  member("high", result.high, writer);
  writer.name("exact");
  writer.boolean(result.exact);
}

void write_key(const std::vector<std::string>& values, JsonWriter& writer) {
  if (values.size() == 1) return writer.string(values[0]);
  writer.begin_array();
  for (const std::string& value : values) writer.string(value);
  writer.end_array();
}

// The members of each kind, behind `kind` and `live`.
struct Members {
  const Insight& insight;
  const Part& part;
  JsonWriter& writer;

  void operator()(const CountResult& result) const { member("value", result.value, writer); }

  void operator()(const RateResult& result) const {
    writer.name("value");
    writer.number(result.per_second);
    writer.name("over_seconds");
    writer.number(result.seconds);
  }

  void operator()(const CountByResult& result) const {
    writer.name("counts");
    write_nested(std::span(result.rows), 0, writer,
                 [this](const CountByResult::Row& row) { writer.number(row.count); });
  }

  void operator()(const DistinctResult& result) const { write_distinct(result, writer); }

  void operator()(const DistinctByResult& result) const {
    writer.name("by");
    write_nested(std::span(result.rows), 0, writer, [this](const DistinctByResult::Row& row) {
      writer.begin_object();
      write_distinct(row.distinct, writer);
      writer.end_object();
    });
  }

  void operator()(const TopResult& result) const {
    writer.name("items");
    writer.begin_array();
    for (const TopResult::Item& item : result.items) {
      writer.begin_object();
      writer.name("key");
      write_key(item.values, writer);
      member("count", item.count, writer);
      member("error", item.error, writer);
      for (size_t e = 0; e < item.also.size(); ++e) write_also(insight.edges[e], item.also[e]);
      writer.end_object();
    }
    writer.end_array();
  }

  void operator()(const HoursResult& result) const {
    writer.name("counts");
    writer.begin_object();
    for (size_t hour = 0; hour < result.counts.size(); ++hour) {
      member(std::to_string(hour).c_str(), result.counts[hour], writer);
    }
    writer.end_object();
  }

  void operator()(const QuantilesResult& result) const {
    writer.name("values");
    writer.begin_object();
    for (size_t i = 0; i < insight.quantiles.size(); ++i) {
      writer.name(quantile_name(insight.quantiles[i]));
      if (result.values.empty()) {
        writer.null();
      } else {
        writer.number(result.values[i]);
      }
    }
    writer.end_object();
    writer.name("relative_error");
    writer.number(result.relative_error);
  }

  void operator()(const NumberResult& result) const {
    writer.name("value");
    if (result.value) {
      writer.json(result.value->to_json());
    } else {
      writer.null();
    }
  }

  void operator()(const EdgeResult& result) const {
    writer.name("values");
    write_nested(std::span(result.rows), 0, writer,
                 [this](const EdgeResult::Row& row) { write_json(row.value, writer); });
  }

 private:
  void write_also(size_t edge, const std::optional<OwnedEdgeValue>& value) const {
    const EdgeField& field = part.edges[edge];
    writer.name(std::string(name_of(field.edge)) + '_' + field.name);
    if (value) {
      write_json(*value, writer);
    } else {
      writer.null();
    }
  }
};

}  // namespace

void write_json(const Result& result, record::JsonWriter& writer) {
  writer.begin_object();
  writer.name("kind");
  writer.string(name_of(result.insight->kind));
  if (result.insight->live) {
    writer.name("live");
    writer.boolean(true);
  }
  std::visit(Members{*result.insight, *result.part, writer}, result.value);
  writer.end_object();
}

}  // namespace millrace::insights
