// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace millrace::record {

// Why a value is not a record. The order is that of the explanations in parse_error.cc.
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
// A sentence without any content of the record. Requires: not kNone.
[[nodiscard]] const char* describe(ParseError error);

}  // namespace millrace::record
