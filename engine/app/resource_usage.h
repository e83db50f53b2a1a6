// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

namespace millrace::app {

// What this process has used so far, as the kernel counts it.
struct ResourceUsage {
  std::chrono::duration<double> cpu{};  // user and system, all threads
  uint64_t rss_bytes = 0;               // now; 0 where the kernel does not say
  uint64_t peak_rss_bytes = 0;

  [[nodiscard]] static ResourceUsage now();
};

}  // namespace millrace::app
