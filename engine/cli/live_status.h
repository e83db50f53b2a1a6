// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

#include "engine/cli/recent_vitals.h"
#include "engine/cli/screen.h"
#include "engine/flow/books.h"
#include "engine/report/vitals.h"

namespace millrace::cli {

// What is going on, on stderr, while a pipeline runs.
//
// Threading: one thread.
class LiveStatus {
 public:
  enum class Kind : uint8_t {
    kNone,
    kPanel,     // redrawn in place once a second; requires is_screen()
    kLogLines,  // every few seconds
  };

  // Asked for what is shown when it is shown.
  struct Asked {
    std::function<report::Vitals()> vitals;
    std::function<flow::Totals()> totals;
  };

  explicit LiveStatus(Kind kind);

  // When draw() next has something to do.
  [[nodiscard]] std::chrono::steady_clock::time_point next() const;

  // Draws if it is time, or the terminal has got another size.
  void draw(const Asked& asked, std::chrono::steady_clock::time_point now);

  // Takes the panel off the terminal, so that something else than the log can be written.
  void clear();

 private:
  void draw_panel(const Asked& asked, std::chrono::steady_clock::time_point now);
  void log_line(const flow::Totals& totals, std::chrono::steady_clock::time_point now);

  const Kind kind_;
  std::optional<Screen> screen_;
  RecentVitals recent_;
  Size size_;
  flow::Totals last_;
  std::chrono::steady_clock::time_point begun_;
  std::chrono::steady_clock::time_point last_time_;
  std::chrono::steady_clock::time_point looked_;
};

}  // namespace millrace::cli
