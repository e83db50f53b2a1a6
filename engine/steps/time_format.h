// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/step_config.h"
#include "engine/record/arena.h"
#include "engine/record/json_value.h"
#include "engine/steps/day_cache.h"
#include "engine/steps/moment.h"
#include "engine/steps/zone.h"

namespace millrace::steps {

// What a time format is made of: a directive of strftime, or text. Dates and times of day in the
// usual order are one part.
enum class TimePart : uint8_t {
  kCharacter,  // one, that needs no escape in JSON
  kText,
  kDate,       // 2024-07-10: %F
  kTimeOfDay,  // 23:47:48: %T
  kYear,
  kShortYear,
  kMonth,
  kMonthName,
  kShortMonthName,
  kDay,
  kSpacedDay,
  kDayOfYear,
  kHour,
  kMinute,
  kSecond,
  kMilliseconds,
  kMicroseconds,
  kWeekday,
  kShortWeekday,
  kOffset,
  kZoneName,
  kUnixSeconds,
};

// Why a value is not read as a time.
enum class TimeError : uint8_t {
  kNone,
  kForm,        // not of the form
  kRange,       // outside the years 1 to 9999
  kNoSuchTime,  // clocks of the zone skip it
};

// One way to write a moment, compiled: config::TimeFormat.
//
// Threading: immutable. Lifetime: the zone outlives it.
class TimeFormat {
 public:
  enum class Use { kRead, kWrite };

  struct ReadOptions {
    bool accept_text = false;  // numbers may come as text
    bool truncate = false;     // fractions of the unit are cut off, not refused
  };

  // `zone` is that of patterns, nullptr for UTC. An error, as a sentence about the pattern, where
  // it cannot be used so.
  [[nodiscard]] static base::Result<TimeFormat> compile(const config::TimeFormat& format, Use use,
                                                        const Zone* zone);

  // Requires: compiled for reading.
  [[nodiscard]] TimeError read(const record::JsonValue& value, ReadOptions options,
                               std::string& scratch, Moment& moment) const noexcept;

  // Appends what is wrong with a value: " is not a whole number of Unix seconds".
  void append_error(TimeError error, std::string& to) const;

  // Writes the moment as a JSON value into the arena; false where it lies outside the years 1 to
  // 9999 (a zone can move it there). Requires: compiled for writing.
  [[nodiscard]] bool write(const Moment& moment, DayCache& day_cache, record::Arena& arena,
                           record::JsonValue& value) const noexcept;

  // The same as text: returns its end, or nullptr. Requires: written_bytes_max() bytes of room.
  [[nodiscard]] char* write(const Moment& moment, DayCache& day_cache, char* to) const noexcept;

  [[nodiscard]] size_t written_bytes_max() const noexcept { return written_bytes_max_; }

  // Of what is written.
  [[nodiscard]] record::ValueKind value_kind() const noexcept {
    return per_second_ == 0 ? record::ValueKind::kString : record::ValueKind::kNumber;
  }

 private:
  friend class TimePatternCompiler;

  struct Part {
    TimePart kind = TimePart::kText;
    char character = 0;          // kCharacter
    uint32_t begin = 0;          // kText: in text_ and escaped_text_
    uint32_t size = 0;           // kText
    uint32_t escaped_begin = 0;  // kText
    uint32_t escaped_size = 0;   // kText
  };

  [[nodiscard]] TimeError read_number(const record::JsonValue& value, ReadOptions options,
                                      std::string& scratch, Moment& moment) const noexcept;
  [[nodiscard]] TimeError read_pattern(std::string_view text, Moment& moment) const noexcept;
  char* write_number(const Moment& moment, char* to) const noexcept;

  config::TimeFormat::Kind kind_ = config::TimeFormat::Kind::kRfc3339;
  int64_t per_second_ = 0;  // of numbers; 0: a text
  std::string pattern_;     // as the user wrote it
  std::vector<Part> parts_;
  std::string text_;          // of kText parts
  std::string escaped_text_;  // the same, as it stands in JSON
  const Zone* zone_ = nullptr;
  size_t written_bytes_max_ = 0;
  bool escaped_ = false;  // what is written has a backslash in it
};

}  // namespace millrace::steps
