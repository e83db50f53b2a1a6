// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/insights/accumulator.h"
#include "engine/insights/closed_window.h"
#include "engine/insights/late_windows.h"
#include "engine/insights/window_counts.h"

namespace millrace::insights {

// A windowed insight of one partition: an accumulator for each window that is open. A window opens
// with its first record, and closes when the watermark, the largest event time so far, is its grace
// beyond its end; from then on what comes for it is late. All of it is a function of the input.
//
// A record counts in each of its windows that is open yet, and counted() has it once: it is late()
// where the last of its windows was closed.
class WindowAccumulator final : public Accumulator {
 public:
  WindowAccumulator(const Insight& insight, const Part& part);

  void add(const PartCounts& counts, const Moment& moment) override;

  // Sums up windows of the same start. A window of the merged is open where it is so in any
  // partition; the watermark is that of the partition that is behind.
  void merge(const Accumulator& other) override;

  [[nodiscard]] ResultValue result(Time now) const override;
  [[nodiscard]] uint64_t counted() const override;
  [[nodiscard]] uint64_t not_kept() const override;

  [[nodiscard]] uint64_t late() const override { return late_; }

  [[nodiscard]] uint64_t ahead() const override { return ahead_; }

  // Into the first chunk what belongs to no window; into each chunk then, for each open window in
  // their order that has something there, its start and what its own accumulator wrote. (A closed
  // window is not part of it.)
  void save(std::span<Encoder> chunks) const override;
  void load(Decoder& chunk) override;
  [[nodiscard]] size_t saved_size() const override;
  [[nodiscard]] size_t footprint() const override;

  // Closes all windows by the clock: as none of them may come again, records up to the end of the
  // last one are late from now on. Returns whether any was open.
  bool close_all();

  // The windows that closed since the last call, in the order of their ends, where the insight has
  // a topic. (`insight` is the caller's to fill in.)
  [[nodiscard]] std::vector<ClosedWindow> take_closed();

 private:
  using Open = std::map<int64_t, std::unique_ptr<Accumulator>>;  // by start

  [[nodiscard]] int64_t end_of(int64_t start) const { return start + window_.size_ms; }

  [[nodiscard]] bool is_closed(int64_t start) const {
    return closed_to_ && end_of(start) <= *closed_to_;
  }

  [[nodiscard]] Accumulator& open_at(int64_t start);
  void add_window(const WindowCounts::Window& window, const Moment& moment);
  void close(Open::iterator window, base::Offset closed_by);
  void load_head(Decoder& chunk);
  void load_windows(Decoder& chunk, bool first);

  const Insight& insight_;
  const Part part_;  // of a window: as the insight's, without windows
  const Windowing window_;
  Open open_;
  std::optional<int64_t> watermark_;
  std::optional<int64_t> closed_to_;  // windows that end here or earlier are closed
  uint64_t closed_ = 0;               // how many windows closed
  // Records that are in time for their last window, and, of windows that closed, what their
  // accumulators had. With one window for each record the latter (with those of the open ones)
  // comes to the same, and says it from the tables themselves.
  uint64_t in_time_ = 0;
  uint64_t counted_closed_ = 0;
  uint64_t not_kept_closed_ = 0;
  uint64_t late_ = 0;
  uint64_t ahead_ = 0;
  LateWindows late_windows_;
  std::vector<ClosedWindow> just_closed_;
};

}  // namespace millrace::insights
