// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/window_accumulator.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/check.h"
#include "engine/insights/window_time.h"

namespace millrace::insights {
namespace {

Part without_window(Part part) {
  part.window.reset();
  return part;
}

void save_optional(const std::optional<int64_t>& value, Encoder& to) {
  to.number(value ? 1 : 0);
  if (value) to.signed_number(*value);
}

std::optional<int64_t> load_optional(Decoder& from) {
  const uint64_t present = from.number();
  if (present > 1) from.fail();
  if (present != 1) return std::nullopt;
  const int64_t value = from.signed_number();
  // Records' times are of four digits of years; beyond five a date cannot be written.
  static constexpr int64_t kTimeMax = 900'000'000'000'000;
  if (value > kTimeMax || value < -kTimeMax) from.fail();
  return value;
}

}  // namespace

WindowAccumulator::WindowAccumulator(const Insight& insight, const Part& part)
    : insight_(insight), part_(without_window(part)), window_(*part.window) {
  MILLRACE_CHECK(window_.hop_ms > 0 && window_.size_ms % window_.hop_ms == 0 && !insight.live);
  // Says at once where the two do not fit each other.
  static_cast<void>(make(insight_, part_));
}

Accumulator& WindowAccumulator::open_at(int64_t start) {
  std::unique_ptr<Accumulator>& window = open_[start];
  if (window == nullptr) window = make(insight_, part_);
  return *window;
}

void WindowAccumulator::add_window(const WindowCounts::Window& window, const Moment& moment) {
  const bool closed = is_closed(window.start);
  const uint64_t late = window.late + (closed ? window.counts.counted : 0);
  if (late > 0) late_windows_.add(window.start, late);
  late_ += window.own_late + (closed ? window.own : 0);
  if (closed) return;
  in_time_ += window.own;
  if (window.counts.counted > 0) open_at(window.start).add(window.counts, moment);
}

void WindowAccumulator::add(const PartCounts& counts, const Moment& moment) {
  const WindowCounts& batch = *counts.windows;
  ahead_ += batch.ahead();
  for (const WindowCounts::Window& window : batch.windows()) add_window(window, moment);
  if (!batch.latest()) return;
  watermark_ = std::max(watermark_.value_or(*batch.latest()), *batch.latest());
  for (const WindowCounts::Closing& closing : batch.closings()) {
    if (closed_to_ && closing.to <= *closed_to_) continue;
    closed_to_ = closing.to;
    while (!open_.empty() && is_closed(open_.begin()->first)) close(open_.begin(), closing.offset);
  }
}

void WindowAccumulator::close(Open::iterator window, base::Offset closed_by) {
  const auto& [start, accumulator] = *window;
  ++closed_;
  counted_closed_ += accumulator->counted();
  not_kept_closed_ += accumulator->not_kept();
  if (insight_.output) {
    ClosedWindow closed;
    closed.start = start;
    closed.closed_by = closed_by;
    closed.counted = accumulator->counted();
    closed.not_kept = accumulator->not_kept();
    closed.value = accumulator->result({});
    closed.footprint = accumulator->footprint();
    just_closed_.push_back(std::move(closed));
  }
  open_.erase(window);
}

bool WindowAccumulator::close_all() {
  if (open_.empty()) return false;
  closed_to_ = end_of(open_.rbegin()->first);
  while (!open_.empty()) close(open_.begin(), base::Offset{});
  return true;
}

std::vector<ClosedWindow> WindowAccumulator::take_closed() {
  return std::exchange(just_closed_, {});
}

void WindowAccumulator::merge(const Accumulator& other) {
  const auto& from = static_cast<const WindowAccumulator&>(other);
  for (const auto& [start, accumulator] : from.open_) open_at(start).merge(*accumulator);
  if (from.watermark_)
    watermark_ = std::min(watermark_.value_or(*from.watermark_), *from.watermark_);
  closed_ += from.closed_;
  in_time_ += from.in_time_;
  counted_closed_ += from.counted_closed_;
  not_kept_closed_ += from.not_kept_closed_;
  late_ += from.late_;
  ahead_ += from.ahead_;
  late_windows_.merge(from.late_windows_);
}

ResultValue WindowAccumulator::result(Time now) const {
  WindowResult result;
  result.watermark = watermark_;
  result.open.reserve(open_.size());
  for (const auto& [start, accumulator] : open_)
    result.open.push_back({start, accumulator->counted(), accumulator->result(now)});
  result.closed = closed_;
  for (const auto& [start, records] : late_windows_.windows())
    result.late_windows.push_back({start, records});
  result.late_earlier = late_windows_.earlier();
  return result;
}

uint64_t WindowAccumulator::counted() const {
  if (window_.hop_ms != window_.size_ms) return in_time_;
  uint64_t counted = counted_closed_;
  for (const auto& [start, accumulator] : open_) counted += accumulator->counted();
  return counted;
}

uint64_t WindowAccumulator::not_kept() const {
  uint64_t not_kept = not_kept_closed_;
  for (const auto& [start, accumulator] : open_) not_kept += accumulator->not_kept();
  return not_kept;
}

void WindowAccumulator::save(std::span<Encoder> chunks) const {
  Encoder& head = chunks[0];
  save_optional(watermark_, head);
  save_optional(closed_to_, head);
  for (const uint64_t number :
       {closed_, in_time_, counted_closed_, not_kept_closed_, late_, ahead_})
    head.number(number);
  late_windows_.save(head);
  for (const auto& [start, accumulator] : open_) {
    std::vector<Encoder> of_window(chunks.size());
    accumulator->save(of_window);
    for (size_t i = 0; i < chunks.size(); ++i) {
      // The first one says that there is the window.
      if (i > 0 && of_window[i].size() == 0) continue;
      chunks[i].signed_number(start);
      chunks[i].text(of_window[i].bytes());
    }
  }
}

void WindowAccumulator::load(Decoder& chunk) {
  const bool first = is_first_chunk();
  if (first) load_head(chunk);
  load_windows(chunk, first);
}

void WindowAccumulator::load_head(Decoder& chunk) {
  watermark_ = load_optional(chunk);
  closed_to_ = load_optional(chunk);
  for (uint64_t* const number :
       {&closed_, &in_time_, &counted_closed_, &not_kept_closed_, &late_, &ahead_})
    *number = chunk.number();
  late_windows_.load(chunk);
  // A watermark closes windows at once.
  const bool fits = watermark_.has_value() == closed_to_.has_value() &&
                    (!watermark_ || (*closed_to_ >= closed_to(window_, *watermark_) &&
                                     *closed_to_ % window_.hop_ms == 0));
  if (!fits) chunk.fail();
}

void WindowAccumulator::load_windows(Decoder& chunk, bool first) {
  std::optional<int64_t> before;
  while (chunk.ok() && !chunk.at_end()) {
    const int64_t start = chunk.signed_number();
    Decoder of_window(chunk.text());
    // Only windows that can be open are opened: that bounds how many there are.
    const bool can_be = chunk.ok() && watermark_ && start % window_.hop_ms == 0 &&
                        start <= *watermark_ && start > *closed_to_ - window_.size_ms &&
                        (!before || start > *before);
    if (!can_be || (!first && !open_.contains(start))) return chunk.fail();
    before = start;
    open_at(start).load(of_window);
    if (!of_window.ok() || !of_window.at_end()) return chunk.fail();
  }
}

size_t WindowAccumulator::saved_size() const {
  static constexpr size_t kHead = 64;
  static constexpr size_t kOfWindow = 16;
  size_t bytes = kHead + late_windows_.windows().size() * kOfWindow;
  for (const auto& [start, accumulator] : open_) bytes += kOfWindow + accumulator->saved_size();
  return bytes;
}

size_t WindowAccumulator::footprint() const {
  // About what a node of the map and an accumulator take.
  static constexpr size_t kOfWindow = 512;
  size_t bytes = late_windows_.footprint();
  for (const auto& [start, accumulator] : open_) bytes += kOfWindow + accumulator->footprint();
  return bytes;
}

}  // namespace millrace::insights
