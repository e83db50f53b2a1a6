// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "engine/flow/books.h"

namespace millrace::cli {

// What is going on, on stderr: one line redrawn in place on a terminal, a log line every few
// seconds elsewhere.
//
// Threading: one thread.
class StatusLine {
 public:
  explicit StatusLine(bool enabled);

  // When draw() next has something to say.
  [[nodiscard]] std::chrono::steady_clock::time_point next() const;

  // Draws if it is time.
  void draw(const flow::Totals& totals, std::chrono::steady_clock::time_point now);

  // Takes the line off the terminal, so that something else can be written.
  void clear();

 private:
  const bool enabled_;
  const bool terminal_;
  bool shown_ = false;
  flow::Totals last_;
  std::chrono::steady_clock::time_point begun_;
  std::chrono::steady_clock::time_point last_time_;
};

}  // namespace millrace::cli
