// SPDX-License-Identifier: Apache-2.0
#include "engine/config/topic_pattern.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <system_error>
#include <utility>

namespace millrace::config {
namespace {

constexpr size_t kPatternBytesMax = 1000;
constexpr uint64_t kRepeatsMax = 1000;

// What counted repeats ({n,m}) multiply to if all stand inside each other: the C library copies the
// repeated part that often.
uint64_t repeats(const std::string& pattern) {
  uint64_t product = 1;
  for (size_t i = 0; i < pattern.size() && product <= kRepeatsMax; ++i) {
    if (pattern[i] != '{') continue;
    uint64_t largest = 1;
    const char* at = pattern.data() + i + 1;
    const char* const last = pattern.data() + pattern.size();
    for (int number = 0; number < 2 && at < last; ++number) {
      uint64_t value = 0;
      const auto [end, error] = std::from_chars(at, last, value);
      if (error == std::errc::result_out_of_range) return kRepeatsMax + 1;
      if (value > largest) largest = value;
      at = end < last && *end == ',' ? end + 1 : last;
    }
    if (largest > kRepeatsMax) return kRepeatsMax + 1;
    product *= largest;
  }
  return product;
}

}  // namespace

void TopicPattern::Free::operator()(regex_t* regex) const {
  ::regfree(regex);
  delete regex;
}

base::Result<TopicPattern> TopicPattern::compile(const std::string& pattern) {
  if (!pattern.starts_with('^')) {
    return base::Error{"must begin with '^'; one topic's name belongs to 'topic'"};
  }
  if (pattern.size() > kPatternBytesMax) return base::Error{"is longer than 1,000 bytes"};
  if (repeats(pattern) > kRepeatsMax) {
    return base::Error{"has counted repeats that multiply to more than 1,000"};
  }
  auto regex = std::make_unique<regex_t>();
  const int failed = ::regcomp(regex.get(), pattern.c_str(), REG_EXTENDED | REG_NOSUB);
  if (failed != 0) {
    std::array<char, 200> reason{};
    ::regerror(failed, regex.get(), reason.data(), reason.size());
    return base::Error{std::string("is not a POSIX extended regular expression: ") + reason.data()};
  }
  return TopicPattern(std::unique_ptr<regex_t, Free>(regex.release()));
}

bool TopicPattern::matches(const std::string& topic) const {
  return ::regexec(regex_.get(), topic.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace millrace::config
