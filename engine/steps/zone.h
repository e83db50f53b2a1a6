// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace millrace::steps {

// An IANA time zone as a table of its offsets, read from the system's database when a plan is
// compiled. What it does after the end of the database's table (for most zones the year 2037) its
// file says as a rule, which goes on.
//
// Threading: immutable.
class Zone {
 public:
  // A stretch of time with one offset.
  struct Period {
    int64_t begin = 0;   // Unix seconds; the end is the next one's begin
    int32_t offset = 0;  // seconds east of UTC
    std::string abbreviation;
  };

  // An error where the name is unknown or the system has no database.
  [[nodiscard]] static base::Result<Zone> find(const std::string& name);

  // Requires: within the years 1 to 9999.
  [[nodiscard]] const Period& at(int64_t unix_seconds) const noexcept;

  // The Unix time when clocks there show `local_seconds` (a Unix time as if they showed UTC), by
  // the period of this abbreviation where one is given. Of two such times the earlier; nothing
  // where clocks skip it.
  [[nodiscard]] std::optional<int64_t> to_unix(int64_t local_seconds,
                                               std::string_view abbreviation) const noexcept;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  [[nodiscard]] size_t abbreviation_bytes_max() const noexcept { return abbreviation_bytes_max_; }

 private:
  Zone() = default;
  void add(int64_t begin, int32_t offset, const std::string& abbreviation);
  void go_on_by_rule();
  [[nodiscard]] size_t index_at(int64_t unix_seconds) const noexcept;

  std::string name_;
  std::vector<Period> periods_;  // by begin; the first begins before the year 1, the last by 2601
  size_t abbreviation_bytes_max_ = 0;
};

}  // namespace millrace::steps
