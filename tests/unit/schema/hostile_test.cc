// SPDX-License-Identifier: Apache-2.0
// Schemas and values that are made to hurt.
#include <chrono>
#include <cstddef>
#include <functional>
#include <pthread.h>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/record/names.h"
#include "engine/schema/schema.h"
#include "tests/unit/schema/checking.h"

namespace millrace::schema {
namespace {

using ::testing::HasSubstr;

// Far more than what any of this takes, far less than what the wrong way of doing it would.
constexpr std::chrono::seconds kLongTime{20};

template <typename Body>
void expect_soon(Body body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  EXPECT_LT(std::chrono::steady_clock::now() - start, kLongTime);
}

std::string refusal(std::string_view schema) {
  record::NameTable names;
  const Compiled compiled = compile(schema, "", names, {});
  EXPECT_EQ(compiled.schema, nullptr);
  return compiled.problems.empty() ? "" : compiled.problems.front().message;
}

std::string repeated(std::string_view text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

TEST(HostileSchema, ThatReferToThemselvesForTheSameValueAreRefused) {
  for (const std::string_view schema :
       {R"({"$ref": "#"})", R"({"anyOf": [{"type": "null"}, {"$ref": "#"}]})",
        R"({"not": {"$ref": "#"}})", R"({"if": true, "then": {"$ref": "#"}})",
        R"({"$ref": "#/$defs/a",
            "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}})",
        R"({"dependentSchemas": {"a": {"$ref": "#"}}})", R"({"$dynamicRef": "#"})",
        R"({"$dynamicAnchor": "a", "allOf": [{"$dynamicRef": "#a"}]})",
        R"({"unevaluatedProperties": false, "allOf": [{"$ref": "#"}]})"}) {
    EXPECT_THAT(refusal(schema), HasSubstr("refers to itself")) << schema;
  }
}

TEST(HostileSchema, ThatReferToThemselvesForValuesInsideAreFine) {
  Checked list(R"({"type": ["object", "null"], "properties": {"next": {"$ref": "#"}}})");

  EXPECT_TRUE(list.accepts(R"({"next": {"next": null}})"));
  EXPECT_FALSE(list.accepts(R"({"next": {"next": 1}})"));
}

TEST(HostileSchema, CanBeLongChains) {
  std::string schema = R"({"$ref": "#/$defs/n0", "$defs": {)";
  for (int i = 0; i < 9000; ++i) {
    schema +=
        "\"n" + std::to_string(i) + R"(": {"$ref": "#/$defs/n)" + std::to_string(i + 1) + "\"}, ";
  }
  schema += R"("n9000": {"type": "null"}}})";
  Checked chain(schema);

  EXPECT_TRUE(chain.accepts("null"));
  EXPECT_EQ(chain.answer("1").rule, "/$defs/n9000/type");
}

TEST(HostileSchema, ThatNestCallsBeyondTheLimitAreRefused) {
  std::string defs;
  for (int i = 0; i < 9000; ++i) {
    defs += "\"n" + std::to_string(i) + R"(": {"minimum": 1, "$ref": "#/$defs/n)" +
            std::to_string(i + 1) + "\"}, ";
  }
  const std::string chain = R"({"$ref": "#/$defs/n0", "$defs": {)" + defs + R"("n9000": true}})";
  EXPECT_THAT(refusal(chain), HasSubstr("nest too deeply"));

  std::string circle = R"({"$ref": "#/$defs/n0", "$defs": {)";
  for (int i = 0; i < 20; ++i) {
    circle += "\"n" + std::to_string(i) + R"(": {"minimum": 1, "$ref": "#/$defs/n)" +
              std::to_string(i + 1) + "\"}, ";
  }
  circle += R"("n20": {"items": {"$ref": "#"}}}})";
  EXPECT_THAT(refusal(circle), HasSubstr("nest too deeply"));
}

TEST(HostileSchema, ThatMultiplyReferencesAreRefused) {
  std::string schema = R"({"$ref": "#/$defs/n0", "$defs": {)";
  for (int i = 0; i < 60; ++i) {
    schema += fmt::format(
        R"("n{}": {{"allOf": [{{"$ref": "#/$defs/n{}"}}, {{"$ref": "#/$defs/n{}"}}]}}, )", i, i + 1,
        i + 1);
  }
  schema += R"("n60": {"type": "null"}}})";

  EXPECT_THAT(refusal(schema), HasSubstr("multiply"));
}

TEST(HostileSchema, CanBeDeep) {
  const std::string deep =
      repeated(R"({"not": )", 400) + R"({"type": "null"})" + repeated("}", 400);
  Checked checked(deep);
  EXPECT_TRUE(checked.accepts("null"));

  EXPECT_THAT(refusal(repeated(R"({"not": )", 600) + "true" + repeated("}", 600)),
              HasSubstr("inside each other"));
}

TEST(HostileSchema, NeverCrashWhateverIsCutOut) {
  constexpr std::string_view kSchema = R"({
    "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://e.com/s",
    "$anchor": "a", "$dynamicAnchor": "d", "type": ["object", "null"], "required": ["x", "y"],
    "properties": {"x": {"$ref": "#a"}, "y": {"$dynamicRef": "#d", "enum": [1, "a", {"b": []}]}},
    "patternProperties": {"^p+": {"minimum": 1e3, "multipleOf": 0.5, "const": null}},
    "unevaluatedProperties": false, "anyOf": [true, {"items": false, "prefixItems": [{}]}],
    "dependentSchemas": {"x": {"maxProperties": 3}}, "dependentRequired": {"y": ["x"]},
    "if": {"minLength": 1}, "then": {"format": "uuid"}, "contains": {}, "minContains": 0
  })";
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  int compiled_count = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string schema(kSchema);
    for (int edits = 1 + static_cast<int>(random() % 3); edits > 0; --edits) {
      const size_t from = random() % schema.size();
      const size_t source = random() % kSchema.size();
      schema.replace(from, random() % 12, kSchema.substr(source, random() % 12));
    }
    record::NameTable names;
    const Compiled compiled = compile(schema, "", names, {});
    if (compiled.schema == nullptr) {
      EXPECT_FALSE(compiled.problems.empty()) << schema;
      continue;
    }
    ++compiled_count;
    record::Document document(names, {.objects_only = false});
    Checker checker(*compiled.schema);
    for (const std::string_view value :
         {R"({"x": {"x": 1}, "y": 1, "pp": 1001.5, "z": []})", "[1, [2], null]", "null", "\"a\""}) {
      ASSERT_EQ(document.parse(value), record::ParseError::kNone);
      Failure failure;
      if (!checker.valid(document)) checker.explain(document, failure);
    }
  }
  EXPECT_GT(compiled_count, 0);
}

// What oneTBB gives its workers; more where a sanitizer makes all frames larger.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr size_t kWorkerStack = size_t{32} << 20;
#else
constexpr size_t kWorkerStack = size_t{4} << 20;
#endif

// Runs `body` on a thread with a worker's stack.
void on_worker_stack(std::function<void()> body) {
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, kWorkerStack), 0);
  pthread_t thread{};
  const auto run = [](void* given) -> void* {
    (*static_cast<std::function<void()>*>(given))();
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, run, &body), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  pthread_attr_destroy(&attributes);
}

TEST(HostileValue, OfTheGreatestDepthFitsAWorkersStack) {
  // Fifteen calls for each level: what is allowed.
  std::string schema = R"({"$ref": "#/$defs/n0", "$defs": {)";
  for (int i = 0; i < 13; ++i) {
    schema += "\"n" + std::to_string(i) + R"(": {"minItems": 1, "anyOf": [{"$ref": "#/$defs/n)" +
              std::to_string(i + 1) + "\"}]}, ";
  }
  schema += R"("n13": {"items": {"$ref": "#"}}}})";
  Checked checked(schema);
  const std::string deep = repeated("[", 512) + repeated("]", 512);

  on_worker_stack([&] {
    EXPECT_FALSE(checked.accepts(deep));
    EXPECT_TRUE(Checked(R"({"items": {"$ref": "#"}})").accepts(deep));
  });
}

TEST(HostileValue, ThatHasManyWaysThroughARecursiveSchemaIsCheckedOnce) {
  // Without results being kept, each level would double the time.
  Checked checked(R"({
    "anyOf": [{"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["x"]},
              {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["y"]},
              {"type": "null"}]
  })");
  const std::string invalid = repeated(R"({"x": 1, "y": 1, "a": )", 500) + "1" + repeated("}", 500);
  const std::string valid =
      repeated(R"({"x": 1, "y": 1, "a": )", 500) + "null" + repeated("}", 500);

  expect_soon([&] {
    EXPECT_FALSE(checked.accepts(invalid));
    EXPECT_TRUE(checked.accepts(valid));
  });
}

TEST(HostileValue, WithManyElementsIsComparedWithoutComparingAllWithAll) {
  std::string numbers = "0";
  std::string powers = "0";
  std::string objects = "{}";
  for (int i = 1; i < 60'000; ++i) {
    const std::string number = std::to_string(i);
    numbers += "," + number;
    powers += ",1e" + number;
    objects += R"(,{"a":)" + number + R"(,"b":[]})";
  }
  Checked checked(R"({"uniqueItems": true})");

  expect_soon([&] {
    EXPECT_TRUE(checked.accepts("[" + numbers + "]"));
    EXPECT_FALSE(checked.accepts("[" + numbers + ", 59.0e3]"));
    EXPECT_TRUE(checked.accepts("[" + powers + "]"));
    EXPECT_FALSE(checked.accepts("[" + powers + ", 10e41]"));
    EXPECT_TRUE(checked.accepts("[" + objects + "]"));
    EXPECT_FALSE(checked.accepts("[" + objects + R"(, {"b": [], "a": 7.0}])"));
  });
}

TEST(HostileValue, WithManyMembersIsComparedWithoutComparingAllWithAll) {
  std::string forward;
  std::string backward;
  for (int i = 0; i < 9'000; ++i) {
    forward += (i == 0 ? "\"m" : ",\"m") + std::to_string(i) + "\":1";
    backward += (i == 0 ? "\"m" : ",\"m") + std::to_string(8999 - i) + "\":1.0";
  }
  Checked checked(R"({"uniqueItems": true})");

  expect_soon([&] {
    EXPECT_FALSE(checked.accepts("[{" + forward + "}, {" + backward + "}]"));
    EXPECT_TRUE(checked.accepts("[{" + forward + "}, {" + backward + R"(, "x": 1}])"));
  });
}

TEST(HostileValue, IsSearchedInManyConstants) {
  std::string values = "\"s0\"";
  for (int i = 1; i < 20'000; ++i) {
    values += fmt::format(R"(,"s{}",{},["{}"])", i, i, i);
  }
  Checked checked(R"({"items": {"enum": [)" + values + "]}}");

  expect_soon([&] {
    EXPECT_TRUE(checked.accepts("[" + values + "]"));
    EXPECT_FALSE(checked.accepts("[" + values + ",0.5]"));
    EXPECT_FALSE(checked.accepts("[" + values + R"(,"s20000"])"));
    EXPECT_FALSE(checked.accepts("[" + values + ",[1]]"));
    EXPECT_TRUE(checked.accepts(R"([10.0, "s1\u0030", ["\u0031"]])"));
  });
}

TEST(HostileValue, RunsPatternsInLinearTime) {
  Checked checked(R"({"pattern": "^(a+)+$", "patternProperties": {"(x*)*y": true}})");

  expect_soon([&] {
    EXPECT_FALSE(checked.accepts("\"" + std::string(1'000'000, 'a') + "!\""));
    EXPECT_TRUE(checked.accepts("{\"" + std::string(1'000'000, 'x') + "\": 1}"));
  });
}

}  // namespace
}  // namespace millrace::schema
