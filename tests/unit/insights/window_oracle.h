// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/insights/state.h"
#include "engine/record/json_writer.h"
#include "tests/unit/insights/windowed_stream.h"

// What windows mean, record by record, with nothing of what the engine does about it: no batches,
// no shards, no part of a window. A window is the list of its records until it is shown.
namespace millrace::insights {

class WindowOracle {
 public:
  struct Shown {
    size_t insight = 0;
    int64_t start = 0;
    int64_t closed_by = 0;  // offset
    std::string json;

    friend bool operator==(const Shown&, const Shown&) = default;
  };

  // Of one insight.
  struct Counts {
    std::optional<int64_t> watermark;
    std::map<int64_t, std::vector<TimedRecord>> open;
    uint64_t counted = 0;
    uint64_t missing = 0;
    uint64_t late = 0;
    uint64_t ahead = 0;
    uint64_t closed = 0;
    std::map<int64_t, uint64_t> late_windows;
  };

  explicit WindowOracle(const Windowing& window)
      : window_(window), plain_(windowed(std::nullopt)), counts_(plain_.insights.size()) {}

  void add(const TimedRecord& record) {
    const Said said = said_by(record);
    for (size_t i = 0; i < counts_.size(); ++i) {
      const size_t part = plain_.insights[i].part;
      const bool has_field =
          !(part == kPairs && !said.has_pair) && !(part == kAmounts && !said.amount);
      add(record, has_field, i);
    }
  }

  [[nodiscard]] const Counts& counts(size_t insight) const { return counts_[insight]; }

  [[nodiscard]] const std::vector<Shown>& closed() const { return closed_; }

  [[nodiscard]] std::string json_of(size_t insight, std::span<const TimedRecord> records) const {
    State state(plain_);
    Shard one(plain_);
    for (const TimedRecord& record : records) {
      count_timed(record, one);
      state.add(one, {record.offset}, kNow);
      one.clear();
    }
    record::JsonWriter writer;
    write_json(state.result(insight, kNow), writer);
    return writer.take();
  }

 private:
  void add(const TimedRecord& record, bool has_field, size_t insight) {
    Counts& counts = counts_[insight];
    if (!record.time) {
      ++counts.missing;
      return;
    }
    const int64_t time = *record.time;
    if (time > record.timestamp + window_.max_ahead_ms) {
      ++counts.ahead;
      return;
    }
    if (!has_field) {
      ++counts.missing;
    } else {
      count_in_windows(record, counts);
    }
    counts.watermark = std::max(time, counts.watermark.value_or(time));
    while (!counts.open.empty()) {
      const auto first = counts.open.begin();
      if (*counts.watermark < first->first + window_.size_ms + window_.grace_ms) break;
      closed_.push_back({insight, first->first, record.offset, json_of(insight, first->second)});
      counts.open.erase(first);
      ++counts.closed;
    }
  }

  void count_in_windows(const TimedRecord& record, Counts& counts) const {
    bool any = false;
    // Every multiple of the hop that is near, one by one.
    const int64_t about = *record.time / window_.hop_ms;
    const int64_t windows = window_.size_ms / window_.hop_ms;
    for (int64_t n = about - windows - 1; n <= about + 1; ++n) {
      const int64_t start = n * window_.hop_ms;
      if (*record.time < start || *record.time >= start + window_.size_ms) continue;
      const bool late =
          counts.watermark && *counts.watermark >= start + window_.size_ms + window_.grace_ms;
      if (late) {
        ++counts.late_windows[start];
      } else {
        counts.open[start].push_back(record);
        any = true;
      }
    }
    ++(any ? counts.counted : counts.late);
  }

  const Windowing window_;
  const Declaration plain_;
  std::vector<Counts> counts_;
  std::vector<Shown> closed_;
};

}  // namespace millrace::insights
