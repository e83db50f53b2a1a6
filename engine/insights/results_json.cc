// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "engine/insights/ranking.h"
#include "engine/insights/results.h"

namespace millrace::insights {
namespace {

// Writes the rows, which stand in the order of their values and agree in the first `depth` of them,
// as one object: a member per value at `depth`, nested while there are more fields.
void write_counts(std::span<const Row> rows, size_t depth, record::JsonWriter& writer) {
  writer.begin_object();
  while (!rows.empty()) {
    const std::string_view value = rows.front().values[depth];
    const auto end = std::find_if(rows.begin(), rows.end(), [value, depth](const Row& row) {
      return row.values[depth] != value;
    });
    const auto same = static_cast<size_t>(end - rows.begin());
    writer.name(value);
    if (depth + 1 == rows.front().values.size()) {
      writer.number(rows.front().count);
    } else {
      write_counts(rows.first(same), depth + 1, writer);
    }
    rows = rows.subspan(same);
  }
  writer.end_object();
}

void write_count_by(const KeyCounts& keys, size_t fields, record::JsonWriter& writer) {
  writer.name("counts");
  write_counts(rows_by_value(keys, fields), 0, writer);
}

void write_distinct(const KeyCounts& keys, record::JsonWriter& writer) {
  const uint64_t kept = keys.entries().size();
  writer.name("value");
  writer.number(kept);
  writer.name("low");
  writer.number(kept);
  writer.name("high");
  writer.number(kept + keys.overflow());
  writer.name("exact");
  writer.boolean(keys.overflow() == 0);
}

void write_key(const Row& row, record::JsonWriter& writer) {
  if (row.values.size() == 1) return writer.string(row.values[0]);
  writer.begin_array();
  for (const std::string_view value : row.values) writer.string(value);
  writer.end_array();
}

void write_top(const KeyCounts& keys, const Insight& insight, record::JsonWriter& writer) {
  writer.name("items");
  writer.begin_array();
  for (const Row& row : rows_by_count(keys, insight.fields.size(), insight.limit)) {
    writer.begin_object();
    writer.name("key");
    write_key(row, writer);
    // Any of what was not kept may belong to this key, if two tables were merged.
    writer.name("count");
    writer.number(row.count + keys.overflow());
    writer.name("error");
    writer.number(keys.overflow());
    writer.end_object();
  }
  writer.end_array();
}

void write_hours(const std::array<uint64_t, 24>& hours, record::JsonWriter& writer) {
  writer.name("counts");
  writer.begin_object();
  for (size_t hour = 0; hour < hours.size(); ++hour) {
    writer.name(std::to_string(hour));
    writer.number(hours[hour]);
  }
  writer.end_object();
}

}  // namespace

void write_json(const Shard& state, size_t insight, record::JsonWriter& writer) {
  const Insight& declared = state.declaration().insights[insight];
  const KeyCounts& keys = state.keys(insight);
  writer.begin_object();
  writer.name("kind");
  switch (declared.kind) {
    case Kind::kCountBy:
      writer.string("count_by");
      write_count_by(keys, declared.fields.size(), writer);
      break;
    case Kind::kDistinct:
      writer.string("distinct");
      write_distinct(keys, writer);
      break;
    case Kind::kTop:
      writer.string("top");
      write_top(keys, declared, writer);
      break;
    case Kind::kHoursOfDay:
      writer.string("hours_of_day");
      write_hours(state.hours(insight), writer);
      break;
  }
  writer.end_object();
}

}  // namespace millrace::insights
