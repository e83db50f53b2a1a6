// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/config/condition.h"
#include "engine/config/field_path.h"
#include "engine/config/place.h"
#include "engine/config/step_config.h"

// The insights as the user wrote them; docs/configuration.md has the kinds and their keys.
namespace millrace::config {

enum class InsightKind : uint8_t {
  kCount,
  kCountBy,
  kDistinct,
  kTop,
  kHoursOfDay,
  kQuantiles,
  kSum,
  kMin,
  kMax,
  kMean,
  kFirst,
  kLast,
  kRate,
};

// Which records an insight is about, by their outcome.
enum class InsightOf : uint8_t { kEmitted, kConsumed, kFiltered, kDeadLettered };

// One field of top's `also`: its value in the first or the last record of each item.
struct AlsoConfig {
  enum class Edge : uint8_t { kFirst, kLast };
  Edge edge = Edge::kLast;
  FieldPath field;
};

// Windows of event time, in each of which the insight counts for itself.
struct WindowConfig {
  std::chrono::milliseconds every{};  // how long a window is
  std::chrono::milliseconds hop{};    // from one's start to the next one's: a part of `every`
  std::chrono::milliseconds grace{0};
  std::chrono::milliseconds max_ahead{std::chrono::hours{1}};
  std::optional<FieldPath> on;  // the field with the event time; none: the record's timestamp
  TimeFormat from{TimeFormat::Kind::kUnixSeconds, {}};
  std::optional<std::chrono::milliseconds> close_idle_after;  // none: never
};

// What a member of an insight's records shows: a member of its result, or what the result is of.
enum class RecordSource : uint8_t {
  kCounts,
  kValue,
  kItems,
  kValues,
  kLow,
  kHigh,
  kExact,
  kBy,
  kNotKept,
  kPipeline,
  kInsight,
  kTopic,
  kPartition,
  kPartitions,
  kWindowStart,
  kWindowEnd,
  kFinal,
  kResult,
};

// The topic that an insight is written to: a windowed one its windows as they close, else its
// total.
struct InsightTopicConfig {
  Text topic;
  std::chrono::milliseconds every{std::chrono::seconds{60}};  // totals: how often
  std::vector<std::pair<std::string, RecordSource>> as;       // the members; empty: the usual ones
};

struct InsightConfig {
  Place place;
  InsightKind kind = InsightKind::kCountBy;
  std::string name;  // given, or made from the kind and the fields

  // What is read. count_by: one or more; count and rate: none; the others one, but for quantiles
  // of the latency since the record's timestamp, which have none.
  std::vector<FieldPath> fields;
  std::vector<FieldPath> by;     // first and last: whose; distinct: of each, or none
  std::vector<AlsoConfig> also;  // top
  bool latency = false;          // quantiles: of the time from the field's, or the record's, to now
  TimeFormat from{TimeFormat::Kind::kUnixSeconds, {}};  // how a time is written

  std::vector<double> quantiles;  // each above 0 and below 1
  size_t limit = 10;              // top: items that are shown
  size_t exact_up_to = 0;         // distinct (of each group) and top: keys that are kept exactly
  size_t keys_max = 0;            // count_by, first, last, distinct with `by`: keys that are kept

  InsightOf of = InsightOf::kEmitted;
  bool after = false;  // reads the output, not the record as it came in
  Place after_place;
  std::optional<Condition> when;  // only records of which it holds

  std::optional<WindowConfig> window;
  std::optional<InsightTopicConfig> topic;
};

}  // namespace millrace::config
