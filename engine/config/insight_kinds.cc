// SPDX-License-Identifier: Apache-2.0
#include "engine/config/insight_kinds.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/limits.h"
#include "engine/config/step_readers.h"

namespace millrace::config {
namespace {

constexpr size_t kFieldsMax = 8;
constexpr size_t kQuantilesMax = 20;
constexpr uint64_t kTopLimitMax = 1000;

// A field, or a list of up to 8, none twice.
std::vector<FieldPath> read_fields(const Field& field) {
  std::vector<FieldPath> fields;
  std::vector<Field> items = field.items_or_one("a field, or a list of fields");
  if (items.size() > kFieldsMax) field.problem("has more than 8 members");
  for (const Field& item : items) {
    auto path = item.field_path();
    if (!path) continue;
    for (const FieldPath& other : fields) {
      if (path_key(other) == path_key(*path)) {
        item.problem("names " + in_quotes(other.text) + " twice");
      }
    }
    fields.push_back(std::move(*path));
  }
  return fields;
}

bool read_one_field(const Field& field, InsightConfig& insight) {
  if (auto path = field.field_path()) insight.fields.push_back(std::move(*path));
  return !insight.fields.empty();
}

// count and rate: what is counted can only be records.
bool read_records(const Field& field, InsightConfig& /*insight*/) {
  return field.choice<bool>({{"records", true}}).value_or(false);
}

bool read_count_by(const Field& field, InsightConfig& insight) {
  insight.fields = read_fields(field);
  insight.keys_max = base::limits::kInsightKeysDefault;
  return !insight.fields.empty();
}

bool read_distinct(const Field& field, InsightConfig& insight) {
  insight.exact_up_to = base::limits::kDistinctExactDefault;
  return read_one_field(field, insight);
}

bool read_of_key(const Field& field, InsightConfig& insight) {
  insight.keys_max = base::limits::kInsightKeysDefault;
  return read_one_field(field, insight);
}

void read_edge(const Field& field, AlsoConfig::Edge edge, InsightConfig& insight) {
  for (FieldPath& path : read_fields(field)) insight.also.push_back({edge, std::move(path)});
}

void read_also(const Field& field, InsightConfig& insight) {
  auto map = field.map("a map such as {last: timestamp}");
  if (!map) return;
  read_edge(map->take("first"), AlsoConfig::Edge::kFirst, insight);
  read_edge(map->take("last"), AlsoConfig::Edge::kLast, insight);
  map->finish();
  if (field.node().members.empty()) field.problem("is empty; write {last: timestamp}");
}

bool read_top(const Field& field, InsightConfig& insight) {
  insight.exact_up_to = base::limits::kTopExactDefault;
  auto map = field.map("a map such as {of: user_id, limit: 10}");
  if (!map) return false;
  if (auto path = map->require("of", "name the field whose values are counted").field_path()) {
    insight.fields.push_back(std::move(*path));
  }
  set_if(insight.limit, map->take("limit").count(1, kTopLimitMax));
  read_also(map->take("also"), insight);
  set_if(insight.exact_up_to, map->take("exact_up_to").count(1, base::limits::kInsightKeysMax));
  map->not_yet({"by", "sum", "on"});
  map->finish();
  return !insight.fields.empty();
}

// A share as it is written: 0.5, 0.999. Six digits are as many as a name such as p99.9999 shows.
std::optional<double> parse_share(std::string_view text) {
  static constexpr std::string_view kZero = "0.";
  static constexpr size_t kDigitsMax = 6;
  if (!text.starts_with(kZero) || text.size() > kZero.size() + kDigitsMax) return std::nullopt;
  const std::string_view digits = text.substr(kZero.size());
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  double share = 0;
  std::from_chars(text.data(), text.data() + text.size(), share);
  if (share <= 0) return std::nullopt;
  return share;
}

void read_at(const Field& field, InsightConfig& insight) {
  static constexpr std::string_view kExpectation =
      "a number above 0 and below 1 with at most 6 digits behind the point, such as 0.99";
  if (!field.present()) return;
  std::vector<double> quantiles;
  const std::vector<Field> items = field.items_or_one("a list such as [0.5, 0.9, 0.99]");
  if (items.size() > kQuantilesMax) field.problem("has more than 20 members");
  for (const Field& item : items) {
    const auto text = item.text(kExpectation);
    if (!text) continue;
    const auto share = parse_share(text->value);
    if (!share) {
      item.expected(kExpectation);
    } else if (std::find(quantiles.begin(), quantiles.end(), *share) != quantiles.end()) {
      item.problem("names " + in_quotes(text->value) + " twice");
    } else {
      quantiles.push_back(*share);
    }
  }
  if (!quantiles.empty()) insight.quantiles = std::move(quantiles);
}

// A field with a time, or {timestamp: true}, the record's own. False where it is neither.
bool read_latency_of(const Field& field, InsightConfig& insight) {
  insight.latency = true;
  if (!field.is(NodeKind::kMap)) return read_one_field(field, insight);
  auto map = field.map();
  const Field timestamp =
      map->require("timestamp",
                   "write {timestamp: true} for the record's own, or the path of a "
                   "field");
  map->finish();
  const auto is_true = timestamp.boolean();
  if (is_true && !*is_true) timestamp.expected("true");
  return is_true.value_or(false);
}

bool read_quantiles(const Field& field, InsightConfig& insight) {
  insight.quantiles = {0.5, 0.9, 0.95, 0.99};
  if (!field.is(NodeKind::kMap)) return read_one_field(field, insight);
  auto map = field.map();
  const Field of = map->take("of");
  const Field latency_of = map->take("latency_of");
  read_at(map->take("at"), insight);
  map->finish();
  if (of.present() == latency_of.present()) {
    field.problem(of.present() ? "has both 'of' and 'latency_of'; give each an item of its own"
                               : "needs 'of', a field with numbers, or 'latency_of', one with a "
                                 "time");
    return false;
  }
  return of.present() ? read_one_field(of, insight) : read_latency_of(latency_of, insight);
}

constexpr std::array<KnownInsightKind, 13> kKinds = {
    KnownInsightKind{"count", InsightKind::kCount, read_records},
    KnownInsightKind{"count_by", InsightKind::kCountBy, read_count_by},
    KnownInsightKind{"distinct", InsightKind::kDistinct, read_distinct},
    KnownInsightKind{"top", InsightKind::kTop, read_top},
    KnownInsightKind{"hours_of_day", InsightKind::kHoursOfDay, read_one_field},
    KnownInsightKind{"quantiles", InsightKind::kQuantiles, read_quantiles},
    KnownInsightKind{"sum", InsightKind::kSum, read_one_field},
    KnownInsightKind{"min", InsightKind::kMin, read_one_field},
    KnownInsightKind{"max", InsightKind::kMax, read_one_field},
    KnownInsightKind{"mean", InsightKind::kMean, read_one_field},
    KnownInsightKind{"first", InsightKind::kFirst, read_of_key},
    KnownInsightKind{"last", InsightKind::kLast, read_of_key},
    KnownInsightKind{"rate", InsightKind::kRate, read_records}};

bool keeps_an_edge(InsightKind kind) {
  return kind == InsightKind::kFirst || kind == InsightKind::kLast;
}

bool reads_a_time(const InsightConfig& insight) {
  return insight.kind == InsightKind::kHoursOfDay || (insight.latency && !insight.fields.empty());
}

// At the key of a field that means nothing here.
void refuse(const Field& field, std::string_view sentence, Problems& problems) {
  if (field.present()) {
    problems.add(field.key_place(), "'" + field.path() + "' " + std::string(sentence));
  }
}

bool read_by(const Field& by, const MapReader& map, Problems& problems, InsightConfig& insight) {
  const bool needed = keeps_an_edge(insight.kind);
  if (!needed && insight.kind != InsightKind::kDistinct) {
    refuse(by, "is for distinct, first and last; count_by takes a list of fields", problems);
    return true;
  }
  if (needed && !by.present()) {
    problems.add(map.place(),
                 "the key 'by' is missing in 'insights'; name the field whose values each have "
                 "their own, such as 'by: device_id'");
  }
  insight.by = read_fields(by);
  for (const FieldPath& path : insight.by) {
    if (!insight.fields.empty() && path_key(path) == path_key(insight.fields[0])) {
      by.problem("names " + in_quotes(path.text) + ", which is the field itself");
    }
  }
  return !needed || !insight.by.empty();
}

// Requires: `by` is read.
void read_limits(const Field& exact_up_to, const Field& keys_max, Problems& problems,
                 InsightConfig& insight) {
  const bool grouped = insight.kind == InsightKind::kDistinct && !insight.by.empty();
  if (grouped) {
    insight.exact_up_to = base::limits::kDistinctGroupExactDefault;
    insight.keys_max = base::limits::kInsightKeysDefault;
  }
  if (insight.kind == InsightKind::kDistinct) {
    set_if(insight.exact_up_to, exact_up_to.count(1, grouped ? base::limits::kDistinctGroupExactMax
                                                             : base::limits::kInsightKeysMax));
  } else {
    refuse(exact_up_to,
           insight.kind == InsightKind::kTop
               ? "stands inside of 'top': {of: user_id, exact_up_to: 1000}"
               : "is for distinct, and inside of top",
           problems);
  }
  if (grouped || insight.kind == InsightKind::kCountBy || keeps_an_edge(insight.kind)) {
    set_if(insight.keys_max, keys_max.count(1, base::limits::kInsightKeysMax));
  } else {
    refuse(keys_max, "is for count_by, first, last, and distinct with 'by'", problems);
  }
}

void read_from(const Field& from, Problems& problems, InsightConfig& insight) {
  const bool has_event_time = insight.window && insight.window->on;
  if (!reads_a_time(insight) && !has_event_time) {
    refuse(from, "says how a time is written; hours_of_day and latency_of read one from a field",
           problems);
    return;
  }
  const auto format = read_time_format(from);
  if (!format) return;
  check_readable(from, *format);
  if (reads_a_time(insight)) insight.from = *format;
  if (has_event_time) insight.window->from = *format;
}

}  // namespace

std::span<const KnownInsightKind> insight_kinds() {
  return kKinds;
}

bool read_kind_keys(MapReader& map, Problems& problems, InsightConfig& insight) {
  const bool complete = read_by(map.take("by"), map, problems, insight);
  read_limits(map.take("exact_up_to"), map.take("keys_max"), problems, insight);
  read_from(map.take("from"), problems, insight);
  return complete;
}

}  // namespace millrace::config
