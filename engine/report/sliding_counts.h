// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace millrace::report {

// By how much two numbers that only grow have grown over the last so much time. It is made of
// points in time, of which it keeps so few that their number is bounded whatever the period; so the
// period may come out longer than asked for, by 1/598 of it and the time between two looks.
//
// Threading: one thread. Time comes in as an argument, and does not go back.
class SlidingCounts {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr size_t kPointsMax = 600;

  struct Counts {
    uint64_t all = 0;
    uint64_t some = 0;
  };

  struct Growth {
    Counts counts;
    std::chrono::duration<double> over{};  // since when
    bool whole = false;                    // else nothing is known from before the first point
  };

  // Requires: `over` is above 0.
  explicit SlidingCounts(std::chrono::milliseconds over);

  // Takes the numbers as they are `now`; returns by how much they have grown.
  [[nodiscard]] Growth add(const Counts& counts, Time now);

  [[nodiscard]] size_t points() const { return points_.size(); }

 private:
  struct Point {
    Time at;
    Counts counts;
  };

  const Time::duration over_;
  const Time::duration step_;  // between two points, at least
  // The first one is the last that is as old as the period, where any is.
  std::deque<Point> points_;
};

}  // namespace millrace::report
