// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/insights/edge_values.h"
#include "engine/insights/insight.h"
#include "engine/insights/number.h"
#include "engine/record/json_writer.h"

// What insights came to, as values: they hold no state, and stay what they are when counting goes
// on. As JSON (docs/insights.md, stable) and as text for people.
namespace millrace::insights {

struct CountResult {
  uint64_t value = 0;
};

struct RateResult {
  double per_second = 0;
  double seconds = 0;  // over which it was taken
};

// Rows by the bytes of their values, the first field deciding first.
struct CountByResult {
  struct Row {
    std::vector<std::string> values;
    uint64_t count = 0;
  };

  std::vector<Row> rows;
};

// low <= the true number <= high: for certain where `exact`, else with 95 % at least.
struct DistinctResult {
  uint64_t value = 0;
  uint64_t low = 0;
  uint64_t high = 0;
  bool exact = true;
};

// distinct with `by`: rows by the bytes of their groups.
struct DistinctByResult {
  struct Row {
    std::vector<std::string> values;
    DistinctResult distinct;
  };

  std::vector<Row> rows;
};

// Largest first, ties by the bytes of the values. count - error <= the true count <= count.
struct TopResult {
  struct Item {
    std::vector<std::string> values;
    uint64_t count = 0;
    uint64_t error = 0;
    std::vector<std::optional<OwnedEdgeValue>> also;  // by Insight::edges
  };

  std::vector<Item> items;
  uint64_t keys = 0;  // that are known; more may have been forgotten where `error` is not 0
};

struct HoursResult {
  std::array<uint64_t, 24> counts{};
};

// values[i] belongs to Insight::quantiles[i]; empty where nothing was counted.
struct QuantilesResult {
  std::vector<double> values;
  double relative_error = 0;
};

// kSum, kMin, kMax, kMean; without a value where nothing was counted (a sum is 0 then).
struct NumberResult {
  std::optional<Number> value;
};

// kFirst, kLast: rows by the bytes of their keys.
struct EdgeResult {
  struct Row {
    std::vector<std::string> values;
    OwnedEdgeValue value;
  };

  std::vector<Row> rows;
};

// Windows of event time. All times are Unix milliseconds.
struct WindowResult {
  struct Window;

  // Records that came when a window was closed.
  struct Late {
    int64_t start = 0;
    uint64_t records = 0;
  };

  // The largest event time so far; of several partitions the smallest of theirs.
  std::optional<int64_t> watermark;
  std::vector<Window> open;        // by start
  uint64_t closed = 0;             // how many windows, of each partition
  std::vector<Late> late_windows;  // by start: the last windows that have any
  uint64_t late_earlier = 0;       // the records of all such windows before them
};

using ResultValue =
    std::variant<CountResult, RateResult, CountByResult, DistinctResult, DistinctByResult,
                 TopResult, HoursResult, QuantilesResult, NumberResult, EdgeResult, WindowResult>;

struct WindowResult::Window {
  int64_t start = 0;
  uint64_t counted = 0;
  ResultValue value;
};

struct Result {
  const Insight* insight = nullptr;  // the declaration's
  const Part* part = nullptr;
  uint64_t emitted = 0;   // records that were emitted since the insight began
  uint64_t selected = 0;  // records that the insight is about (emitted, by default)
  uint64_t counted = 0;
  uint64_t missing = 0;   // records that lack the field, or of a windowed insight the time
  uint64_t late = 0;      // of a windowed insight: they came after their windows
  uint64_t ahead = 0;     // and: their time is too far ahead; selected = the four of these, always
  uint64_t not_kept = 0;  // of the counted ones: their keys found no room
  ResultValue value;
};

void write_json(const Result& result, record::JsonWriter& writer);

// The members that a kind's JSON has behind `kind` and `live`, into an object that was begun; or
// the value of one of them, false where there is none of this name. Requires: of one window, or of
// an insight without windows.
void write_members(const Insight& insight, const Part& part, const ResultValue& value,
                   record::JsonWriter& writer);
[[nodiscard]] bool write_member(const Insight& insight, const Part& part, const ResultValue& value,
                                std::string_view name, record::JsonWriter& writer);

// Aligned lines for people, each ending in a newline: the insight's name, then its results, at most
// `rows_max` rows of them, then "… and n more". (The 24 hours are always shown.)
[[nodiscard]] std::string to_text(const Result& result, size_t rows_max);

}  // namespace millrace::insights
