// SPDX-License-Identifier: Apache-2.0
#include "engine/record/parse_error.h"

#include <array>
#include <cstddef>

#include "engine/base/check.h"

namespace millrace::record {

namespace {

struct Explanation {
  const char* rule_id;
  const char* text;
};

// In the order of ParseError.
constexpr std::array<Explanation, 8> kExplanations{{
    {"", ""},
    {"parse:empty", "The value is empty."},
    {"parse:utf8", "The value is not UTF-8."},
    {"parse:syntax", "The value is not JSON."},
    {"parse:depth", "The value has too many arrays and objects inside each other."},
    {"parse:too_many_members", "The object has too many members."},
    {"parse:not_object", "The value is JSON, but not an object."},
    {"parse:duplicate_member", "An object has two members of one name."},
}};
static_assert(kExplanations.size() == static_cast<size_t>(ParseError::kDuplicateMember) + 1);

const Explanation& explanation(ParseError error) {
  MILLRACE_CHECK(error != ParseError::kNone);
  return kExplanations.at(static_cast<size_t>(error));
}

}  // namespace

const char* rule_id(ParseError error) {
  return explanation(error).rule_id;
}

const char* describe(ParseError error) {
  return explanation(error).text;
}

}  // namespace millrace::record
