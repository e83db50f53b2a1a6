// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string_view>

// A JSON checker written straight from RFC 8259 and RFC 3629, slow, recursive and without any idea
// taken from simdjson or from the walk: what both are compared with. Numbers are of any size, lone
// surrogate escapes are wrong, and depth is not limited, so keep documents shallow.
namespace millrace::record::testing {

class ReferenceJson {
 public:
  explicit ReferenceJson(std::string_view text) : text_(text) {}

  [[nodiscard]] bool is_valid() {
    skip_space();
    if (!value()) return false;
    skip_space();
    return at_ == text_.size() && is_utf8(text_);
  }

  [[nodiscard]] static bool is_utf8(std::string_view text) {
    for (size_t i = 0; i < text.size();) {
      const auto byte = [&](size_t k) -> uint32_t {
        return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0;
      };
      const uint32_t lead = byte(0);
      const size_t length = lead < 0x80             ? 1
                            : (lead & 0xE0) == 0xC0 ? 2
                            : (lead & 0xF0) == 0xE0 ? 3
                            : (lead & 0xF8) == 0xF0 ? 4
                                                    : 0;
      if (length == 0) return false;
      uint32_t point = length == 1 ? lead : lead & (0xFFU >> (length + 1));
      for (size_t k = 1; k < length; ++k) {
        if ((byte(k) & 0xC0) != 0x80) return false;
        point = point << 6 | (byte(k) & 0x3F);
      }
      constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
      if (point < kSmallest[length] || point > 0x10FFFF) return false;
      if (point >= 0xD800 && point <= 0xDFFF) return false;
      i += length;
    }
    return true;
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool word(std::string_view literal) {
    if (!text_.substr(at_).starts_with(literal)) return false;
    at_ += literal.size();
    return true;
  }

  void skip_space() {
    while (take(' ') || take('\t') || take('\n') || take('\r')) continue;
  }

  bool value() {
    if (peek() == '{') return object();
    if (peek() == '[') return array();
    if (peek() == '"') return string();
    return word("true") || word("false") || word("null") || number();
  }

  bool object() {
    take('{');
    skip_space();
    if (take('}')) return true;
    do {
      skip_space();
      if (!string()) return false;
      skip_space();
      if (!take(':')) return false;
      skip_space();
      if (!value()) return false;
      skip_space();
    } while (take(','));
    return take('}');
  }

  bool array() {
    take('[');
    skip_space();
    if (take(']')) return true;
    do {
      skip_space();
      if (!value()) return false;
      skip_space();
    } while (take(','));
    return take(']');
  }

  bool digits() {
    const size_t begin = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    return at_ > begin;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (take('e') || take('E')) {
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }

  // Four hexadecimal digits, or -1.
  long unit() {
    constexpr std::string_view kHex = "0123456789abcdefABCDEF";
    if (at_ + 4 > text_.size()) return -1;
    char digits[5] = {};
    for (char& digit : std::span(digits).first(4)) {
      digit = text_[at_++];
      if (kHex.find(digit) == std::string_view::npos) return -1;
    }
    return std::strtol(digits, nullptr, 16);
  }

  bool string() {
    if (!take('"')) return false;
    while (!take('"')) {
      if (at_ >= text_.size() || static_cast<unsigned char>(peek()) < 0x20) return false;
      if (text_[at_++] != '\\') continue;
      const char letter = peek();
      ++at_;
      if (letter == 'u') {
        const long first = unit();
        if (first < 0 || (first >= 0xDC00 && first <= 0xDFFF)) return false;
        if (first < 0xD800 || first > 0xDBFF) continue;
        if (!word("\\u")) return false;
        const long second = unit();
        if (second < 0xDC00 || second > 0xDFFF) return false;
      } else if (letter == '\0' ||
                 std::string_view("\"\\/bfnrt").find(letter) == std::string_view::npos) {
        return false;
      }
    }
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace millrace::record::testing
