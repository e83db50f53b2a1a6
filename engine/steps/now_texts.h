// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/steps/day_cache.h"

namespace millrace::steps {

class TimeFormat;

// The time of the batch as the JSON texts that the steps of one plan need, each written once a
// batch: a text is a function of the format and the time, so that nobody has to say when a batch
// begins.
//
// Threading: one worker. Lifetime: of one plan; a text stays until it is asked for with another
// time.
class NowTexts {
 public:
  // Empty where the time lies outside the years 1 to 9999. Requires: a format for writing, which
  // does not move while this is in use.
  [[nodiscard]] std::string_view text(const TimeFormat& format, base::WallTime now,
                                      DayCache& day_cache);

 private:
  struct Text {
    const TimeFormat* format;
    base::WallTime now;
    std::string bytes;
  };

  std::deque<Text> texts_;  // does not move its elements: views point into them
};

}  // namespace millrace::steps
