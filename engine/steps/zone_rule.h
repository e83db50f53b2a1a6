// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::steps {

// What a zone does every year from the end of its table on, as the last line of its file says it in
// the form of POSIX: "CET-1CEST,M3.5.0,M10.5.0/3".
struct ZoneRule {
  struct Offset {
    int32_t seconds = 0;  // east of UTC
    std::string abbreviation;
  };

  // A change of the offset, at the week-th weekday of a month (5: the last one).
  struct Change {
    uint32_t month = 1;
    uint32_t week = 1;
    uint32_t weekday = 0;       // 0 is Sunday
    int32_t local_seconds = 0;  // since midnight, by the clocks before it; may lie beyond the day
  };

  Offset standard;
  std::optional<Offset> summer;
  std::array<Change, 2> changes;  // to summer, back; where there is a summer

  // Nothing where the text is of another form; changes by the day of the year, which no zone of the
  // database has, are.
  [[nodiscard]] static std::optional<ZoneRule> parse(std::string_view text);

  // The Unix time of a change. Requires: there is a summer.
  [[nodiscard]] int64_t change_time(int year, size_t change) const;
};

}  // namespace millrace::steps
