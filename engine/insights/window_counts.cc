// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/window_counts.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "engine/base/check.h"

namespace millrace::insights {
namespace {

// Room for so many windows is not worth giving back.
constexpr size_t kWindowsKept = 256;

}  // namespace

WindowCounts::WindowCounts(const Part& part) : part_(part), window_(*part.window) {
  MILLRACE_CHECK(window_.hop_ms > 0 && window_.size_ms % window_.hop_ms == 0);
}

void WindowCounts::begin_record(int64_t time, base::Offset offset) {
  time_ = time;
  if (latest_ && time <= *latest_) return;
  latest_ = time;
  const int64_t to = insights::closed_to(window_, time);
  if (closed_to_ && to <= *closed_to_) return;
  closed_to_ = to;
  closings_.push_back({to, offset});
}

size_t WindowCounts::window_at(int64_t start) {
  const size_t used = starts_.entries().size();
  if (last_ < used && windows_[last_].start == start) return last_;
  // Of one hop after the other, the next one is mostly next to it.
  if (last_ + 1 < used && windows_[last_ + 1].start == start) return ++last_;
  char key[sizeof(start)];  // NOLINT(modernize-avoid-c-arrays): for memcpy
  std::memcpy(key, &start, sizeof(start));
  last_ = starts_.add({key, sizeof(key)}, 1);
  if (last_ == used) {
    if (last_ == windows_.size()) windows_.emplace_back(part_);
    windows_[last_].start = start;
  }
  return last_;
}

void WindowCounts::clear() {
  const size_t used = starts_.entries().size();
  size_t bytes = 0;
  size_t kept = 0;
  for (; kept < windows_.size() && bytes <= kKeptBytesMax; ++kept) {
    Window& window = windows_[kept];
    if (kept < used) {
      window.counts.clear();
      window.late = 0;
      window.own = 0;
      window.own_late = 0;
    }
    bytes += sizeof(Window) + window.counts.footprint();
  }
  while (windows_.size() > kept) windows_.pop_back();
  if (windows_.capacity() > 4 * std::max(kept, kWindowsKept)) windows_.shrink_to_fit();
  ahead_ = 0;
  latest_.reset();
  closed_to_.reset();
  starts_.clear();
  last_ = 0;
  targets_.clear();
  closings_.clear();
}

size_t WindowCounts::footprint() const {
  size_t bytes = starts_.footprint() + windows_.capacity() * sizeof(Window) +
                 targets_.capacity() * sizeof(Target) + closings_.capacity() * sizeof(Closing);
  for (const Window& window : windows_) bytes += window.counts.footprint();
  return bytes;
}

}  // namespace millrace::insights
