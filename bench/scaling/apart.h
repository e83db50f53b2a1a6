// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace millrace::bench {

// What a case measured. What a number means is the case's to say.
using Numbers = std::array<double, 6>;

// Runs a case in a forked process and hands back its numbers, so that no case finds memory that
// another one warmed. Ends the program where the case ends by anything but its numbers.
// Requires: one thread.
[[nodiscard]] Numbers run_apart(const std::function<Numbers()>& measure);

// Resident memory beyond what there was when it was made: of this process, at its highest.
class PeakMemory {
 public:
  PeakMemory();
  [[nodiscard]] double bytes() const;

 private:
  double before_;
};

// Seconds of CPU that the process took since it was made. A case has one thread and waits for
// nothing: on a machine with nothing else to do they are the seconds that pass.
class Stopwatch {
 public:
  [[nodiscard]] double seconds() const { return now() - began_; }

 private:
  [[nodiscard]] static double now();

  const double began_ = now();
};

}  // namespace millrace::bench
