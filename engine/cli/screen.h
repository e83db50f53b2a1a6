// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/cli/panel.h"

namespace millrace::cli {

// True where stderr is a terminal on which lines can be redrawn.
[[nodiscard]] bool is_screen();

// Of the terminal that stderr is, as it is now; 80 x 24 where nobody knows.
[[nodiscard]] Size screen_size();

// Colours, unless NO_COLOR says otherwise.
[[nodiscard]] Style screen_style();

// Lines that stay at the bottom of the terminal that stderr is, while those of the log scroll above
// them. It changes no mode of the terminal and leaves the cursor below the lines, so that a process
// that ends without any notice leaves nothing behind but them.
//
// Threading: any thread. Lifetime: one at a time; is_screen().
class Screen {
 public:
  Screen();
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  // Draws over what was shown before; not while the terminal takes no output, so that whoever draws
  // can be stopped. Requires: each line fits into a row of `size`.
  void show(std::vector<std::string> lines, Size size);

  // Takes the lines off.
  void clear();

 private:
  [[nodiscard]] std::string to_top() const REQUIRES(mutex_);
  [[nodiscard]] std::string drawn() const REQUIRES(mutex_);

  base::Mutex mutex_;
  std::vector<std::string> lines_ GUARDED_BY(mutex_);
};

}  // namespace millrace::cli
