// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/time_format.h"

#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "engine/record/json_writer.h"

namespace millrace::steps {
namespace {

constexpr size_t kInt64BytesMax = 20;

// What a part tells, as a set of bits; two parts that tell the same cannot both be read.
enum Told : uint32_t {
  kToldYear = 1,
  kToldMonth = 2,
  kToldDay = 4,
  kToldHour = 8,
  kToldMinute = 16,
  kToldSecond = 32,
  kToldFraction = 64,
  kToldWeekday = 128,
  kToldOffset = 256,
  kToldZone = 512,
  kToldUnixSeconds = 1024,
};

struct Directive {
  char letter;
  TimePart part;
  uint32_t tells;
  size_t bytes;  // written at most; names of zones depend on the zone
};

constexpr uint32_t kToldDate = kToldYear | kToldMonth | kToldDay;

constexpr std::array<Directive, 19> kDirectives{{
    {'F', TimePart::kDate, kToldDate, 10},
    {'T', TimePart::kTimeOfDay, kToldHour | kToldMinute | kToldSecond, 8},
    {'Y', TimePart::kYear, kToldYear, 4},
    {'y', TimePart::kShortYear, kToldYear, 2},
    {'m', TimePart::kMonth, kToldMonth, 2},
    {'B', TimePart::kMonthName, kToldMonth, 9},
    {'b', TimePart::kShortMonthName, kToldMonth, 3},
    {'d', TimePart::kDay, kToldDay, 2},
    {'e', TimePart::kSpacedDay, kToldDay, 2},
    {'j', TimePart::kDayOfYear, kToldMonth | kToldDay, 3},
    {'H', TimePart::kHour, kToldHour, 2},
    {'M', TimePart::kMinute, kToldMinute, 2},
    {'S', TimePart::kSecond, kToldSecond, 2},
    {'L', TimePart::kMilliseconds, kToldFraction, 3},
    {'f', TimePart::kMicroseconds, kToldFraction, 6},
    {'A', TimePart::kWeekday, kToldWeekday, 9},
    {'a', TimePart::kShortWeekday, kToldWeekday, 3},
    {'z', TimePart::kOffset, kToldOffset, 5},
    {'Z', TimePart::kZoneName, kToldZone, 3},
}};
constexpr Directive kUnixSecondsDirective{'s', TimePart::kUnixSeconds, kToldUnixSeconds,
                                          kInt64BytesMax};

const Directive* find_directive(char letter) {
  if (letter == 's') return &kUnixSecondsDirective;
  for (const Directive& directive : kDirectives)
    if (directive.letter == letter) return &directive;
  return nullptr;
}

// What a set of one or more bits is called.
std::string_view name_of(uint32_t told) {
  if ((told & kToldYear) != 0) return "year";
  if ((told & kToldMonth) != 0) return "month";
  if ((told & kToldDay) != 0) return "day";
  if ((told & kToldHour) != 0) return "hour";
  if ((told & kToldMinute) != 0) return "minute";
  if ((told & kToldSecond) != 0) return "second";
  if ((told & kToldFraction) != 0) return "fraction of the second";
  if ((told & kToldWeekday) != 0) return "day of the week";
  if ((told & kToldOffset) != 0) return "offset";
  return (told & kToldZone) != 0 ? "zone" : "Unix time";
}

int64_t units_per_second(config::TimeFormat::Kind kind) {
  switch (kind) {
    case config::TimeFormat::Kind::kUnixSeconds:
      return 1;
    case config::TimeFormat::Kind::kUnixMilliseconds:
      return 1'000;
    case config::TimeFormat::Kind::kUnixMicroseconds:
      return 1'000'000;
    case config::TimeFormat::Kind::kRfc3339:
    case config::TimeFormat::Kind::kRfc3339Millis:
    case config::TimeFormat::Kind::kPattern:
      break;
  }
  return 0;
}

// Pairs of directives that say more than the longer texts that they stand for.
std::optional<std::pair<TimePart, size_t>> usual_order(std::string_view rest) {
  constexpr std::string_view kDate = "%Y-%m-%d";
  constexpr std::string_view kTime = "%H:%M:%S";
  if (rest.starts_with(kDate)) return std::pair{TimePart::kDate, kDate.size()};
  if (rest.starts_with(kTime)) return std::pair{TimePart::kTimeOfDay, kTime.size()};
  return std::nullopt;
}

}  // namespace

// Cuts a pattern into parts.
class TimePatternCompiler {
 public:
  TimePatternCompiler(std::string_view pattern, TimeFormat& format)
      : rest_(pattern), format_(format) {}

  // An error's sentence, or nothing.
  std::optional<std::string> compile(TimeFormat::Use use) {
    if (rest_.empty()) return "the pattern is empty";
    while (!rest_.empty()) {
      if (auto error = take()) return error;
    }
    end_text();
    format_.written_bytes_max_ += 2;  // the quotes
    return use == TimeFormat::Use::kRead ? unreadable() : std::nullopt;
  }

