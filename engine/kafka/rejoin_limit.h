// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

// Internal to kafka/.
namespace millrace::kafka {

// Whether a static member that was fenced may join its group again.
//
// The group gives an instance name to whoever joins last, and fences the one who had it. It cannot
// tell a second copy from the first one's own past: a member that was cut off from the coordinator
// joins again, and a request to join that it gave up, and that the network kept, arrives after that
// and takes the name to a member that nobody is. So a fence is taken for the member's own where it
// was cut off shortly before, and for a second copy's where not. And only a few times in a row:
// there may be a second copy all the same, and the two must not fence each other for ever.
//
// Threading: one thread at a time.
class RejoinLimit {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr int kRejoins = 3;
  // How long a cut-off explains a fence, and how long one fence counts for the next: what a network
  // keeps it keeps for a minute or so, and members are timed out by sessions.
  static constexpr std::chrono::milliseconds kLeast{60'000};
  static constexpr int kSessions = 3;

  explicit RejoinLimit(std::chrono::milliseconds session_timeout);

  // A fence; `cut_off` is when the member was cut off last. True: it may join again.
  bool fenced(Clock::time_point now, std::optional<Clock::time_point> cut_off);

  // How many fences there were in a row, the last one included.
  [[nodiscard]] int fences() const { return fences_; }

 private:
  const std::chrono::milliseconds memory_;
  int fences_ = 0;
  Clock::time_point last_fence_;
};

}  // namespace millrace::kafka
