// SPDX-License-Identifier: Apache-2.0
#include "engine/app/resource_usage.h"

#include <sys/resource.h>

namespace millrace::app {
namespace {

std::chrono::duration<double> seconds(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

}  // namespace

ResourceUsage ResourceUsage::now() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  constexpr uint64_t kKibibyte = 1024;  // the unit of ru_maxrss on Linux
  return {seconds(usage.ru_utime) + seconds(usage.ru_stime),
          static_cast<uint64_t>(usage.ru_maxrss) * kKibibyte};
}

}  // namespace millrace::app
