// SPDX-License-Identifier: Apache-2.0
#include "engine/config/json_constant.h"

#include <cstddef>
#include <cstdint>

#include "engine/base/limits.h"

namespace millrace::config {
namespace {

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

// Takes digits off the front; false where there is none.
bool take_digits(std::string_view& text) {
  size_t count = 0;
  while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
  text.remove_prefix(count);
  return count > 0;
}

// Takes four hexadecimal digits off the front.
std::optional<uint32_t> take_hex4(std::string_view& text) {
  if (text.size() < 4) return std::nullopt;
  uint32_t unit = 0;
  for (const char c : text.substr(0, 4)) {
    const char lower = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool is_digit = lower >= '0' && lower <= '9';
    if (!is_digit && (lower < 'a' || lower > 'f')) return std::nullopt;
    unit = unit << 4U | static_cast<uint32_t>(is_digit ? lower - '0' : lower - 'a' + 10);
  }
  text.remove_prefix(4);
  return unit;
}

// Takes what follows \u off the front: one unit, or two that make a pair.
std::optional<uint32_t> take_code_point(std::string_view& text) {
  const auto first = take_hex4(text);
  if (!first || *first < 0xD800 || *first > 0xDFFF) return first;
  if (*first > 0xDBFF || !take(text, '\\') || !take(text, 'u')) return std::nullopt;
  const auto second = take_hex4(text);
  if (!second || *second < 0xDC00 || *second > 0xDFFF) return std::nullopt;
  return 0x10000U + ((*first - 0xD800U) << 10U) + (*second - 0xDC00U);
}

void append_utf8(uint32_t code_point, std::string& to) {
  const auto put = [&to](uint32_t byte) { to += static_cast<char>(byte); };
  const auto put_rest = [&put](uint32_t bits) { put(0x80U | (bits & 0x3FU)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0U | code_point >> 6U);
    put_rest(code_point);
  } else if (code_point < 0x10000) {
    put(0xE0U | code_point >> 12U);
    put_rest(code_point >> 6U);
    put_rest(code_point);
  } else {
    put(0xF0U | code_point >> 18U);
    put_rest(code_point >> 12U);
    put_rest(code_point >> 6U);
    put_rest(code_point);
  }
}

// Takes what follows a backslash off the front.
bool take_escape(std::string_view& text, std::string& to) {
  static constexpr std::string_view kEscapes = "\"\\/bfnrt";
  static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  if (take(text, 'u')) {
    const auto code_point = take_code_point(text);
    if (code_point) append_utf8(*code_point, to);
    return code_point.has_value();
  }
  const size_t escape = text.empty() ? std::string_view::npos : kEscapes.find(text.front());
  if (escape == std::string_view::npos) return false;
  to += kMeanings[escape];
  text.remove_prefix(1);
  return true;
}

std::string scalar_constant(const YamlNode& node) {
  const std::string& text = node.text;
  const bool is_literal =
      text == "true" || text == "false" || text == "null" || is_json_number(text);
  return !node.quoted && is_literal ? text : json_string(text);
}

void append_constant(const YamlNode& node, size_t depth, JsonConstant& constant) {
  std::string& json = constant.json;
  constant.broken = constant.broken || node.broken;
  if (node.kind == NodeKind::kNull) {
    json += "null";
    return;
  }
  if (node.kind == NodeKind::kScalar) {
    json += scalar_constant(node);
    return;
  }
  if (depth == base::limits::kJsonDepthMax) {
    constant.too_deep = true;
    return;
  }
  const bool is_list = node.kind == NodeKind::kList;
  json += is_list ? '[' : '{';
  std::string_view separator;
  for (const NodePointer& item : node.items) {
    json += separator;
    append_constant(*item, depth + 1, constant);
    separator = ",";
  }
  for (const NodeMember& member : node.members) {
    json += separator;
    json += json_string(member.key.value);
    json += ':';
    append_constant(*member.value, depth + 1, constant);
    separator = ",";
  }
  json += is_list ? ']' : '}';
}

}  // namespace

std::string json_string(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (c == '\n') {
      json += "\\n";
    } else if (c == '\t') {
      json += "\\t";
    } else if (c == '\r') {
      json += "\\r";
    } else if (byte < 0x20) {
      json += "\\u00";
      json += kHex[byte >> 4U];
      json += kHex[byte & 0xFU];
    } else {
      json += c;
    }
  }
  json += '"';
  return json;
}

std::optional<std::string> take_json_string(std::string_view& text) {
  if (!take(text, '"')) return std::nullopt;
  std::string content;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"') return content;
    if (static_cast<unsigned char>(c) < 0x20) return std::nullopt;
    if (c != '\\') {
      content += c;
    } else if (!take_escape(text, content)) {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

bool is_json_number(std::string_view text) {
  take(text, '-');
  if (!take(text, '0') && !take_digits(text)) return false;
  if (take(text, '.') && !take_digits(text)) return false;
  if (take(text, 'e') || take(text, 'E')) {
    if (!take(text, '+')) take(text, '-');
    if (!take_digits(text)) return false;
  }
  return text.empty();
}

JsonConstant json_constant(const YamlNode& node) {
  JsonConstant constant;
  append_constant(node, 0, constant);
  return constant;
}

}  // namespace millrace::config
