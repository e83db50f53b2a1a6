// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/unicode_property.h"

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>

#include "engine/schema/unicode_names.h"

namespace millrace::schema {

namespace {

constexpr char32_t kLastCharacter = 0x10FFFF;

// Values of General_Category under their short and their long names; special_category() has those
// that RE2 does not know so.
constexpr std::array<UnicodeName, 39> kCategories{{
    {"Cc", "Control"},
    {"Cc", "cntrl"},
    {"Cf", "Format"},
    {"Co", "Private_Use"},
    {"Cs", "Surrogate"},
    {"L", "Letter"},
    {"Ll", "Lowercase_Letter"},
    {"Lm", "Modifier_Letter"},
    {"Lo", "Other_Letter"},
    {"Lt", "Titlecase_Letter"},
    {"Lu", "Uppercase_Letter"},
    {"M", "Mark"},
    {"M", "Combining_Mark"},
    {"Mc", "Spacing_Mark"},
    {"Me", "Enclosing_Mark"},
    {"Mn", "Nonspacing_Mark"},
    {"N", "Number"},
    {"Nd", "Decimal_Number"},
    {"Nd", "digit"},
    {"Nl", "Letter_Number"},
    {"No", "Other_Number"},
    {"P", "Punctuation"},
    {"P", "punct"},
    {"Pc", "Connector_Punctuation"},
    {"Pd", "Dash_Punctuation"},
    {"Pe", "Close_Punctuation"},
    {"Pf", "Final_Punctuation"},
    {"Pi", "Initial_Punctuation"},
    {"Po", "Other_Punctuation"},
    {"Ps", "Open_Punctuation"},
    {"S", "Symbol"},
    {"Sc", "Currency_Symbol"},
    {"Sk", "Modifier_Symbol"},
    {"Sm", "Math_Symbol"},
    {"So", "Other_Symbol"},
    {"Z", "Separator"},
    {"Zl", "Line_Separator"},
    {"Zp", "Paragraph_Separator"},
    {"Zs", "Space_Separator"},
}};

CharacterSet in_any_of(std::initializer_list<std::string_view> names) {
  CharacterSet set;
  for (const std::string_view name : names) {
    set.properties.push_back(std::string("\\p{").append(name).append("}"));
  }
  return set;
}

CharacterSet in_none_of(std::initializer_list<std::string_view> names) {
  CharacterSet set = in_any_of(names);
  set.negated = true;
  return set;
}

std::optional<CharacterSet> special_category(std::string_view name) {
  // RE2's C lacks the unassigned characters.
  if (name == "C" || name == "Other") return in_none_of({"L", "M", "N", "P", "S", "Z"});
  if (name == "Cn" || name == "Unassigned") return in_none_of({"L", "M", "N", "P", "S", "Z", "C"});
  if (name == "LC" || name == "Cased_Letter") return in_any_of({"Lu", "Ll", "Lt"});
  return std::nullopt;
}

std::optional<CharacterSet> category(std::string_view name) {
  for (const UnicodeName& known : kCategories) {
    if (known.short_name == name || known.long_name == name) return in_any_of({known.short_name});
  }
  return special_category(name);
}

std::optional<CharacterSet> script(std::string_view name) {
  for (const UnicodeName& known : kUnicodeScripts) {
    if (known.short_name == name || known.long_name == name) return in_any_of({known.long_name});
  }
  return std::nullopt;
}

// Properties that a character has or has not, as far as they are a matter of a few ranges.
std::optional<CharacterSet> binary(std::string_view name) {
  if (name == "Assigned") return in_any_of({"L", "M", "N", "P", "S", "Z", "C"});
  CharacterSet set;
  if (name == "Any") {
    set.ranges = {{0, kLastCharacter}};
  } else if (name == "ASCII") {
    set.ranges = {{0, 0x7F}};
  } else if (name == "ASCII_Hex_Digit" || name == "AHex") {
    set.ranges = {{'0', '9'}, {'A', 'F'}, {'a', 'f'}};
  } else if (name == "Hex_Digit" || name == "Hex") {
    set.ranges = {{'0', '9'},       {'A', 'F'},       {'a', 'f'},
                  {0xFF10, 0xFF19}, {0xFF21, 0xFF26}, {0xFF41, 0xFF46}};
  } else if (name == "White_Space" || name == "space") {
    set.ranges = {{0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},
                  {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F},
                  {0x205F, 0x205F}, {0x3000, 0x3000}};
  } else {
    return std::nullopt;
  }
  return set;
}

}  // namespace

std::optional<CharacterSet> unicode_property(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    if (auto set = category(text)) return set;
    return binary(text);
  }
  const std::string_view name = text.substr(0, equals);
  const std::string_view value = text.substr(equals + 1);
  if (name == "General_Category" || name == "gc") return category(value);
  if (name == "Script" || name == "sc") return script(value);
  return std::nullopt;
}

}  // namespace millrace::schema
