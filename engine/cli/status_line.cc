// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/status_line.h"

#include <cstdio>
#include <unistd.h>

#include <fmt/format.h>

#include "engine/base/log.h"
#include "engine/insights/text_table.h"

namespace millrace::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTerminalEvery{250};
constexpr milliseconds kLogEvery{2000};

}  // namespace

StatusLine::StatusLine(bool enabled)
    : enabled_(enabled),
      terminal_(isatty(STDERR_FILENO) == 1),
      begun_(std::chrono::steady_clock::now()),
      last_time_(begun_) {}

std::chrono::steady_clock::time_point StatusLine::next() const {
  if (!enabled_) return std::chrono::steady_clock::time_point::max();
  return last_time_ + (terminal_ ? kTerminalEvery : kLogEvery);
}

void StatusLine::draw(const flow::Totals& totals, std::chrono::steady_clock::time_point now) {
  if (now < next()) return;
  const double seconds = std::chrono::duration<double>(now - last_time_).count();
  const double rate = static_cast<double>(totals.consumed - last_.consumed) / seconds;
  const auto running = std::chrono::duration_cast<std::chrono::seconds>(now - begun_);
  using insights::grouped;
  const auto line = fmt::format(
      "{:02}:{:02}  {} records/s  consumed {}  emitted {}  filtered {}  dead-lettered {}",
      running.count() / 60, running.count() % 60, grouped(static_cast<uint64_t>(rate)),
      grouped(totals.consumed), grouped(totals.emitted), grouped(totals.filtered),
      grouped(totals.dead_lettered));
  if (terminal_) {
    fmt::print(stderr, "\r\x1b[K{}", line);
    std::fflush(stderr);
    shown_ = true;
  } else {
    base::log::info("{}", line);
  }
  last_ = totals;
  last_time_ = now;
}

void StatusLine::clear() {
  if (!shown_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace millrace::cli
