// SPDX-License-Identifier: Apache-2.0
#include "engine/base/log_json.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

namespace millrace::base::log {
namespace {

constexpr size_t kFieldsMax = 32;
// Beyond this a number may not come back as it was from who reads JSON with doubles.
constexpr size_t kNumberDigitsMax = 15;

// Bytes of the UTF-8 character that `text` begins with; 0: it is none.
size_t character(std::string_view text) {
  const auto byte = [&](size_t at) {
    return at < text.size() ? static_cast<uint8_t>(text[at]) : uint8_t{0};
  };
  const auto follows = [&](size_t at) { return (byte(at) & 0xC0U) == 0x80U; };
  const uint8_t first = byte(0);
  if (first < 0x80U) return 1;
  if (first >= 0xC2U && first <= 0xDFU) return follows(1) ? 2 : 0;
  if (first >= 0xE0U && first <= 0xEFU) {
    if (!follows(1) || !follows(2)) return 0;
    if (first == 0xE0U && byte(1) < 0xA0U) return 0;
    if (first == 0xEDU && byte(1) > 0x9FU) return 0;
    return 3;
  }
  if (first >= 0xF0U && first <= 0xF4U) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (first == 0xF0U && byte(1) < 0x90U) return 0;
    if (first == 0xF4U && byte(1) > 0x8FU) return 0;
    return 4;
  }
  return 0;
}

void append_string(std::string_view text, std::string& to) {
  to += '"';
  while (!text.empty()) {
    const char c = text.front();
    const size_t length = character(text);
    if (length == 0) {
      to += "\xEF\xBF\xBD";
    } else if (c == '"' || c == '\\') {
      to += '\\';
      to += c;
    } else if (c == '\n') {
      to += "\\n";
    } else if (static_cast<uint8_t>(c) < 0x20U || c == '\x7F') {
      to += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<uint8_t>(c)));
    } else if (length == 2 && c == '\xC2' && static_cast<uint8_t>(text[1]) < 0xA0U) {
      // Controls too, of Latin-1: a terminal that shows the log must not obey them.
      to += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<uint8_t>(text[1])));
    } else {
      to += text.substr(0, length);
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  to += '"';
}

bool is_key(std::string_view text) {
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  return !text.empty() && is_lower(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_lower(c) || (c >= '0' && c <= '9') || c == '_'; });
}

bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  if (text.empty() || text.size() > kNumberDigitsMax) return false;
  if (text.front() == '0' && text.size() > 1) return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void append_field(std::string_view word, std::vector<std::string_view>& keys, std::string& to) {
  const size_t equals = word.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view key = word.substr(0, equals);
  std::string_view value = word.substr(equals + 1);
  while (!value.empty() && std::string_view(".,:;").find(value.back()) != std::string_view::npos) {
    value.remove_suffix(1);
  }
  if (!is_key(key) || value.empty() || keys.size() >= kFieldsMax) return;
  if (std::find(keys.begin(), keys.end(), key) != keys.end()) return;
  keys.push_back(key);
  to += ",\"";
  to += key;
  to += "\":";
  if (is_number(value)) {
    to += value;
  } else {
    append_string(value, to);
  }
}

}  // namespace

std::string json_members(std::string_view level, std::string_view line) {
  std::string members = "\"level\":";
  append_string(level, members);
  members += ",\"message\":";
  append_string(line, members);
  // Fields stand in the first line only: what follows is for people.
  std::string_view rest = line.substr(0, line.find('\n'));
  std::vector<std::string_view> keys = {"time", "level", "message"};
  while (!rest.empty()) {
    const size_t space = std::min(rest.find(' '), rest.size());
    append_field(rest.substr(0, space), keys, members);
    rest.remove_prefix(std::min(space + 1, rest.size()));
  }
  return members;
}

}  // namespace millrace::base::log
