// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/signals.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <thread>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/pause.h"
#include "engine/base/startup_error.h"

namespace millrace::cli {
namespace {

constexpr std::chrono::milliseconds kHeldUpMax{2000};

sigset_t our_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

void block_signals() {
  const sigset_t set = our_signals();
  MILLRACE_CHECK(pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0);
}

void let_signals_end() {
  const sigset_t set = our_signals();
  MILLRACE_CHECK(pthread_sigmask(SIG_UNBLOCK, &set, nullptr) == 0);
}

void end_in_any_case() {
  std::thread([] {
    base::pause_until(std::chrono::steady_clock::now() + kHeldUpMax, {});
    std::_Exit(static_cast<int>(base::ExitCode::kFailed));
  }).detach();
}

void end_if_signals_wait() {
  std::thread([] {
    auto taken = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - taken < kHeldUpMax) {
      base::pause_until(std::chrono::steady_clock::now() + kHeldUpMax / 20, {});
      sigset_t waiting;
      const bool known = sigpending(&waiting) == 0;
      const bool any =
          known && (sigismember(&waiting, SIGINT) == 1 || sigismember(&waiting, SIGTERM) == 1);
      if (!any) taken = std::chrono::steady_clock::now();
    }
    std::_Exit(static_cast<int>(base::ExitCode::kFailed));
  }).detach();
}

const char* signal_name(int signal) {
  return signal == SIGINT ? "SIGINT" : "SIGTERM";
}

Signals::Signals() {
  const sigset_t set = our_signals();
  signal_fd_ = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  MILLRACE_CHECK(signal_fd_ >= 0 && wake_fd_ >= 0);
}

Signals::~Signals() {
  close(signal_fd_);
  close(wake_fd_);
}

std::optional<int> Signals::wait(std::chrono::steady_clock::time_point deadline) {
  using std::chrono::milliseconds;
  const auto left =
      std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now()).count();
  constexpr int64_t kWaitMax = 3'600'000;
  std::array<pollfd, 2> watched{{{signal_fd_, POLLIN, 0}, {wake_fd_, POLLIN, 0}}};
  poll(watched.data(), watched.size(), static_cast<int>(std::clamp(left, int64_t{0}, kWaitMax)));
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t drained = read(wake_fd_, &count, sizeof count);
  signalfd_siginfo info{};
  if (read(signal_fd_, &info, sizeof info) != static_cast<ssize_t>(sizeof info))
    return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

void Signals::wake() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wake_fd_, &one, sizeof one);
}

}  // namespace millrace::cli
