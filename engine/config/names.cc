// SPDX-License-Identifier: Apache-2.0
#include "engine/config/names.h"

#include <algorithm>

namespace millrace::config {
namespace {

constexpr size_t kVersionBytesMax = 64;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '.' || c == '_' ||
         c == '-';
}

}  // namespace

bool is_plain_name(std::string_view text, size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max &&
         std::all_of(text.begin(), text.end(), is_name_character);
}

bool is_topic_name(std::string_view text) {
  return is_plain_name(text, kTopicBytesMax) && text != "." && text != "..";
}

bool is_version(std::string_view text) {
  if (text.empty() || text.size() > kVersionBytesMax) return false;
  bool digit_before = false;
  for (const char c : text) {
    if (c == '.' ? !digit_before : !is_digit(c)) return false;
    digit_before = c != '.';
  }
  return digit_before;
}

}  // namespace millrace::config
