// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/ecma_syntax.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "engine/schema/unicode_property.h"

namespace millrace::schema {

namespace {

using Kind = PatternNode::Kind;

// Not a character: the end of the pattern, or bytes that are not UTF-8.
constexpr char32_t kNone = 0xFFFFFFFF;
constexpr char32_t kLastCharacter = 0x10FFFF;
// Larger counts of repetition are taken for this one.
constexpr uint32_t kCountMax = 100000000;

// The largest code that a sequence of so many bytes is needed for.
constexpr std::array<char32_t, 5> kLargestOf{0, 0x7F, 0x7FF, 0xFFFF, kLastCharacter};

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_punctuation(char32_t c) {
  return c >= ' ' && c <= '~' && !is_digit(c) && !is_letter(c);
}

bool is_name_character(char32_t c, bool first) {
  return is_letter(c) || c == '_' || c == '$' || c >= 0x80 || (!first && is_digit(c));
}

int hex_value(char32_t c) {
  if (is_digit(c)) return static_cast<int>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<int>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<int>(c - 'A' + 10);
  return -1;
}

bool is_high_surrogate(char32_t c) {
  return c >= 0xD800 && c <= 0xDBFF;
}

bool is_low_surrogate(char32_t c) {
  return c >= 0xDC00 && c <= 0xDFFF;
}

CharacterSet digits() {
  return {.ranges = {{'0', '9'}}};
}

CharacterSet word_characters() {
  return {.ranges = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}}};
}

// WhiteSpace and LineTerminator of ECMA-262.
CharacterSet spaces() {
  return {.ranges = {{0x09, 0x0D},
                     {0x20, 0x20},
                     {0xA0, 0xA0},
                     {0x1680, 0x1680},
                     {0x2000, 0x200A},
                     {0x2028, 0x2029},
                     {0x202F, 0x202F},
                     {0x205F, 0x205F},
                     {0x3000, 0x3000},
                     {0xFEFF, 0xFEFF}}};
}

CharacterSet line_terminators() {
  return {.ranges = {{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}}};
}

CharacterSet inverse(CharacterSet set) {
  set.negated = !set.negated;
  return set;
}

PatternNode set_node(CharacterSet set) {
  return {.kind = Kind::kSet, .set = std::move(set)};
}

PatternNode character_node(char32_t c) {
  return set_node({.ranges = {{c, c}}});
}

// What is not in a set of ranges, as ranges.
std::vector<CodeRange> complement(std::vector<CodeRange> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const CodeRange& a, const CodeRange& b) { return a.first < b.first; });
  std::vector<CodeRange> gaps;
  char32_t next = 0;
  for (const CodeRange& range : ranges) {
    if (range.first > next) gaps.push_back({next, range.first - 1});
    next = std::max<char32_t>(next, range.last + 1);
  }
  if (next <= kLastCharacter) gaps.push_back({next, kLastCharacter});
  return gaps;
}

