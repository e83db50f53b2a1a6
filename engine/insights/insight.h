// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace millrace::insights {

enum class Kind : uint8_t {
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

// The record that an edge value comes from: the first or the last one, in offset order, that its
// key was seen in.
enum class Edge : uint8_t { kFirst, kLast };

// `also:` of top, and what first and last keep: the value of one more field per key.
struct EdgeField {
  Edge edge = Edge::kLast;
  std::string name;  // the field's words: user_city of user.city
};

// What a shard holds for one insight, or for several that read the same.
enum class PartKind : uint8_t {
  kCounter,  // how many records
  kKeys,     // how many records of each key, with edge values where there are `edges`
  kHours,    // how many records of each hour of the day
  kNumbers,  // the exact sum, the least and the greatest of numbers
  kSketch,   // how many numbers of each size
};

// Windows of event time: half open, each `size_ms` long, beginning at the multiples of `hop_ms`
// since 1970. size_ms / hop_ms is a whole number, so that as many windows hold a moment.
struct Windowing {
  int64_t size_ms = 0;
  int64_t hop_ms = 0;
  // A window closes when the watermark, the largest event time so far, is so far beyond its end.
  int64_t grace_ms = 0;
  // An event time that is further beyond the record's Kafka timestamp moves no watermark.
  int64_t max_ahead_ms = 0;
};

struct Part {
  PartKind kind = PartKind::kCounter;
  size_t fields = 0;  // kKeys: values that make a key
  std::vector<EdgeField> edges = {};
  // Which records are counted: an index into Shard::selected(). 0 is "every emitted record".
  size_t selection = 0;
  std::optional<Windowing> window = {};  // all of it is counted for each window apart
};

// What a member of an insight's record on a topic shows: the members of its result by their names
// (counts to by), then what the result is of.
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

struct RecordMember {
  std::string name;
  RecordSource source = RecordSource::kValue;
};

// The topic that an insight is written to: its windows as they close, or else its total.
struct TopicOutput {
  std::string topic = {};
  std::chrono::milliseconds every{};       // totals: how often
  std::vector<RecordMember> members = {};  // of each record; empty: the usual ones
};

// A declared aggregate.
struct Insight {
  Kind kind = Kind::kCountBy;  // of a windowed one: what is counted in each window
  std::string name = {};
  // All of the plan that decides what it counts, in words that stay the same from version to
  // version: durable state is only taken up by the same definition.
  std::string definition = {};
  // What it counts, for the text report: the names of the fields of its keys, the groups of `by`
  // first, or of its number.
  std::vector<std::string> fields = {};
  size_t by = 0;           // distinct: how many of the fields are groups
  size_t limit = 10;       // top: how many items are shown
  size_t exact_up_to = 0;  // distinct and top: keys (of each group) that are kept exactly
  size_t keys_max = 0;     // count_by, first, last, and the groups of distinct: keys that are kept
  std::vector<double> quantiles = {};  // each above 0 and below 1
  bool live = false;                   // reads the clock: not a function of the input
  size_t part = 0;                     // of a shard: index into Declaration::parts
  // Which of the part's edges it shows: top's `also`, in its order, and the one of first or last.
  // (Others of the part are those of insights that share it.)
  std::vector<size_t> edges = {};
  // Windowed ones: its windows are closed when no record came for so long.
  std::optional<std::chrono::milliseconds> close_idle_after = {};
  std::optional<TopicOutput> output = {};
};

// What a plan counts: its insights and the ids of its rules, in the plan's order. Shards and states
// made for one declaration only fit each other. Immutable; outlives them.
struct Declaration {
  std::vector<Insight> insights = {};
  std::vector<Part> parts = {};
  size_t selections = 1;
  std::vector<std::string> rules = {};
};

}  // namespace millrace::insights