 private:
  std::optional<std::string> take() {
    if (const auto usual = usual_order(rest_)) {
      rest_.remove_prefix(usual->second);
      add(*find_directive(usual->first == TimePart::kDate ? 'F' : 'T'));
      return std::nullopt;
    }
    if (rest_.front() != '%') {
      text_ += rest_.front();
      rest_.remove_prefix(1);
      return std::nullopt;
    }
    if (rest_.size() == 1) return "the pattern ends in a single '%'; the character is '%%'";
    const char letter = rest_[1];
    const Directive* directive = find_directive(letter);
    if (letter != '%' && directive == nullptr)
      return fmt::format(
          "the pattern has '{}', which is none of %Y %m %d %H %M %S %f %L %j %y %e "
          "%b %B %a %A %F %T %z %Z %s %%",
          unknown());
    rest_.remove_prefix(2);
    if (letter == '%') {
      text_ += '%';
    } else {
      add(*directive);
    }
    return std::nullopt;
  }

  // The directive that nobody knows, with all bytes of its character.
  [[nodiscard]] std::string_view unknown() const {
    size_t end = 2;
    while (end < rest_.size() && (static_cast<unsigned char>(rest_[end]) & 0xC0U) == 0x80U) ++end;
    return rest_.substr(0, end);
  }

  void add(const Directive& directive) {
    end_text();
    TimeFormat::Part part;
    part.kind = directive.part;
    format_.parts_.push_back(part);
    const bool named = directive.part == TimePart::kZoneName && format_.zone_ != nullptr;
    format_.written_bytes_max_ += named ? format_.zone_->abbreviation_bytes_max() : directive.bytes;
    if ((told_ & directive.tells) != 0 && twice_ == 0) twice_ = told_ & directive.tells;
    told_ |= directive.tells;
  }

  // What stands between two directives becomes a part.
  void end_text() {
    if (text_.empty()) return;
    std::string escaped;
    record::append_json_string(text_, escaped);
    const std::string_view content = std::string_view(escaped).substr(1, escaped.size() - 2);
    TimeFormat::Part part;
    if (text_.size() == 1 && content == text_) {
      part.kind = TimePart::kCharacter;
      part.character = text_.front();
    } else {
      part.begin = static_cast<uint32_t>(format_.text_.size());
      part.size = static_cast<uint32_t>(text_.size());
      part.escaped_begin = static_cast<uint32_t>(format_.escaped_text_.size());
      part.escaped_size = static_cast<uint32_t>(content.size());
      format_.text_ += text_;
      format_.escaped_text_ += content;
      format_.escaped_ = format_.escaped_ || content != text_;
    }
    format_.written_bytes_max_ += content.size();
    format_.parts_.push_back(part);
    text_.clear();
  }

  // Why no time can be read by the pattern.
  [[nodiscard]] std::optional<std::string> unreadable() const {
    if (twice_ != 0) return fmt::format("the pattern tells the {} twice", name_of(twice_));
    if ((told_ & kToldUnixSeconds) != 0) {
      if ((told_ & ~(kToldUnixSeconds | kToldFraction)) == 0) return std::nullopt;
      return "%s tells the whole time; to read, only %f or %L go with it";
    }
    const uint32_t missing = kToldDate & ~told_;
    if (missing == 0) return std::nullopt;
    return fmt::format("the pattern does not tell the {}, so that no time can be read by it",
                       name_of(missing));
  }

  std::string_view rest_;
  TimeFormat& format_;
  std::string text_;  // since the last directive
  uint32_t told_ = 0;
  uint32_t twice_ = 0;
};

base::Result<TimeFormat> TimeFormat::compile(const config::TimeFormat& format, Use use,
                                             const Zone* zone) {
  TimeFormat compiled;
  compiled.kind_ = format.kind;
  compiled.per_second_ = units_per_second(format.kind);
  if (compiled.per_second_ != 0) {
    compiled.written_bytes_max_ = kInt64BytesMax;
    return compiled;
  }
  // The two of RFC 3339 are read by a reader of their own and written as patterns.
  switch (format.kind) {
    case config::TimeFormat::Kind::kRfc3339:
      compiled.pattern_ = "%FT%TZ";
      break;
    case config::TimeFormat::Kind::kRfc3339Millis:
      compiled.pattern_ = "%FT%T.%LZ";
      break;
    default:
      compiled.pattern_ = format.pattern.value;
      compiled.zone_ = zone;
  }
  if (auto error = TimePatternCompiler(compiled.pattern_, compiled).compile(use))
    return base::Error{std::move(*error)};
  return compiled;
}

void TimeFormat::append_error(TimeError error, std::string& to) const {
  if (error == TimeError::kRange) {
    to += " lies outside the years 1 to 9999";
    return;
  }
  if (error == TimeError::kNoSuchTime) {
    to += " is skipped by the clocks of ";
    to += zone_ == nullptr ? "UTC" : zone_->name();
    return;
  }
  switch (kind_) {
    case config::TimeFormat::Kind::kUnixSeconds:
      to += " is not a whole number of Unix seconds";
      return;
    case config::TimeFormat::Kind::kUnixMilliseconds:
      to += " is not a whole number of Unix milliseconds";
      return;
    case config::TimeFormat::Kind::kUnixMicroseconds:
      to += " is not a whole number of Unix microseconds";
      return;
    case config::TimeFormat::Kind::kRfc3339:
    case config::TimeFormat::Kind::kRfc3339Millis:
      to += " is not a time of RFC 3339";
      return;
    case config::TimeFormat::Kind::kPattern:
      to += " is not a time of the form ";
      to += pattern_;
      return;
  }
}

}  // namespace millrace::steps
