// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/insights/closed_window.h"
#include "engine/insights/insight.h"
#include "engine/insights/results.h"

// What insights write to topics (docs/insights.md has the shapes, which are stable), as values.
namespace millrace::insights {

struct TopicRecord {
  std::string topic;
  std::string key;
  std::string value;  // a JSON object
};

// Whose windows they are.
struct WindowOrigin {
  std::string_view pipeline;
  std::string_view topic;  // of the input
  int32_t partition = 0;
};

// The records of a closed window: one for each of its groups, or one where its kind has none; with
// TopicOutput::members, one of all groups. Keys are INSIGHT/TOPIC/PARTITION/START and, for a group,
// its values behind that.
//
// A record whose key and value together would have more than `bytes_max` bytes is left as many of
// its rows as fit, the largest ones, and a member "not_shown" that says how many others there are.
// (Where there are no rows to leave out it stays as large as it is.)
//
// Requires: the window is of the declaration, and its insight has a topic.
[[nodiscard]] std::vector<TopicRecord> window_records(const Declaration& declaration,
                                                      const ClosedWindow& window,
                                                      const WindowOrigin& origin, size_t bytes_max);

// What a total is of.
struct TotalOrigin {
  std::string_view pipeline;
  size_t partitions = 0;  // input partitions that are merged
  bool final = false;     // the last one of this run
};

// The record of an insight's total, with its name as key; too large a one is cut as above.
// Requires: the insight has a topic, and no windows.
[[nodiscard]] TopicRecord total_record(const Result& total, const TotalOrigin& origin,
                                       size_t bytes_max);

}  // namespace millrace::insights
