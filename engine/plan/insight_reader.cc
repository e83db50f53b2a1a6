// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/insight_reader.h"

#include <algorithm>
#include <chrono>
#include <span>

#include "engine/base/limits.h"
#include "engine/insights/key_counts.h"
#include "engine/record/value_text.h"

namespace millrace::plan {
namespace {

using insights::PartKind;
using record::JsonValue;
using record::ValueKind;

constexpr uint64_t kSecondsPerHour = 3600;
constexpr uint64_t kHoursPerDay = 24;
constexpr int64_t kMillisecondsPerSecond = 1000;
constexpr uint32_t kNanosecondsPerMillisecond = 1'000'000;
// The last one that steps know, of the year 9999.
constexpr int64_t kTimeMax = steps::kUnixSecondsMax * kMillisecondsPerSecond;

bool countable(const JsonValue* value) {
  return value != nullptr && value->kind != ValueKind::kObject && value->kind != ValueKind::kArray;
}

unsigned hour_of_day(int64_t unix_seconds) {
  // Counted from the first day that steps know, as numbers that are not negative divide faster.
  static_assert(steps::kUnixSecondsMin % steps::kSecondsPerDay == 0);
  const auto seconds = static_cast<uint64_t>(unix_seconds - steps::kUnixSecondsMin);
  return static_cast<unsigned>(seconds / kSecondsPerHour % kHoursPerDay);
}

// nullptr where there is none.
[[gnu::always_inline]] inline const JsonValue* value_at(const record::Path& path, bool after,
                                                        const record::Document& document) {
  if (!after) return document.input(path);
  const record::NodeIndex found = document.find(path);
  return found == record::kNoNode ? nullptr : &document.node(found).value;
}

bool read_time(const record::Path& path, bool after, const steps::TimeFormat& format,
               const record::Document& document, steps::StepContext& context,
               steps::Moment& moment) {
  const JsonValue* value = value_at(path, after, document);
  return value != nullptr &&
         format.read(*value, {}, context.scratch, moment) == steps::TimeError::kNone;
}

bool read_time(const PartReading& reading, const record::Document& document,
               steps::StepContext& context, steps::Moment& moment) {
  return read_time(reading.fields[0], reading.after, *reading.time, document, context, moment);
}

insights::EdgeValue edge_value(const JsonValue& value, int64_t time, std::string& scratch) {
  const std::string_view text = record::content(value, scratch);
  // Of a number that is too long for a key only the first digits are kept: it is a text then.
  const bool is_string =
      value.kind == ValueKind::kString || text.size() > base::limits::kInsightKeyBytesMax;
  return {insights::cut_key(text), is_string, time};
}

}  // namespace

InsightReader::InsightReader(const InsightProgram& program)
    : program_(program), holds_(program.selections.size()), scratch_(1) {
  for (const SelectionReading& selection : program.selections) {
    for (const PartReading& part : selection.parts)
      scratch_.resize(std::max(scratch_.size(), part.fields.size()));
  }
  values_.resize(scratch_.size());
}

void InsightReader::test_input(const record::Document& document,
                               steps::StepContext& context) noexcept {
  for (size_t i = 0; i < program_.selections.size(); ++i) {
    const SelectionReading& selection = program_.selections[i];
    if (selection.when == nullptr || selection.after) continue;
    holds_[i] = selection.when->test(document, context) == steps::Truth::kTrue ? 1 : 0;
  }
  // The steps begin with none.
  context.reason_text.clear();
  context.value = record::kNoNode;
}

bool InsightReader::is_selected(size_t selection, const record::Document* document,
                                steps::StepContext& context) const noexcept {
  const SelectionReading& reading = program_.selections[selection];
  if (document == nullptr) return false;
  if (!reading.after) return holds_[selection] != 0;
  return reading.when->test(*document, context) == steps::Truth::kTrue;
}

// The value of a key's field; false where it is missing, or is none that is counted.
[[gnu::always_inline]] inline bool InsightReader::read_key_value(const record::Path& field,
                                                                 bool after,
                                                                 const record::Document& document,
                                                                 size_t number,
                                                                 std::string_view& to) noexcept {
  const JsonValue* value = value_at(field, after, document);
  if (value == nullptr) return false;
  if (value->kind == ValueKind::kString && !value->escaped) [[likely]] {
    to = value->plain();
  } else {
    if (!countable(value)) return false;
    to = record::content(*value, scratch_[number]);
  }
  if (to.size() > base::limits::kInsightKeyBytesMax) [[unlikely]]
    to = insights::cut_long_key(to);
  return true;
}

bool InsightReader::count_keys(const PartReading& reading, const record::Document& document,
                               const steps::StepContext& context, insights::Shard& shard) noexcept {
  std::string_view* const values = values_.data();
  size_t count = 0;
  for (const record::Path& field : reading.fields) {
    if (!read_key_value(field, reading.after, document, count, values[count])) return false;
    ++count;
  }
  const size_t entry = shard.add_key(reading.part, {values, count});
  if (!reading.edges.empty()) set_edges(reading, entry, document, context, shard);
  return true;
}

// The same of a key of one field, without an edge.
[[gnu::always_inline]] inline bool InsightReader::count_value(const PartReading& reading,
                                                              const record::Document& document,
                                                              insights::Shard& shard) noexcept {
  std::string_view value;
  if (!read_key_value(reading.fields[0], reading.after, document, 0, value)) return false;
  static_cast<void>(shard.add_key(reading.part, {&value, 1}));
  return true;
}

void InsightReader::count_selections(record::Outcome outcome, const record::Document* document,
                                     steps::StepContext& context, insights::Shard& shard) noexcept {
  size_t next = 0;
  for (const SelectionReading& selection : program_.selections) {
    const size_t i = next++;
    if (!selection.of.has(outcome)) continue;
    if (selection.when != nullptr && !is_selected(i, document, context)) continue;
    if (i != 0) shard.select(i);  // the emitted records are counted as such
    for (const PartReading& part : selection.parts) {
      if (part.way == PartReading::Way::kOther || document == nullptr) {
        count_part(part, document, context, shard);
        continue;
      }
      const bool counted = part.way == PartReading::Way::kValue
                               ? count_value(part, *document, shard)
                               : count_keys(part, *document, context, shard);
      if (!counted) shard.add_missing(part.part);
    }
  }
}

bool InsightReader::begin_windows(const PartReading& reading, const record::Document* document,
                                  steps::StepContext& context, insights::Shard& shard) noexcept {
  const EventTime& event_time = *reading.event_time;
  const int64_t timestamp = context.input->timestamp_ms;
  int64_t time = timestamp;
  if (event_time.time != nullptr) {
    steps::Moment moment;
    const bool readable =
        document != nullptr &&
        read_time(event_time.on, reading.after, *event_time.time, *document, context, moment);
    if (!readable) {
      shard.add_missing(reading.part);
      return false;
    }
    time =
        moment.seconds * kMillisecondsPerSecond + moment.nanoseconds / kNanosecondsPerMillisecond;
    // (A record without a timestamp has nothing that its time could be ahead of.)
    if (timestamp >= 0 && timestamp <= kTimeMax && time > timestamp + event_time.max_ahead_ms) {
      shard.add_ahead(reading.part);
      return false;
    }
  } else if (timestamp < 0 || timestamp > kTimeMax) {
    shard.add_missing(reading.part);
    return false;
  }
  shard.set_time(reading.part, time, context.input->offset);
  return true;
}

void InsightReader::count_part(const PartReading& reading, const record::Document* document,
                               steps::StepContext& context, insights::Shard& shard) noexcept {
  if (reading.event_time && !begin_windows(reading, document, context, shard)) return;
  bool counted = false;
  switch (reading.kind) {
    case PartKind::kCounter:
      shard.add_one(reading.part);
      return;
    case PartKind::kKeys:
      counted = document != nullptr && count_keys(reading, *document, context, shard);
      break;
    case PartKind::kHours: {
      steps::Moment moment;
      counted = document != nullptr && read_time(reading, *document, context, moment);
      if (counted) shard.add_hour(reading.part, hour_of_day(moment.seconds));
      break;
    }
    case PartKind::kSketch:
      if (reading.latency) {
        counted = count_latency(reading, document, context, shard);
        break;
      }
      [[fallthrough]];
    case PartKind::kNumbers: {
      const JsonValue* value =
          document == nullptr ? nullptr : value_at(reading.fields[0], reading.after, *document);
      const auto number = value != nullptr && value->kind == ValueKind::kNumber
                              ? insights::Number::parse(value->text)
                              : std::nullopt;
      counted = number.has_value();
      if (counted) shard.add_number(reading.part, *number);
      break;
    }
  }
  if (!counted) shard.add_missing(reading.part);
}

void InsightReader::set_edges(const PartReading& reading, size_t entry,
                              const record::Document& document, const steps::StepContext& context,
                              insights::Shard& shard) noexcept {
  for (size_t e = 0; e < reading.edges.size(); ++e) {
    const JsonValue* value = value_at(reading.edges[e], reading.after, document);
    if (!countable(value)) continue;
    shard.set_edge(reading.part, entry, e,
                   edge_value(*value, context.input->timestamp_ms, scratch_[0]));
  }
}

bool InsightReader::count_latency(const PartReading& reading, const record::Document* document,
                                  steps::StepContext& context, insights::Shard& shard) noexcept {
  std::chrono::microseconds then{};
  if (reading.fields.empty()) {
    if (context.input->timestamp_ms < 0) return false;
    then = std::chrono::milliseconds{context.input->timestamp_ms};
  } else {
    steps::Moment moment;
    if (document == nullptr || !read_time(reading, *document, context, moment)) return false;
    then =
        std::chrono::seconds{moment.seconds} + std::chrono::microseconds{moment.nanoseconds / 1000};
  }
  const std::chrono::duration<double> latency = context.now.time_since_epoch() - then;
  shard.add_number(reading.part, insights::Number(latency.count()));
  return true;
}

}  // namespace millrace::plan