// Recursive descent. The first mistake stops it: everything returns as soon as failed() holds.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  base::Result<ParsedPattern> run() {
    if (text_.size() > kPatternMax) {
      return base::Error{fmt::format("the pattern is longer than {} bytes", kPatternMax)};
    }
    PatternNode root = choice();
    if (!failed() && at_ < text_.size()) fail(at_, "')' closes nothing");
    if (failed()) return base::Error{std::move(error_)};
    return ParsedPattern{std::move(root), std::move(unsupported_)};
  }

 private:
  [[nodiscard]] bool failed() const { return !error_.empty(); }

  void fail(size_t place, std::string_view message) {
    if (!failed()) error_ = fmt::format("{} at offset {}", message, place);
  }

  // Right by ECMA-262, but nothing that runs in linear time.
  void unsupported(size_t place, std::string_view construct) {
    if (unsupported_.empty()) {
      unsupported_ = fmt::format("{} at offset {} is not supported", construct, place);
    }
  }

  [[nodiscard]] bool at_end() const { return at_ >= text_.size(); }

  [[nodiscard]] bool next_is(std::string_view what) const {
    return text_.substr(at_).starts_with(what);
  }

  bool skip(std::string_view what) {
    if (!next_is(what)) return false;
    at_ += what.size();
    return true;
  }

  // Takes one character; kNone at the end, and with an error where the bytes are not UTF-8.
  char32_t take() {
    if (at_end()) return kNone;
    const auto lead = static_cast<uint8_t>(text_[at_]);
    const size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t c = length == 1 ? lead : lead & (0x7FU >> length);
    bool good = length > 0 && length <= text_.size() - at_;
    for (size_t i = 1; good && i < length; ++i) {
      const auto next = static_cast<uint8_t>(text_[at_ + i]);
      good = (next & 0xC0) == 0x80;
      c = c << 6 | (next & 0x3F);
    }
    good = good && c <= kLastCharacter && (length == 1 || c > kLargestOf[length - 1]) &&
           !is_high_surrogate(c) && !is_low_surrogate(c);
    if (!good) {
      fail(at_, "bytes that are not UTF-8");
      return kNone;
    }
    at_ += length;
    return c;
  }

  PatternNode choice() {
    PatternNode first = sequence();
    if (!next_is("|")) return first;
    PatternNode node{.kind = Kind::kChoice};
    node.children.push_back(std::move(first));
    while (!failed() && skip("|")) node.children.push_back(sequence());
    return node;
  }

  PatternNode sequence() {
    PatternNode node;
    while (!failed() && !at_end() && !next_is("|") && !next_is(")")) {
      node.children.push_back(term());
    }
    return node;
  }

  PatternNode term() {
    bool repeatable = true;
    PatternNode node = atom(repeatable);
    if (failed()) return node;
    const size_t place = at_;
    uint32_t least = 1;
    uint32_t most = 1;
    if (!quantifier(least, most)) return node;
    if (!repeatable) fail(place, "nothing to repeat");
    if (least > most) fail(place, "numbers out of order in {}");
    skip("?");
    PatternNode repeat{.kind = Kind::kRepeat, .least = least, .most = most};
    repeat.children.push_back(std::move(node));
    return repeat;
  }

  // Reads a quantifier; false, and nothing taken, where none stands.
  bool quantifier(uint32_t& least, uint32_t& most) {
    least = 0;
    most = kUnbounded;
    if (skip("*")) return true;
    if (skip("+")) {
      least = 1;
      return true;
    }
    if (skip("?")) {
      most = 1;
      return true;
    }
    const size_t start = at_;
    if (skip("{") && count(least)) {
      most = least;
      if (skip(",") && !count(most)) most = kUnbounded;
      if (skip("}")) return true;
    }
    at_ = start;
    return false;
  }

  bool count(uint32_t& value) {
    const size_t start = at_;
    value = 0;
    for (; !at_end() && text_[at_] >= '0' && text_[at_] <= '9'; ++at_) {
      value = std::min(kCountMax, value * 10 + static_cast<uint32_t>(text_[at_] - '0'));
    }
    return at_ > start;
  }

  PatternNode atom(bool& repeatable) {
    const size_t place = at_;
    if (skip("(")) return group(place, repeatable);
    if (skip("[")) return set_node(character_class(place));
    if (skip("\\")) return escape(place, repeatable);
    if (skip(".")) return set_node(inverse(line_terminators()));
    if (skip("^")) {
      repeatable = false;
      return {.kind = Kind::kTextStart};
    }
    if (skip("$")) {
      repeatable = false;
      return {.kind = Kind::kTextEnd};
    }
    uint32_t least = 0;
    uint32_t most = 0;
    if (quantifier(least, most)) {
      fail(place, "nothing to repeat");
      return {};
    }
    const char32_t c = take();
    return failed() ? PatternNode{} : character_node(c);
  }

  // What follows '('.
  PatternNode group(size_t place, bool& repeatable) {
    if (++depth_ > kGroupDepthMax) {
      fail(place, fmt::format("groups nested deeper than {}", kGroupDepthMax));
      return {};
    }
    bool look_around = false;
    for (const char* opener : {"?=", "?!", "?<=", "?<!"}) {
      if (!look_around && skip(opener)) {
        look_around = true;
        repeatable = false;
        unsupported(place, fmt::format("the look-around ({}", opener));
      }
    }
    if (!look_around && !skip("?:") && skip("?") && !(skip("<") && group_name())) {
      fail(place, "an unknown kind of group");
    }
    PatternNode node = choice();
    if (!failed() && !skip(")")) fail(place, "'(' is not closed");
    --depth_;
    return node;
  }

  // NAME>
  bool group_name() {
    const size_t start = at_;
    while (!at_end() && !failed()) {
      const bool first = at_ == start;
      const char32_t c = take();
      if (c == '>') return !first;
      if (!is_name_character(c, first)) return false;
    }
    return false;
  }

  // What follows '\' outside a class.
  PatternNode escape(size_t place, bool& repeatable) {
    if (skip("b") || skip("B")) {
      repeatable = false;
      const bool inside = text_[at_ - 1] == 'b';
      return {.kind = inside ? Kind::kWordBoundary : Kind::kNotWordBoundary};
    }
    if (!at_end() && text_[at_] >= '1' && text_[at_] <= '9') {
      unsupported(place, fmt::format("the back-reference \\{}", text_[at_]));
      uint32_t ignored = 0;
      count(ignored);
      return {};
    }
    if (skip("k")) {
      if (!skip("<") || !group_name()) fail(place, "\\k without a name");
      unsupported(place, "the back-reference \\k");
      return {};
    }
    if (auto set = set_escape(place)) return set_node(std::move(*set));
    const char32_t c = character_escape(place);
    return failed() ? PatternNode{} : character_node(c);
  }

  // \d, \D, \w, \W, \s, \S, \p{…} or \P{…}; nothing, and nothing taken, for others.
  std::optional<CharacterSet> set_escape(size_t place) {
    if (skip("d")) return digits();
    if (skip("D")) return inverse(digits());
    if (skip("w")) return word_characters();
    if (skip("W")) return inverse(word_characters());
    if (skip("s")) return spaces();
    if (skip("S")) return inverse(spaces());
    if (skip("p{")) return property(place);
    if (skip("P{")) return inverse(property(place));
    return std::nullopt;
  }

  CharacterSet property(size_t place) {
    const size_t end = text_.find('}', at_);
    if (end == std::string_view::npos) {
      fail(place, "\\p{ is not closed");
      return {};
    }
    const std::string_view name = text_.substr(at_, end - at_);
    at_ = end + 1;
    if (auto set = unicode_property(name)) return std::move(*set);
    const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return is_name_character(static_cast<uint8_t>(c), false) || c == '=';
    });
    if (!plain) fail(place, "\\p{} without a property");
    unsupported(place, fmt::format("the Unicode property \\p{{{}}}", name));
    return {};
  }

  // An escape that stands for one character, what follows '\'.
  char32_t character_escape(size_t place) {
    const char32_t c = take();
    switch (c) {
      case 'f':
        return '\f';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 't':
        return '\t';
      case 'v':
        return '\v';
      case 'c':
        return control(place);
      case 'x':
        return hex_digits(place, 2);
      case 'u':
        return unicode_escape(place);
      case '0':
        if (!at_end() && is_digit(static_cast<uint8_t>(text_[at_]))) {
          fail(place, "an octal escape");
        }
        return 0;
      case kNone:
        fail(place, "'\\' at the end");
        return kNone;
      default:
        break;
    }
    if (!is_punctuation(c)) fail(place, "an unknown escape");
    return c;
  }

  char32_t control(size_t place) {
    const char32_t c = take();
    if (!is_letter(c)) fail(place, "\\c without a letter");
    return c % 32;
  }

  // Exactly so many hexadecimal digits.
  char32_t hex_digits(size_t place, size_t count) {
    char32_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      const int digit = at_end() ? -1 : hex_value(static_cast<uint8_t>(text_[at_]));
      if (digit < 0) {
        fail(place, "an incomplete escape");
        return kNone;
      }
      value = value * 16 + static_cast<char32_t>(digit);
      ++at_;
    }
    return value;
  }

  // What follows \u: four digits, two such that make a pair of surrogates, or {…}.
  char32_t unicode_escape(size_t place) {
    if (!skip("{")) {
      const char32_t high = hex_digits(place, 4);
      const size_t behind = at_;
      if (failed() || !is_high_surrogate(high) || !skip("\\u") || next_is("{")) {
        at_ = behind;
        return high;
      }
      const char32_t low = hex_digits(place, 4);
      if (is_low_surrogate(low)) return 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
      at_ = behind;
      return high;
    }
    char32_t value = 0;
    const size_t start = at_;
    while (!at_end() && text_[at_] != '}' && value <= kLastCharacter) {
      const int digit = hex_value(static_cast<uint8_t>(text_[at_]));
      if (digit < 0) break;
      value = value * 16 + static_cast<char32_t>(digit);
      ++at_;
    }
    if (at_ == start || value > kLastCharacter || !skip("}")) fail(place, "a wrong \\u{…}");
    return value;
  }

  // What follows '['.
  CharacterSet character_class(size_t place) {
    CharacterSet set{.negated = skip("^")};
    while (!failed() && !skip("]")) {
      if (at_end()) {
        fail(place, "'[' is not closed");
        break;
      }
      class_item(set);
    }
    return set;
  }

  // One character, set or range of a class.
  void class_item(CharacterSet& set) {
    const size_t place = at_;
    const char32_t first = class_atom(set);
    const size_t behind = at_;
    if (failed() || !skip("-") || next_is("]") || at_end()) {
      at_ = behind;
      add(set, first, first);
      return;
    }
    const char32_t last = class_atom(set);
    if (failed()) return;
    if (first == kNone || last == kNone) {
      // One end is a set, as in [\w-.]: the hyphen can only mean itself.
      add(set, first, first);
      add(set, '-', '-');
      add(set, last, last);
    } else if (first > last) {
      fail(place, "a range out of order");
    } else {
      add(set, first, last);
    }
  }

  static void add(CharacterSet& set, char32_t first, char32_t last) {
    if (first != kNone) set.ranges.push_back({first, last});
  }

  // A character; or kNone for a set, which has then been added, or after a mistake.
  char32_t class_atom(CharacterSet& set) {
    const size_t place = at_;
    if (!skip("\\")) return take();
    if (skip("b")) return '\b';
    if (auto inner = set_escape(place)) {
      unite(set, std::move(*inner), place);
      return kNone;
    }
    return character_escape(place);
  }

  void unite(CharacterSet& set, CharacterSet other, size_t place) {
    if (other.negated && other.ranges.empty() && other.properties.size() == 1) {
      // \P{…} is \p{…} with a capital letter.
      other.properties.front()[1] = 'P';
    } else if (other.negated && other.properties.empty()) {
      other.ranges = complement(std::move(other.ranges));
    } else if (other.negated) {
      unsupported(place, "this Unicode property in a class");
    }
    set.ranges.insert(set.ranges.end(), other.ranges.begin(), other.ranges.end());
    std::move(other.properties.begin(), other.properties.end(), std::back_inserter(set.properties));
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t depth_ = 0;
  std::string error_;
  std::string unsupported_;
};

}  // namespace

base::Result<ParsedPattern> parse_ecma_pattern(std::string_view pattern) {
  return Parser(pattern).run();
}

}  // namespace millrace::schema
