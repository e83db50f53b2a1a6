// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// A pipeline's YAML file as plain structs: what the user wrote, checked for shape (known keys,
// types, ranges) but not yet for meaning; that is the plan's compilation. Durations are
// std::chrono, sizes bytes. Each value that a later error can be about carries its Place.
//
// Lifetime: plain values. Threading: immutable after load().
namespace millrace::config {

// Where in which file a value stands, 1-based; line 0 means "not in a file".
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};

// A value and its place.
template <typename T>
struct Placed {
  T value{};
  Place place;
};

using Text = Placed<std::string>;

// One librdkafka property, passed through. The value may be a secret: never logged.
struct KafkaProperty {
  Text name;
  std::string value;
};

struct KafkaConfig {
  std::vector<KafkaProperty> common;
  std::vector<KafkaProperty> consumer;
  std::vector<KafkaProperty> producer;
};

enum class Start { kEarliest, kLatest };
enum class Tombstones { kDeadLetter, kPass, kFilter };
enum class DuplicateMembers { kLastWins, kDeadLetter };

struct InputConfig {
  // Exactly one of the two: topic names, or one pattern ("^…", matched by the client library).
  std::vector<Text> topics;
  std::optional<Text> pattern;
  Text group;
  Start start = Start::kEarliest;
  size_t batch_records_max = 1000;
  std::chrono::milliseconds batch_wait{5};
  Tombstones tombstones = Tombstones::kDeadLetter;
  DuplicateMembers duplicate_members = DuplicateMembers::kLastWins;
};

// The JSON types of JSON Schema; kInteger admits 1.0, kNumber admits integers.
enum class JsonType : uint8_t { kString, kInteger, kNumber, kBoolean, kNull, kObject, kArray };

// The part of JSON Schema that is supported today: type: object, required, properties with type.
struct SchemaConfig {
  struct Property {
    Text name;
    std::vector<JsonType> types;  // empty: any
  };

  std::vector<Text> required;
  std::vector<Property> properties;
};

// Steps, one struct per kind.
struct KeepIf {
  Text field;
  Text version_at_least;
};

struct Lowercase {
  Text field;
};

struct Rename {
  std::vector<std::pair<Text, Text>> names;  // from, to; in the order written
};

enum class TimeSource { kUnixSeconds, kUnixMilliseconds };
enum class TimeFormat { kRfc3339, kUnixSeconds, kUnixMilliseconds };

struct FormatTime {
  Text field;
  TimeSource from = TimeSource::kUnixSeconds;
  TimeFormat as = TimeFormat::kRfc3339;  // kRfc3339 only, today
};

struct Add {
  struct Now {
    TimeFormat as = TimeFormat::kRfc3339;
  };

  // A constant is kept as the JSON text that the record will carry ("\"x\"", "1", "true", "null").
  struct Constant {
    std::string json;
  };

  struct Member {
    Text name;
    std::variant<Constant, Now> value;
  };

  std::vector<Member> members;
};

struct StepConfig {
  Place place;
  std::variant<KeepIf, Lowercase, Rename, FormatTime, Add> step;
};

struct OutputConfig {
  Text topic;
  std::optional<Text> key;  // a member of the output record; without it the input's key
};

// Exactly one of: discarded (counted only), or a topic.
struct DeadLettersConfig {
  bool discard = false;
  Text topic;
};

struct DeliveryConfig {
  std::chrono::milliseconds commit_every{100};
};

enum class InsightKind : uint8_t { kCountBy, kDistinct, kTop, kHoursOfDay };

struct InsightConfig {
  Place place;
  InsightKind kind = InsightKind::kCountBy;
  std::string name;          // given, or made from the kind and the fields
  std::vector<Text> fields;  // count_by: one or more; the others: one
  size_t limit = 10;         // top only
};

struct ReportConfig {
  // At most one is set. Default: every 60 s.
  std::optional<std::chrono::milliseconds> every;
  std::optional<uint64_t> every_records;
};

enum class LogLevel { kDebug, kInfo, kWarn, kError };

struct PipelineConfig {
  std::string file;  // as named by the user
  Text pipeline;
  KafkaConfig kafka;
  InputConfig input;
  std::optional<SchemaConfig> schema;
  std::vector<StepConfig> steps;
  OutputConfig output;
  DeadLettersConfig dead_letters;
  DeliveryConfig delivery;
  std::vector<InsightConfig> insights;
  ReportConfig report;
  size_t workers = 0;  // 0: one per core
  size_t memory_bytes = size_t{512} << 20;
  std::chrono::milliseconds stop_deadline{30'000};
  LogLevel log_level = LogLevel::kInfo;
};

// One thing wrong with a configuration.
struct Problem {
  Place place;
  std::string message;
};

// "FILE:LINE:COLUMN: message", the line that the user sees.
[[nodiscard]] std::string to_string(const Problem& problem);

// What `load` found: the configuration, or every problem in the order of the file.
struct Loaded {
  PipelineConfig config;
  std::vector<Problem> problems;
};

}  // namespace millrace::config
