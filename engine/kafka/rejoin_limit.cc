// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/rejoin_limit.h"

#include <algorithm>

namespace millrace::kafka {

RejoinLimit::RejoinLimit(std::chrono::milliseconds session_timeout)
    : memory_(std::max(kLeast, kSessions * session_timeout)) {}

bool RejoinLimit::fenced(Clock::time_point now, std::optional<Clock::time_point> cut_off) {
  if (fences_ > 0 && now - last_fence_ > memory_) fences_ = 0;
  ++fences_;
  last_fence_ = now;
  return cut_off && now - *cut_off <= memory_ && fences_ <= kRejoins;
}

}  // namespace millrace::kafka
