// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/late_windows.h"

namespace millrace::insights {

void LateWindows::add(int64_t start, uint64_t records) {
  windows_[start] += records;
  trim();
}

// What is dropped here has kKept later ones, and those stay with all that is merged: so no window
// that is shown in the end was ever dropped on the way.
void LateWindows::trim() {
  while (windows_.size() > kKept) {
    earlier_ += windows_.begin()->second;
    windows_.erase(windows_.begin());
  }
}

void LateWindows::merge(const LateWindows& other) {
  for (const auto& [start, records] : other.windows_) windows_[start] += records;
  earlier_ += other.earlier_;
  trim();
}

void LateWindows::save(Encoder& to) const {
  to.number(windows_.size());
  to.number(earlier_);
  for (const auto& [start, records] : windows_) {
    to.signed_number(start);
    to.number(records);
  }
}

void LateWindows::load(Decoder& from) {
  const size_t count = from.count(2);
  earlier_ = from.number();
  if (count > kKept) from.fail();
  for (size_t i = 0; i < count && from.ok(); ++i) {
    const int64_t start = from.signed_number();
    const uint64_t records = from.number();
    const bool follows = windows_.empty() || windows_.rbegin()->first < start;
    if (!follows || records == 0) return from.fail();
    windows_.emplace(start, records);
  }
}

size_t LateWindows::footprint() const {
  // A node of the map has three pointers and a colour beside its value.
  return windows_.size() * (sizeof(*windows_.begin()) + 4 * sizeof(void*));
}

}  // namespace millrace::insights
