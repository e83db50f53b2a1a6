// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
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

struct Part {
  PartKind kind = PartKind::kCounter;
  size_t fields = 0;  // kKeys: values that make a key
  std::vector<EdgeField> edges = {};
  // Which records are counted: an index into Shard::selected(). 0 is "every emitted record".
  size_t selection = 0;
};

// A declared aggregate.
struct Insight {
  Kind kind = Kind::kCountBy;
  std::string name = {};
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
