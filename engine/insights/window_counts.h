// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/insights/insight.h"
#include "engine/insights/key_counts.h"
#include "engine/insights/part_counts.h"
#include "engine/insights/window_time.h"

namespace millrace::insights {

// What a shard holds of a part with windows: what each window has of the batch. Which records come
// too late for a window depends on all that came before. So the batch says which of them are late
// for what the batch itself has, and the state, which knows the watermark before it, does the rest:
// a window that was closed then takes nothing at all. So it does not matter how the input was cut.
//
// Windows stand in the order of first sight and are recycled: where a batch has as many as one
// before it, nothing is allocated.
//
// Threading: one owner at a time. Lifetime: the part outlives it.
class WindowCounts {
 public:
  struct Window {
    explicit Window(const Part& part) : counts(part, PartCounts::Of::kWindow) {}

    int64_t start = 0;
    PartCounts counts;      // of records that are in time, as far as the batch knows
    uint64_t late = 0;      // records that are late by the batch alone
    uint64_t own = 0;       // of the ones that are in time: those that have no later window
    uint64_t own_late = 0;  // the same of the late ones
  };

  // The batch's own watermark closes the windows up to `to` with the record at `offset`.
  struct Closing {
    int64_t to;
    base::Offset offset;
  };

  // clear() keeps windows that take so many bytes, and gives the others back.
  static constexpr size_t kKeptBytesMax = size_t{1} << 20;

  explicit WindowCounts(const Part& part);

  // A record with this event time comes: count() says that it has what is counted, and may be left
  // out. Requires: times of years that have at most five digits.
  void begin_record(int64_t time, base::Offset offset);

  // A record whose event time is too far ahead of it.
  void add_ahead() { ++ahead_; }

  // Calls add(PartCounts&), which returns the entry of the record's key (or anything), for each
  // window of the record at hand that it is not late for.
  template <typename Add>
  void count(const Add& add);

  // Calls set(PartCounts&, size_t entry) for the windows that the last count() added to.
  template <typename Set>
  void set_edges(const Set& set) {
    for (const Target& target : targets_) set(windows_[target.window].counts, target.entry);
  }

  void clear();

  [[nodiscard]] uint64_t ahead() const { return ahead_; }

  // The batch's largest event time.
  [[nodiscard]] std::optional<int64_t> latest() const { return latest_; }

  [[nodiscard]] std::span<const Window> windows() const {
    return std::span(windows_).first(starts_.entries().size());
  }

  // Each closes more than the one before.
  [[nodiscard]] std::span<const Closing> closings() const { return closings_; }

  [[nodiscard]] size_t footprint() const;

 private:
  // Where the record at hand counts.
  struct Target {
    size_t window;
    size_t entry;
  };

  [[nodiscard]] size_t window_at(int64_t start);

  const Part& part_;
  const Windowing& window_;
  uint64_t ahead_ = 0;
  std::optional<int64_t> latest_;
  // Windows that end here or earlier are closed by the batch's records up to the one at hand. (By
  // that one are none that it is in itself.)
  std::optional<int64_t> closed_to_;
  int64_t time_ = 0;             // of the record at hand
  KeyCounts starts_;             // the windows' starts: an entry's number is the window's
  std::vector<Window> windows_;  // the first of them are in use
  size_t last_ = 0;              // the window that was found last
  std::vector<Target> targets_;
  std::vector<Closing> closings_;
};

template <typename Add>
void WindowCounts::count(const Add& add) {
  targets_.clear();
  const int64_t last = last_start(window_, time_);
  for (int64_t start = last - window_.size_ms + window_.hop_ms; start <= last;
       start += window_.hop_ms) {
    const size_t number = window_at(start);
    Window& window = windows_[number];
    const uint64_t own = start == last ? 1 : 0;
    if (closed_to_ && start + window_.size_ms <= *closed_to_) {
      ++window.late;
      window.own_late += own;
    } else {
      window.own += own;
      targets_.push_back({number, add(window.counts)});
    }
  }
}

}  // namespace millrace::insights
