// SPDX-License-Identifier: Apache-2.0
#include "engine/steps/version.h"

#include <algorithm>

namespace millrace::steps {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes the part up to the next dot off `rest`, without its leading zeros; empty stands for zero.
std::string_view take_part(std::string_view& rest) {
  const size_t dot = std::min(rest.find('.'), rest.size());
  std::string_view part = rest.substr(0, dot);
  rest.remove_prefix(std::min(dot + 1, rest.size()));
  part.remove_prefix(std::min(part.find_first_not_of('0'), part.size()));
  return part;
}

}  // namespace

bool is_version(std::string_view text) noexcept {
  bool after_digit = false;
  for (const char c : text) {
    if (is_digit(c)) {
      after_digit = true;
    } else if (c == '.' && after_digit) {
      after_digit = false;
    } else {
      return false;
    }
  }
  return after_digit;
}

std::strong_ordering compare_versions(std::string_view left, std::string_view right) noexcept {
  while (!left.empty() || !right.empty()) {
    const std::string_view left_part = take_part(left);
    const std::string_view right_part = take_part(right);
    // Without leading zeros the longer number is the larger one.
    if (left_part.size() != right_part.size()) return left_part.size() <=> right_part.size();
    if (const int order = left_part.compare(right_part); order != 0) return order <=> 0;
  }
  return std::strong_ordering::equal;
}

}  // namespace millrace::steps
