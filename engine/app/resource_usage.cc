// SPDX-License-Identifier: Apache-2.0
#include "engine/app/resource_usage.h"

#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

namespace millrace::app {
namespace {

std::chrono::duration<double> seconds(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

// The second number of statm: pages in memory.
uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t size = 0;
  uint64_t resident = 0;
  if (!(file >> size >> resident)) return 0;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

ResourceUsage ResourceUsage::now() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  constexpr uint64_t kKibibyte = 1024;  // the unit of ru_maxrss on Linux
  return {seconds(usage.ru_utime) + seconds(usage.ru_stime), resident_bytes(),
          static_cast<uint64_t>(usage.ru_maxrss) * kKibibyte};
}

}  // namespace millrace::app
