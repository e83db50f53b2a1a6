// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/wall_time.h"

#include <chrono>
#include <cstddef>

namespace millrace::trial {
namespace {

// Reads a text from its front; after the first thing that is not there, nothing is.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  // Exactly `digits` of them.
  int number(size_t digits) {
    int value = 0;
    for (size_t i = 0; i < digits; ++i) {
      if (i >= rest_.size() || rest_[i] < '0' || rest_[i] > '9') {
        good_ = false;
        return 0;
      }
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(digits);
    return value;
  }

  // One of the characters, or '\0' where none of them comes next.
  char one_of(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return '\0';
    const char found = rest_.front();
    rest_.remove_prefix(1);
    return found;
  }

  void expect(std::string_view characters) { good_ = one_of(characters) != '\0' && good_; }

  // The digits of a fraction, as microseconds.
  std::chrono::microseconds fraction() {
    size_t digits = 0;
    while (digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9') ++digits;
    if (digits == 0 || digits > 6) {
      good_ = false;
      return {};
    }
    int micros = number(digits);
    for (; digits < 6; ++digits) micros *= 10;
    return std::chrono::microseconds(micros);
  }

  [[nodiscard]] bool good_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

std::optional<base::WallTime> parse_wall_time(std::string_view text) {
  Scanner scanner(text);
  const std::chrono::year year(scanner.number(4));
  scanner.expect("-");
  const std::chrono::month month(static_cast<unsigned>(scanner.number(2)));
  scanner.expect("-");
  const std::chrono::day day(static_cast<unsigned>(scanner.number(2)));
  scanner.expect("Tt ");
  const int hour = scanner.number(2);
  scanner.expect(":");
  const int minute = scanner.number(2);
  scanner.expect(":");
  const int second = scanner.number(2);
  std::chrono::microseconds fraction{0};
  if (scanner.one_of(".") != '\0') fraction = scanner.fraction();
  std::chrono::minutes offset{0};
  if (const char sign = scanner.one_of("+-"); sign != '\0') {
    const int hours = scanner.number(2);
    scanner.expect(":");
    const int minutes = scanner.number(2);
    if (hours > 23 || minutes > 59) return std::nullopt;
    offset = std::chrono::minutes((sign == '-' ? -1 : 1) * (hours * 60 + minutes));
  } else {
    scanner.expect("Zz");
  }
  const std::chrono::year_month_day date(year, month, day);
  if (!scanner.good_end() || !date.ok() || hour > 23 || minute > 59 || second > 59)
    return std::nullopt;
  return base::WallTime(std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(hour) +
                        std::chrono::minutes(minute) + std::chrono::seconds(second) + fraction -
                        offset);
}

}  // namespace millrace::trial
