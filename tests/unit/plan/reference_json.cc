// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/plan/reference_json.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>

namespace millrace::plan::testing::reference {
namespace {

constexpr size_t kDepthMax = 512;
constexpr std::string_view kHexDigits = "0123456789abcdef";

// Thrown inside of parse() only.
struct Rejected {
  const char* rule;
};

[[noreturn]] void wrong_syntax() {
  throw Rejected{"parse:syntax"};
}

void append_character(uint32_t c, std::string& to) {
  if (c < 0x80) {
    to += static_cast<char>(c);
    return;
  }
  const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  constexpr std::array<uint32_t, 4> kLead{0, 0xC0, 0xE0, 0xF0};
  to += static_cast<char>(kLead.at(static_cast<size_t>(more)) | c >> (6 * more));
  for (int i = more - 1; i >= 0; --i) to += static_cast<char>(0x80 | (c >> (6 * i) & 0x3F));
}

// The character at `at`, which goes on behind it; false where the text is not UTF-8 there.
bool take_character(std::string_view text, size_t& at, uint32_t& c) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  c = lead;
  if (lead < 0x80) return true;
  const size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC2 || lead > 0xF4 || at + more > text.size()) return false;
  c = lead & (0x3FU >> more);
  for (size_t i = 0; i < more; ++i) {
    const auto next = static_cast<unsigned char>(text[at++]);
    if ((next & 0xC0) != 0x80) return false;
    c = c << 6 | (next & 0x3FU);
  }
  constexpr std::array<uint32_t, 4> kLeast{0, 0x80, 0x800, 0x10000};
  return c >= kLeast.at(more) && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
}

bool is_utf8(std::string_view text) {
  uint32_t c = 0;
  for (size_t at = 0; at < text.size();) {
    if (!take_character(text, at, c)) return false;
  }
  return true;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Value read_all() {
    skip_space();
    if (at_ == text_.size()) throw Rejected{"parse:empty"};
    if (!is_utf8(text_)) throw Rejected{"parse:utf8"};
    Value value = read(0);
    skip_space();
    if (at_ != text_.size()) wrong_syntax();
    return value;
  }

  [[nodiscard]] bool has_duplicates() const { return has_duplicates_; }

  // Whether the text is one number.
  bool is_number() {
    take_number();
    return at_ == text_.size();
  }

 private:
  [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!take(c)) wrong_syntax();
  }

  void skip_space() {
    while (take(' ') || take('\t') || take('\n') || take('\r')) continue;
  }

  Value read(size_t depth) {
    skip_space();
    const size_t begin = at_;
    Value value;
    bool changed = false;
    if (peek() == '{' || peek() == '[') {
      if (depth == kDepthMax) throw Rejected{"parse:depth"};
      changed = peek() == '{' ? read_object(value, depth) : read_array(value, depth);
    } else if (peek() == '"') {
      value.kind = Kind::kString;
      value.content = take_string();
    } else if (peek() == 't' || peek() == 'f' || peek() == 'n') {
      value.kind = peek() == 'n' ? Kind::kNull : Kind::kBoolean;
      take_word(peek() == 't' ? "true" : peek() == 'f' ? "false" : "null");
    } else {
      value.kind = Kind::kNumber;
      take_number();
    }
    value.text = changed ? "" : std::string(text_.substr(begin, at_ - begin));
    return value;
  }

  // Both return whether a member was given up inside, so that the text is not what it was.
  bool read_array(Value& array, size_t depth) {
    array.kind = Kind::kArray;
    expect('[');
    skip_space();
    if (take(']')) return false;
    bool changed = false;
    do {
      array.elements.push_back(read(depth + 1));
      changed = changed || array.elements.back().text.empty();
      skip_space();
    } while (take(','));
    expect(']');
    return changed;
  }

  bool read_object(Value& object, size_t depth) {
    object.kind = Kind::kObject;
    expect('{');
    skip_space();
    if (take('}')) return false;
    bool changed = false;
    do {
      skip_space();
      const size_t begin = at_;
      const std::string name = take_string();
      const std::string name_text(text_.substr(begin, at_ - begin));
      skip_space();
      expect(':');
      Value value = read(depth + 1);
      changed = changed || value.text.empty();
      if (Value* const before = object.member(name)) {
        *before = std::move(value);
        has_duplicates_ = true;
        changed = true;
      } else {
        object.members.push_back({name, name_text, std::move(value)});
      }
      skip_space();
    } while (take(','));
    expect('}');
    return changed;
  }

  void take_word(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) wrong_syntax();
    at_ += word.size();
  }

  void take_digits() {
    if (peek() < '0' || peek() > '9') wrong_syntax();
    while (peek() >= '0' && peek() <= '9') ++at_;
  }

  void take_number() {
    take('-');
    if (!take('0')) take_digits();
    if (take('.')) take_digits();
    if (!take('e') && !take('E')) return;
    if (!take('+')) take('-');
    take_digits();
  }

  uint32_t take_unit() {
    uint32_t unit = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = peek();
      const size_t digit = kHexDigits.find(c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c);
      if (digit == std::string_view::npos || c == '\0') wrong_syntax();
      unit = unit * 16 + static_cast<uint32_t>(digit);
      ++at_;
    }
    return unit;
  }

  // Behind \u. A surrogate without its other half is no character.
  uint32_t take_escaped_character() {
    const uint32_t first = take_unit();
    if (first < 0xD800 || first > 0xDFFF) return first;
    if (first > 0xDBFF) wrong_syntax();
    take_word("\\u");
    const uint32_t second = take_unit();
    if (second < 0xDC00 || second > 0xDFFF) wrong_syntax();
    return 0x10000 + (first - 0xD800) * 0x400 + (second - 0xDC00);
  }

  std::string take_string() {
    expect('"');
    std::string content;
    while (!take('"')) {
      if (at_ == text_.size() || static_cast<unsigned char>(peek()) < 0x20) wrong_syntax();
      const char c = text_[at_++];
      if (c != '\\') {
        content += c;
        continue;
      }
      constexpr std::string_view kLetters = "\"\\/bfnrt";
      constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
      if (take('u')) {
        append_character(take_escaped_character(), content);
      } else if (const size_t letter = kLetters.find(peek());
                 at_ < text_.size() && letter != std::string_view::npos) {
        content += kMeanings[letter];
        ++at_;
      } else {
        wrong_syntax();
      }
    }
    return content;
  }

  std::string_view text_;
  bool has_duplicates_ = false;
  size_t at_ = 0;
};

