// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/limits.h"

namespace millrace::record {

enum class ValueKind : uint8_t { kNull, kBoolean, kNumber, kString, kObject, kArray };

// A JSON value as its text, which is kept as it was written: 1.50 stays 1.50.
struct JsonValue {
  std::string_view text;  // with the quotes or brackets, without surrounding white space
  ValueKind kind = ValueKind::kNull;
  bool escaped = false;  // a string with a backslash in it

  // A string's content where it has no escapes. Requires: kString and not escaped.
  [[nodiscard]] std::string_view plain() const { return text.substr(1, text.size() - 2); }
};

// One member of a record's top level.
struct Member {
  std::string_view name;       // unescaped
  std::string_view name_text;  // with the quotes, as written
  JsonValue value;
};

// Why a value is not a record. The order is that of kParseReasons.
enum class ParseError : uint8_t {
  kNone,
  kEmpty,
  kUtf8,
  kSyntax,
  kDepth,
  kTooManyMembers,
  kNotObject,
  kDuplicateMember,
};

// The rule ids by which dead letters count: "parse:utf8" and so on. Requires: not kNone.
[[nodiscard]] const char* rule_id(ParseError error);
// A sentence without any content of the record.
[[nodiscard]] const char* describe(ParseError error);

// Reads JSON records strictly (RFC 8259): the whole of each document is checked, whatever part of
// it a plan uses, and every scalar keeps its text, so that numbers of any size pass unchanged.
// simdjson finds the structure and checks the UTF-8; the walk over it is ours, because its own
// front ends either check lazily or turn numbers into 64 bits (docs/decisions/0002).
//
// Threading: one worker at a time; keep one per worker. Lifetime: members() and what they point to
// stay until the next walk(), and no longer than the document.
class JsonWalker {
 public:
  struct Options {
    bool reject_duplicates = false;  // at any depth; otherwise the last member of a name wins
  };

  explicit JsonWalker(Options options);
  ~JsonWalker();
  JsonWalker(const JsonWalker&) = delete;
  JsonWalker& operator=(const JsonWalker&) = delete;

  // Checks `document` and lists the members of its top level, duplicates already resolved: the last
  // value at the place of the first. Reads nothing beyond the document's end.
  [[nodiscard]] ParseError walk(std::string_view document);

  [[nodiscard]] const std::vector<Member>& members() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Appends the content of a JSON string (its text with the quotes) to `to`, escapes resolved; a lone
// surrogate becomes U+FFFD. Requires: a string that walk() accepted.
void append_unescaped(std::string_view string_text, std::string& to);

// True for a number of the JSON grammar and nothing around it.
[[nodiscard]] bool is_json_number(std::string_view text);

// True where a JSON number has an integral value: 1, 1.0, 1e3, -0, 12.50e1; of any size.
[[nodiscard]] bool is_integral(std::string_view number);

}  // namespace millrace::record
