// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "engine/config/field_path.h"
#include "engine/config/place.h"

// The conditions of keep_if, drop_if, reject_if and route, as the user wrote them:
//   {field: country, in: [DE, AT]}
//   {any: [{field: amount, at_least: 10}, {not: {field: coupon, exists: true}}]}
// Several tests in one map must all hold. docs/steps.md says what each test makes of absent values.
namespace millrace::config {

// JSON values are kept as JSON text; equal means equal as JSON (1.0 equals 1).
struct EqualsTest {
  std::vector<std::string> values;  // one of them (equals: a single one)
};

struct InIgnoreCaseTest {  // A to Z count as a to z
  std::vector<std::string> texts;
};

struct MatchesTest {
  Text pattern;  // RE2's syntax, found anywhere in the text
};

struct ExistsTest {
  bool exists = true;
};

struct IsNullTest {
  bool is_null = true;
};

struct CompareTest {
  enum class Operation { kLess, kAtMost, kGreater, kAtLeast };
  Operation operation = Operation::kLess;
  std::string number;  // JSON text
};

struct VersionTest {
  enum class Operation { kAtLeast, kBelow };
  Operation operation = Operation::kAtLeast;
  Text version;
  bool lexicographic = false;  // compare the texts byte by byte
};

struct IpInTest {
  std::vector<Text> networks;  // CIDR: 10.0.0.0/8, 2001:db8::/32, or one address
};

using ConditionTest = std::variant<EqualsTest, InIgnoreCaseTest, MatchesTest, ExistsTest,
                                   IsNullTest, CompareTest, VersionTest, IpInTest>;

struct Condition {
  enum class Kind { kAll, kAny, kNot, kTest };

  Place place;
  Kind kind = Kind::kAll;
  std::vector<Condition> parts;  // kAll, kAny: one or more; kNot: one
  FieldPath field;               // kTest
  ConditionTest test;            // kTest
};

}  // namespace millrace::config
