// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/insight_reader.h"

#include <algorithm>

#include "engine/insights/key_counts.h"
#include "engine/record/json_text.h"
#include "engine/record/value_text.h"

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

InsightReader::InsightReader(const std::vector<InsightReading>& readings) : readings_(readings) {
  size_t widest = 0;
  for (const InsightReading& reading : readings) widest = std::max(widest, reading.fields.size());
  scratch_.resize(widest);
}

void InsightReader::count(const record::Document& document, insights::Shard& shard) noexcept {
  for (size_t i = 0; i < readings_.size(); ++i) {
    const InsightReading& reading = readings_[i];
    if (reading.kind == config::InsightKind::kHoursOfDay) {
      const record::JsonValue* value = document.input(reading.fields[0]);
      const auto seconds = value != nullptr && value->kind == record::ValueKind::kNumber
                               ? record::integral_value(value->text)
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
      const record::JsonValue* value = document.input(reading.fields[f]);
      if (!countable(value)) break;
      values_.push_back(insights::cut_key(record::content(*value, scratch_[f])));
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
