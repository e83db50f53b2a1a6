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

#include "engine/config/alert_config.h"
#include "engine/config/field_path.h"
#include "engine/config/insight_config.h"
#include "engine/config/place.h"
#include "engine/config/step_config.h"

// A pipeline's YAML file as plain structs: what the user wrote, checked for shape (known keys,
// types, ranges) but not yet for meaning; that is the plan's compilation. Durations are
// std::chrono, sizes bytes. Each value that a later error can be about carries its Place.
//
// Lifetime: plain values. Threading: immutable after load().
namespace millrace::config {

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
// What to do where the offset to read next is not in the log any more.
enum class OnLostOffsets { kStop, kEarliest, kLatest };
enum class Tombstones { kDeadLetter, kPass, kFilter };
enum class DuplicateMembers { kLastWins, kDeadLetter };

// What may stand in a record's value besides an object.
enum class Values { kObjects, kAny };

struct InputConfig {
  // Exactly one of the two: topic names, or one pattern ("^…", matched by the client library).
  std::vector<Text> topics;
  std::optional<Text> pattern;
  Text group;
  Start start = Start::kEarliest;
  OnLostOffsets on_lost_offsets = OnLostOffsets::kStop;
  size_t batch_records_max = 1000;
  std::optional<std::chrono::milliseconds> batch_wait;  // none: as `latency` says
  Tombstones tombstones = Tombstones::kDeadLetter;
  DuplicateMembers duplicate_members = DuplicateMembers::kLastWins;
  Values values = Values::kObjects;
};

// A JSON Schema, read and not yet compiled: the whole document as JSON text.
struct SchemaConfig {
  Place place;       // of the key `schema`, or of the file's start
  std::string file;  // where it is a file of its own: its path; empty where it stands inline
  std::string json;
  // Where the values of the document stand, by their JSON Pointer; for documents written in YAML.
  // (JSON files: the compiler tells the offset in `json`.)
  std::map<std::string, Place> places;
};

// The addresses that begin with `prefix` lie in the folder `dir`: nothing is ever fetched.
struct SchemaSource {
  Text prefix;
  std::string dir;  // relative to the working directory, like all paths here
};

enum class SchemaDraft { k202012, k7 };
enum class Formats { kAnnotate, kAssert };

enum class OutputKey { kKeep, kNone, kField };
enum class OutputTimestamp { kNow, kRecord };
enum class OutputPartition { kByKey, kSameAsInput, kRoundRobin };
enum class OutputEncoding { kCompact, kSpaced };

struct OutputConfig {
  Text topic;
  OutputKey key = OutputKey::kKeep;
  FieldPath key_field;  // kField: a value of the output record
  bool headers = true;  // the input's headers go with the record
  OutputTimestamp timestamp = OutputTimestamp::kNow;
  OutputPartition partition = OutputPartition::kByKey;
  OutputEncoding encoding = OutputEncoding::kCompact;
};

enum class DeadLetterFormat { kRaw, kEnvelope, kFields };

// The run stops where more than this share of the last `over` records became dead letters.
struct StopAbove {
  double share = 0.5;  // above 0, below 1
  size_t over = 10'000;
};

// Exactly one of: discarded (counted only), or a topic.
struct DeadLettersConfig {
  bool discard = false;
  Text topic;
  DeadLetterFormat format = DeadLetterFormat::kRaw;
  std::vector<Text> fields;  // kFields: members of the input's top level, null where absent
  std::string error;         // kFields: the member that holds the reason text
  std::optional<StopAbove> stop_above;
  // Of `dead-letters replay`: a dead letter that was replayed so often goes to the parking topic.
  uint64_t max_attempts = 3;
  Text parking_topic;   // filled in: "<topic>.parking"
  Text progress_topic;  // which were replayed; filled in: "<pipeline>.replay-progress"
};

enum class Guarantee { kExactlyOnce, kAtLeastOnce };
// What becomes of a record whose output the broker refuses for good.
enum class OnFailure { kStop, kDeadLetter };

struct DeliveryConfig {
  Place place;  // of the key `guarantee`, or else of `delivery`, or of the file
  Guarantee guarantee = Guarantee::kExactlyOnce;
  std::chrono::milliseconds commit_every{100};
  OnFailure on_failure = OnFailure::kStop;
  // How long the broker lets a transaction be open: also how long a crashed member that nobody
  // starts again under its name holds its partitions back.
  std::chrono::milliseconds transaction_timeout{10'000};
};

// What becomes of a partition whose committed offset is not where its insights' state was left.
enum class OnMovedOffsets { kStop, kReset, kKeep };

struct StateConfig {
  // False: insights last as long as the process, and under at_least_once no right to use
  // transactions is needed: plain commits.
  bool durable = true;
  Text topic;  // where it is written; filled in: "<pipeline>.state"
  std::chrono::milliseconds every{5000};
  OnMovedOffsets on_moved_offsets = OnMovedOffsets::kStop;
};

// What is wanted more: records that come out soon, or CPU time.
enum class Latency { kLow, kBalanced, kRelaxed };

struct ReportConfig {
  // At most one is set. Default: every 60 s.
  std::optional<std::chrono::milliseconds> every;
  std::optional<uint64_t> every_records;
};

enum class LogLevel { kDebug, kInfo, kWarn, kError };
enum class LogFormat { kText, kJson };

struct LogConfig {
  LogLevel level = LogLevel::kInfo;
  LogFormat format = LogFormat::kText;
};

// Files in PEM, relative to the working directory; the place of each is where it is named.
struct TlsFiles {
  Text certificate;  // with what leads to its authority, if anything does
  Text key;
};

// Where the process answers over HTTP.
struct ServeConfig {
  Text listen;          // as it is written: "127.0.0.1:9464"
  std::string address;  // numeric, as inet_ntop has it; IPv6 without brackets
  uint16_t port = 0;    // 0: a free one
  std::string token;    // a secret: never logged; empty: none is asked for
  std::optional<TlsFiles> tls;

  [[nodiscard]] bool is_loopback() const;
};

struct PipelineConfig {
  std::string file;  // as named by the user
  Text pipeline;
  KafkaConfig kafka;
  InputConfig input;
  std::optional<SchemaConfig> schema;
  std::vector<SchemaSource> schema_sources;
  SchemaDraft schema_draft = SchemaDraft::k202012;  // where the schema does not say
  Formats formats = Formats::kAnnotate;
  std::vector<StepConfig> steps;
  OutputConfig output;
  DeadLettersConfig dead_letters;
  DeliveryConfig delivery;
  StateConfig state;
  std::vector<InsightConfig> insights;
  std::vector<AlertConfig> alerts;
  ReportConfig report;
  // How long polls, deliveries and fetches wait for more, where no setting of its own says so.
  Latency latency = Latency::kBalanced;
  size_t workers = 0;  // 0: one per core
  size_t memory_bytes = size_t{512} << 20;
  std::chrono::milliseconds stop_deadline{30'000};
  // The stable name of this copy: static membership, and with the pipeline's name the
  // transactional id. None: a random one.
  std::optional<Text> instance;
  std::chrono::milliseconds session_timeout{10'000};
  // A partition with lag that does not move for so long is unhealthy.
  std::chrono::milliseconds stalled_after{30'000};
  LogConfig log;
  std::optional<ServeConfig> serve;  // nothing: it does not answer
};

// What `load` found: the configuration, and every problem in the order of the file, warnings among
// them.
struct Loaded {
  PipelineConfig config;
  std::vector<Problem> problems;
};

}  // namespace millrace::config
