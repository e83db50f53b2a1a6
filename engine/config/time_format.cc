// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/config/step_readers.h"

namespace millrace::config {
namespace {

constexpr size_t kPatternBytesMax = 200;
constexpr std::string_view kDirectives = "YmdHMSfLjyebBaAFTzZs%";
constexpr std::string_view kExpectation =
    "unix_seconds, unix_milliseconds, unix_microseconds, rfc3339, rfc3339_millis or a pattern such "
    "as '%Y-%m-%d %H:%M:%S'";

struct Word {
  std::string_view word;
  TimeFormat::Kind kind;
};

constexpr std::array<Word, 5> kWords = {
    Word{"unix_seconds", TimeFormat::Kind::kUnixSeconds},
    Word{"unix_milliseconds", TimeFormat::Kind::kUnixMilliseconds},
    Word{"unix_microseconds", TimeFormat::Kind::kUnixMicroseconds},
    Word{"rfc3339", TimeFormat::Kind::kRfc3339},
    Word{"rfc3339_millis", TimeFormat::Kind::kRfc3339Millis}};

// The first directive that is none of ours, with its '%'.
std::optional<std::string> find_unknown_directive(std::string_view pattern) {
  for (size_t at = pattern.find('%'); at != std::string_view::npos;
       at = pattern.find('%', at + 2)) {
    if (at + 1 == pattern.size()) return "%";
    if (kDirectives.find(pattern[at + 1]) != std::string_view::npos) continue;
    // All of a character that takes several bytes.
    size_t end = at + 2;
    while (end < pattern.size() && (static_cast<unsigned char>(pattern[end]) & 0xC0U) == 0x80U) {
      ++end;
    }
    return std::string(pattern.substr(at, end - at));
  }
  return std::nullopt;
}

bool has_directive(std::string_view pattern, std::string_view letters) {
  for (size_t at = pattern.find('%'); at != std::string_view::npos && at + 1 < pattern.size();
       at = pattern.find('%', at + 2)) {
    if (letters.find(pattern[at + 1]) != std::string_view::npos) return true;
  }
  return false;
}

// Whether what a pattern reads is a moment: without the day it would be a guess.
bool names_a_day(std::string_view pattern) {
  if (has_directive(pattern, "sF")) return true;
  const bool day_of_year = has_directive(pattern, "j");
  const bool day_of_month = has_directive(pattern, "mbB") && has_directive(pattern, "de");
  return has_directive(pattern, "Yy") && (day_of_year || day_of_month);
}

}  // namespace

std::optional<TimeFormat> read_time_format(const Field& field) {
  auto text = field.text(kExpectation);
  if (!text) return std::nullopt;
  for (const Word& word : kWords) {
    if (text->value == word.word) return TimeFormat{word.kind, {}};
  }
  if (text->value.find('%') == std::string::npos) {
    field.expected(kExpectation);
    return std::nullopt;
  }
  if (text->value.size() > kPatternBytesMax) {
    field.problem("is a pattern of more than 200 bytes");
  } else if (const auto unknown = find_unknown_directive(text->value)) {
    field.problem("has the directive " + in_quotes(*unknown) +
                  ", which is not supported; known are %Y %m %d %H %M %S %f (microseconds) %L "
                  "(milliseconds) %j %y %e %b %B %a %A %F %T %z %Z %s, and %% for the character");
  }
  return TimeFormat{TimeFormat::Kind::kPattern, std::move(*text)};
}

void check_readable(const Field& field, const TimeFormat& format) {
  if (format.kind != TimeFormat::Kind::kPattern || names_a_day(format.pattern.value)) return;
  field.problem(
      "does not say the day; a pattern that is read needs %F, %s, or year, month and day");
}

}  // namespace millrace::config
