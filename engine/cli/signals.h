// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <optional>

namespace millrace::cli {

// Keeps SIGINT and SIGTERM from interrupting: they are taken by Signals. Requires: called before
// any thread is started, which then inherits it.
void block_signals();

// Undoes block_signals(): they end the process, as they end any other. For commands without
// Signals, which would not be ended by them otherwise. Requires: as block_signals().
void let_signals_end();

// "SIGINT" or "SIGTERM".
[[nodiscard]] const char* signal_name(int signal);

// Ends the process with code 1 in two seconds, whatever the other threads are waiting for: output
// that nobody reads, for one.
void end_in_any_case();

// From now on a signal that nobody takes for two seconds ends the process likewise. Requires: as
// block_signals(), which was called.
void end_if_signals_wait();

// What main waits for: a signal, or news from another thread.
//
// Threading: wait() on one thread; wake() from any. Lifetime: one per process.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // Waits until a signal came (its number is returned), wake() was called, or `deadline`.
  [[nodiscard]] std::optional<int> wait(std::chrono::steady_clock::time_point deadline);

  // Ends a wait, or the next one. Safe from any thread.
  void wake();

 private:
  int signal_fd_;
  int wake_fd_;
};

}  // namespace millrace::cli
