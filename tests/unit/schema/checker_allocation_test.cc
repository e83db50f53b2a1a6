// SPDX-License-Identifier: Apache-2.0
// A program of its own, because it replaces operator new for all of it.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "engine/record/document.h"
#include "engine/record/names.h"
#include "engine/schema/schema.h"
#include "tests/counting_new.h"

namespace millrace::schema {
namespace {

// Everything that needs scratch: escapes, frames, kept results, hashes, patterns.
constexpr std::string_view kSchema = R"({
  "properties": {
    "text": {"pattern": "^[a-z]+$", "maxLength": 40, "enum": ["xyz", "abcdefghijklmnopqrstuvwxyz"]},
    "list": {"uniqueItems": true, "contains": {"const": {"a": 1}}},
    "tree": {"$ref": "#/$defs/tree"},
    "number": {"type": "number", "multipleOf": 0.01, "maximum": 1e30}
  },
  "patternProperties": {"^x": {"type": "integer"}},
  "propertyNames": {"maxLength": 20},
  "anyOf": [{"required": ["text"]}, {"properties": {"other": true}}],
  "unevaluatedProperties": false,
  "$defs": {
    "tree": {"anyOf": [{"type": "null"}, {"items": {"$ref": "#/$defs/tree"}, "type": "array"},
                       {"type": "array", "prefixItems": [{"$ref": "#/$defs/tree"}]}]}
  }
})";

TEST(CheckerAllocation, StopsOnceTheScratchHasGrown) {
  record::NameTable names;
  const Compiled compiled = compile(kSchema, "", names, {});
  ASSERT_NE(compiled.schema, nullptr);
  record::Document document(names, {});
  Checker checker(*compiled.schema);
  std::string list = R"({"a": 1})";
  for (int i = 0; i < 100; ++i) list += R"(, "\u0061)" + std::to_string(i) + "\"";
  const std::vector<std::string> valid{R"({"text": "\u0061bcdefghijklmnopqrstuvwxyz", "list": [)" +
                                       list +
                                       R"(], "tree": [[null], [[null]]],
          "number": 12.34, "\u0078y": 1})"};
  const std::vector<std::string> invalid{R"({"text": "abcd", "zz": 1})", R"({"tree": [[1]]})",
                                         R"({"text": "xyz", "\u0061z": 1})"};
  const auto check_all = [&] {
    for (const std::string& text : valid) {
      ASSERT_EQ(document.parse(text), record::ParseError::kNone);
      ASSERT_TRUE(checker.valid(document));
    }
    for (const std::string& text : invalid) {
      ASSERT_EQ(document.parse(text), record::ParseError::kNone);
      ASSERT_FALSE(checker.valid(document));
    }
  };
  check_all();
  check_all();
  const size_t before = tests::allocations();

  for (int i = 0; i < 100; ++i) check_all();

  EXPECT_EQ(tests::allocations(), before);
}

}  // namespace
}  // namespace millrace::schema
