// SPDX-License-Identifier: Apache-2.0
#include "bench/scaling/apart.h"

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <malloc.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/scaling/check.h"

namespace millrace::bench {
namespace {

// A line of /proc/self/status, in bytes.
double status_bytes(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return std::stod(line.substr(name.size() + 1)) * 1024;
  }
  check(false, "/proc/self/status has no " + name);
  return 0;
}

}  // namespace

Numbers run_apart(const std::function<Numbers()>& measure) {
  std::array<int, 2> ends{};
  check(pipe(ends.data()) == 0, "a pipe cannot be made");
  malloc_trim(0);
  const pid_t child = fork();
  check(child >= 0, "a process cannot be forked");
  if (child == 0) {
    const Numbers numbers = measure();
    const bool written =
        write(ends[1], numbers.data(), sizeof(numbers)) == static_cast<ssize_t>(sizeof(numbers));
    _exit(written ? 0 : 1);
  }
  close(ends[1]);
  Numbers numbers{};
  const ssize_t got = read(ends[0], numbers.data(), sizeof(numbers));
  close(ends[0]);
  int ended = 0;
  check(waitpid(child, &ended, 0) == child && ended == 0 &&
            got == static_cast<ssize_t>(sizeof(numbers)),
        "a case did not come to its end");
  return numbers;
}

PeakMemory::PeakMemory() {
  // The kernel's "reset the peak".
  std::ofstream("/proc/self/clear_refs") << "5";
  before_ = status_bytes("VmRSS");
}

double Stopwatch::now() {
  timespec time{};
  check(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0, "there is no clock of CPU time");
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

double PeakMemory::bytes() const {
  return status_bytes("VmHWM") - before_;
}

}  // namespace millrace::bench
