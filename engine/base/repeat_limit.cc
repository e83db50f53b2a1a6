// SPDX-License-Identifier: Apache-2.0
#include "engine/base/repeat_limit.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace millrace::base {
namespace {

constexpr size_t kKindsMax = 64;

}  // namespace

std::optional<std::string> RepeatLimit::admit(std::string_view kind, std::string_view line,
                                              Time now) {
  uint64_t left_out = 0;
  std::chrono::duration<double> since{};
  {
    const MutexLock lock(mutex_);
    const auto known = repeated_.find(kind);
    if (known == repeated_.end()) {
      if (repeated_.size() >= kKindsMax) {
        repeated_.erase(std::min_element(
            repeated_.begin(), repeated_.end(),
            [](const auto& a, const auto& b) { return a.second.said < b.second.said; }));
      }
      repeated_.emplace(std::string(kind), Repeated{now, 0});
      return std::string(line);
    }
    Repeated& repeated = known->second;
    if (now - repeated.said < quiet_) {
      ++repeated.left_out;
      return std::nullopt;
    }
    left_out = std::exchange(repeated.left_out, 0);
    since = now - std::exchange(repeated.said, now);
  }
  if (left_out == 0) return std::string(line);
  return fmt::format("{} (… and {} more like it in the last {:.0f} s)", line, left_out,
                     since.count());
}

}  // namespace millrace::base
