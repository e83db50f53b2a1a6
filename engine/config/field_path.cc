// SPDX-License-Identifier: Apache-2.0
#include "engine/config/field_path.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/config/json_constant.h"

namespace millrace::config {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes a path's parts off a text, from left to right.
class PathReader {
 public:
  explicit PathReader(std::string_view text) : text_(text), rest_(text) {}

  base::Result<FieldPath> read() {
    FieldPath path;
    path.text = std::string(text_);
    if (text_ == ".") return path;
    for (bool is_first = true; is_first || !rest_.empty(); is_first = false) {
      auto part = read_part(is_first);
      if (!part) return base::Error{message_};
      if (path.parts.size() == kPathPartsMax) return base::Error{"it has more than 32 parts"};
      path.parts.push_back(std::move(*part));
    }
    return path;
  }

 private:
  std::optional<FieldPath::Part> read_part(bool is_first) {
    if (rest_.starts_with('[')) return read_bracket();
    if (!is_first && !rest_.starts_with('.')) return wrong("a '.' or a '[' must stand", rest_);
    if (!is_first) rest_.remove_prefix(1);
    return read_name();
  }

  std::optional<FieldPath::Part> read_name() {
    const std::string_view name = rest_.substr(0, rest_.find_first_of(".[]\""));
    const std::string_view after = rest_.substr(name.size());
    if (after.starts_with(']') || after.starts_with('"')) {
      return wrong(
          "a bracket or a quote that belongs to a name needs brackets around the name, "
          "[\"…\"],",
          after);
    }
    if (name.empty()) return wrong("no name stands", rest_);
    if (name.front() == ' ' || name.back() == ' ') {
      return wrong("a space begins or ends a name", rest_);
    }
    rest_ = after;
    return FieldPath::Part{std::string(name), 0, false};
  }

  std::optional<FieldPath::Part> read_bracket() {
    const std::string_view from = rest_;
    rest_.remove_prefix(1);
    FieldPath::Part part;
    if (rest_.starts_with('"')) {
      auto name = take_json_string(rest_);
      if (!name) return wrong("no JSON string, such as [\"a.b\"], stands", from);
      part.name = std::move(*name);
    } else {
      const auto index = take_index();
      if (!index) return wrong("no index from 0 to 1000000, and no name in quotes, stands", from);
      part.index = *index;
      part.is_index = true;
    }
    if (!rest_.starts_with(']')) return wrong("a bracket is not closed that stands", from);
    rest_.remove_prefix(1);
    return part;
  }

  std::optional<uint32_t> take_index() {
    const auto* const end = std::find_if_not(rest_.begin(), rest_.end(), is_digit);
    const std::string_view digits = rest_.substr(0, static_cast<size_t>(end - rest_.begin()));
    const bool has_leading_zero = digits.size() > 1 && digits[0] == '0';
    if (digits.empty() || digits.size() > 7 || has_leading_zero) return std::nullopt;
    uint32_t index = 0;
    for (const char c : digits) index = index * 10 + static_cast<uint32_t>(c - '0');
    if (index > kPathIndexMax) return std::nullopt;
    rest_.remove_prefix(digits.size());
    return index;
  }

  // `at`: the rest of the text from the place that is wrong.
  std::nullopt_t wrong(std::string_view sentence, std::string_view at) {
    const std::string_view before = text_.substr(0, text_.size() - at.size());
    const auto begins_character = [](char c) {
      return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    };
    const auto characters = std::count_if(before.begin(), before.end(), begins_character);
    message_ = std::string(sentence) + " at character " + std::to_string(characters + 1);
    return std::nullopt;
  }

  const std::string_view text_;
  std::string_view rest_;
  std::string message_;
};

}  // namespace

base::Result<FieldPath> parse_field_path(std::string_view text) {
  return PathReader(text).read();
}

std::string path_key(const FieldPath& path) {
  std::string key;
  for (const FieldPath::Part& part : path.parts) {
    key += part.is_index ? std::to_string(part.index) : json_string(part.name);
    key += '/';
  }
  return key;
}

}  // namespace millrace::config
