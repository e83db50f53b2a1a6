// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/time_text.h"

#include <chrono>

#include "engine/steps/digits.h"
#include "engine/steps/moment.h"

namespace millrace::steps {

char* write_date(int64_t day, char* to) noexcept {
  const std::chrono::year_month_day date{
      std::chrono::sys_days{std::chrono::days{static_cast<int>(day)}}};
  to = write_digits(static_cast<uint32_t>(static_cast<int>(date.year())), 4, to);
  *to++ = '-';
  to = write_two_digits(static_cast<unsigned>(date.month()), to);
  *to++ = '-';
  return write_two_digits(static_cast<unsigned>(date.day()), to);
}

void write_rfc3339(int64_t unix_seconds, char* to) noexcept {
  const int64_t day = floor_divide(unix_seconds, kSecondsPerDay);
  to = write_date(day, to);
  *to++ = 'T';
  to = write_time_of_day(static_cast<uint32_t>(unix_seconds - day * kSecondsPerDay), to);
  *to = 'Z';
}

}  // namespace millrace::steps
