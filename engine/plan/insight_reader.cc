// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/insight_reader.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/insights/key_counts.h"
#include "engine/plan/time_text.h"
#include "engine/plan/value_text.h"

namespace millrace::plan {
namespace {

constexpr int64_t kSecondsPerHour = 3600;

bool countable(const record::JsonValue* value) {
  return value != nullptr && value->kind != record::ValueKind::kObject &&
         value->kind != record::ValueKind::kArray;
}

unsigned hour_of_day(int64_t unix_seconds) {
  const int64_t hour =
      unix_seconds / kSecondsPerHour - (unix_seconds % kSecondsPerHour < 0 ? 1 : 0);
  return static_cast<unsigned>((hour % 24 + 24) % 24);
}

}  // namespace

InsightReader::InsightReader(const std::vector<config::InsightConfig>& insights,
                             const FieldNames& names) {
  size_t widest = 0;
  for (const config::InsightConfig& insight : insights) {
    Reading reading{insight.kind, {}};
    for (const config::Text& field : insight.fields) {
      const int32_t id = names.find(field.value);
      MILLRACE_CHECK(id != FieldNames::kNone);
      reading.fields.push_back(FieldId{static_cast<uint32_t>(id)});
    }
    widest = std::max(widest, reading.fields.size());
    readings_.push_back(std::move(reading));
  }
  scratch_.resize(widest);
}

void InsightReader::count(const Fields& fields, insights::Shard& shard) noexcept {
  for (size_t i = 0; i < readings_.size(); ++i) {
    const Reading& reading = readings_[i];
    if (reading.kind == config::InsightKind::kHoursOfDay) {
      const record::JsonValue* value = fields.input(reading.fields[0]);
      const auto seconds = value != nullptr && value->kind == record::ValueKind::kNumber
                               ? integral_value(value->text)
                               : std::nullopt;
      if (seconds) {
        shard.add_hour(i, hour_of_day(*seconds));
      } else {
        shard.add_missing(i);
      }
      continue;
    }
    values_.clear();
    for (size_t f = 0; f < reading.fields.size(); ++f) {
      const record::JsonValue* value = fields.input(reading.fields[f]);
      if (!countable(value)) break;
      values_.push_back(insights::cut_key(content(*value, scratch_[f])));
    }
    if (values_.size() == reading.fields.size()) {
      shard.add(i, values_);
    } else {
      shard.add_missing(i);
    }
  }
}

void InsightReader::count_missing(insights::Shard& shard) const noexcept {
  for (size_t i = 0; i < readings_.size(); ++i) shard.add_missing(i);
}

}  // namespace millrace::plan