void append_unit(uint32_t unit, std::string& to) {
  to += "\\u";
  for (const uint32_t shift : {12U, 8U, 4U, 0U}) to += kHexDigits[unit >> shift & 0xF];
}

void append_escaped(uint32_t c, bool only_ascii, std::string& to) {
  constexpr std::string_view kNamed = "\"\\\b\f\n\r\t";
  constexpr std::string_view kNames = "\"\\bfnrt";
  const size_t name = c < 0x80 ? kNamed.find(static_cast<char>(c)) : std::string_view::npos;
  if (name != std::string_view::npos) {
    to += '\\';
    to += kNames[name];
  } else if (c < 0x20 || (only_ascii && c >= 0x7F && c < 0x10000)) {
    append_unit(c, to);
  } else if (only_ascii && c >= 0x10000) {
    append_unit(0xD800 + (c - 0x10000) / 0x400, to);
    append_unit(0xDC00 + (c - 0x10000) % 0x400, to);
  } else {
    append_character(c, to);
  }
}

std::string escaped(std::string_view content, bool only_ascii) {
  std::string to = "\"";
  uint32_t c = 0;
  for (size_t at = 0; at < content.size();) {
    take_character(content, at, c);
    append_escaped(c, only_ascii, to);
  }
  return to + '"';
}

// The members or elements of a container with what stands between.
std::string joined(const Value& container, std::string_view comma, std::string_view colon,
                   bool only_ascii, std::string (*write)(const Value& value)) {
  std::string to(1, container.is(Kind::kObject) ? '{' : '[');
  const size_t empty = to.size();
  for (const Value& element : container.elements) {
    if (to.size() > empty) to += comma;
    to += write(element);
  }
  for (const Member& member : container.members) {
    if (to.size() > empty) to += comma;
    to += only_ascii ? escaped(member.name, true) : member.name_text;
    to.append(colon).append(write(member.value));
  }
  return to + (container.is(Kind::kObject) ? '}' : ']');
}

// 0.DIGITS * 10^exponent, without zeros at the ends of the digits; zero has none.
struct Decimal {
  bool negative = false;
  std::string digits;
  int64_t exponent = 0;
};

