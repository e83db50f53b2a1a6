// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

// JSON as plain recursive values, for the reference interpreter: slow, obvious, and without a line
// of the engine. Written from RFC 8259 and RFC 3629.
namespace millrace::plan::testing::reference {

enum class Kind { kNull, kBoolean, kNumber, kString, kArray, kObject };

struct Member;

struct Value {
  Kind kind = Kind::kNull;
  // As it was written. Empty for a container in which something was changed.
  std::string text = "null";
  std::string content;  // kString: without quotes and escapes
  std::vector<Value> elements;
  std::vector<Member> members;

  [[nodiscard]] bool is(Kind what) const { return kind == what; }

  [[nodiscard]] bool is_container() const { return kind == Kind::kArray || kind == Kind::kObject; }

  // nullptr where absent, or where this is no object, or no array.
  [[nodiscard]] const Value* member(std::string_view name) const;
  [[nodiscard]] Value* member(std::string_view name);
};

struct Member {
  std::string name;
  std::string name_text;  // as it was written, with the quotes
  Value value;
};

struct Parsed {
  std::string error;  // the rule that rejects it, or empty: "parse:syntax"
  Value value;        // what was read, where it is JSON
};

// Reads a text strictly. Of members of one name the last counts, at the place of the first and with
// its name; `reject_duplicates` makes them an error.
[[nodiscard]] Parsed parse(std::string_view text, bool reject_duplicates);

// A value that stands in a configuration, which is known to be JSON.
[[nodiscard]] Value constant(std::string_view json);

[[nodiscard]] Value text_value(std::string_view content);

// A scalar that is no text.
[[nodiscard]] Value scalar(Kind kind, std::string text);

// A JSON text with only the escapes that must be.
[[nodiscard]] std::string in_quotes(std::string_view content);

// What is untouched as it was written, all else without white space.
[[nodiscard]] std::string compact(const Value& value);

// A whole record: its own white space goes, that inside of untouched values stays.
[[nodiscard]] std::string compact_record(const Value& record);

// As Python's json.dumps: ", " and ": ", and nothing but ASCII.
[[nodiscard]] std::string spaced(const Value& value);

// The content of a text, the JSON text of anything else.
[[nodiscard]] std::string content_of(const Value& value);

// Equal as JSON.
[[nodiscard]] bool equal(const Value& a, const Value& b);

// Below, at or above 0, as a JSON number is less than, equal to or more than another. Exact.
[[nodiscard]] int compare_numbers(std::string_view a, std::string_view b);

// A JSON number written out: the digits of its whole part without leading zeros ("0" where it is
// none), and whether there is a fraction other than 0.
struct WholeNumber {
  bool negative = false;
  std::string digits;
  bool fraction = false;
};

// Requires: an exponent that leaves less than some thousand digits; others yield 2,000 nines.
[[nodiscard]] WholeNumber whole_number(std::string_view number);

[[nodiscard]] bool is_number(std::string_view text);

// The length in characters. Requires: UTF-8.
[[nodiscard]] size_t characters(std::string_view text);

}  // namespace millrace::plan::testing::reference