Decimal decimal_of(std::string_view number) {
  Decimal decimal;
  decimal.negative = number.starts_with('-');
  if (decimal.negative) number.remove_prefix(1);
  const size_t e = number.find_first_of("eE");
  const std::string_view mantissa = number.substr(0, e);
  if (e != std::string_view::npos)
    decimal.exponent = std::strtoll(std::string(number.substr(e + 1)).c_str(), nullptr, 10);
  const size_t point = std::min(mantissa.find('.'), mantissa.size());
  decimal.exponent += static_cast<int64_t>(point);
  for (const char c : mantissa) {
    if (c != '.') decimal.digits += c;
  }
  while (decimal.digits.starts_with('0')) {
    decimal.digits.erase(0, 1);
    --decimal.exponent;
  }
  while (decimal.digits.ends_with('0')) decimal.digits.pop_back();
  if (decimal.digits.empty()) decimal = {};
  return decimal;
}

int compare_sizes(const Decimal& a, const Decimal& b) {
  if (a.digits.empty() || b.digits.empty()) {
    return static_cast<int>(!a.digits.empty()) - static_cast<int>(!b.digits.empty());
  }
  if (a.exponent != b.exponent) return a.exponent < b.exponent ? -1 : 1;
  return a.digits.compare(b.digits);
}

}  // namespace

const Value* Value::member(std::string_view name) const {
  for (const Member& member : members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

Value* Value::member(std::string_view name) {
  for (Member& member : members) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

Parsed parse(std::string_view text, bool reject_duplicates) {
  try {
    Reader reader(text);
    Value value = reader.read_all();
    const bool is_wrong = reject_duplicates && reader.has_duplicates();
    return {is_wrong ? "parse:duplicate_member" : "", std::move(value)};
  } catch (const Rejected& rejected) {
    return {rejected.rule, {}};
  }
}

Value constant(std::string_view json) {
  Parsed parsed = parse(json, false);
  if (!parsed.error.empty()) throw std::logic_error("no JSON: " + std::string(json));
  return std::move(parsed.value);
}

Value text_value(std::string_view content) {
  Value value;
  value.kind = Kind::kString;
  value.content = content;
  value.text = in_quotes(content);
  return value;
}

Value scalar(Kind kind, std::string text) {
  Value value;
  value.kind = kind;
  value.text = std::move(text);
  return value;
}

std::string in_quotes(std::string_view content) {
  return escaped(content, false);
}

std::string compact(const Value& value) {
  return value.text.empty() ? joined(value, ",", ":", false, compact) : value.text;
}

std::string compact_record(const Value& record) {
  return record.is_container() ? joined(record, ",", ":", false, compact) : record.text;
}

std::string spaced(const Value& value) {
  if (value.is(Kind::kString)) return escaped(value.content, true);
  return value.is_container() ? joined(value, ", ", ": ", true, spaced) : value.text;
}

std::string content_of(const Value& value) {
  return value.is(Kind::kString) ? value.content : compact(value);
}

bool equal(const Value& a, const Value& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case Kind::kNull:
      return true;
    case Kind::kBoolean:
      return a.text == b.text;
    case Kind::kNumber:
      return compare_numbers(a.text, b.text) == 0;
    case Kind::kString:
      return a.content == b.content;
    case Kind::kArray:
      return std::equal(a.elements.begin(), a.elements.end(), b.elements.begin(), b.elements.end(),
                        equal);
    case Kind::kObject:
      break;
  }
  return a.members.size() == b.members.size() &&
         std::all_of(a.members.begin(), a.members.end(), [&](const Member& member) {
           const Value* const other = b.member(member.name);
           return other != nullptr && equal(member.value, *other);
         });
}

int compare_numbers(std::string_view a, std::string_view b) {
  const Decimal left = decimal_of(a);
  const Decimal right = decimal_of(b);
  if (left.negative != right.negative) return left.negative ? -1 : 1;
  return left.negative ? compare_sizes(right, left) : compare_sizes(left, right);
}

WholeNumber whole_number(std::string_view number) {
  constexpr int64_t kDigitsMax = 2'000;
  const Decimal decimal = decimal_of(number);
  WholeNumber whole{decimal.negative, decimal.digits, false};
  if (decimal.exponent > kDigitsMax) {
    whole.digits.assign(kDigitsMax, '9');
    return whole;
  }
  const auto places = static_cast<size_t>(std::max<int64_t>(decimal.exponent, 0));
  whole.fraction = decimal.digits.size() > places;
  whole.digits.resize(places, '0');
  if (whole.digits.empty()) whole.digits = "0";
  return whole;
}

bool is_number(std::string_view text) {
  try {
    return Reader(text).is_number();
  } catch (const Rejected&) {
    return false;
  }
}

size_t characters(std::string_view text) {
  size_t count = 0;
  uint32_t c = 0;
  for (size_t at = 0; at < text.size(); ++count) take_character(text, at, c);
  return count;
}

}  // namespace millrace::plan::testing::reference
