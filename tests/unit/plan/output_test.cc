// SPDX-License-Identifier: Apache-2.0
// What the keys of `output` and `dead_letters` change.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/plan/partitioner.h"
#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

using ::testing::HasSubstr;

Pipeline with_output(const std::string& output, const OutputLimits& limits = {}) {
  return Pipeline(config_of({.output = "{topic: out, " + output + "}"}), limits);
}

TEST(OutputKey, NoneAndAField) {
  Pipeline none = with_output("key: none");
  EXPECT_EQ(none.run({{.value = "{}", .key = "k"}})[0].key, std::nullopt);
  Pipeline field = with_output("key: {field: a.b}");
  EXPECT_EQ(field.run({{.value = R"({"a":{"b":"\u0078"}})", .key = "k"}})[0].key, "x");
  Pipeline keep = with_output("key: keep");
  EXPECT_EQ(keep.run({{.value = "{}", .key = "k"}})[0].key, "k");
}

// Every record's key must outlive the batch, wherever a step took it from.
TEST(OutputKey, OfAValueThatAStepMade) {
  Pipeline pipeline(config_of(
      {.output = "{topic: out, key: t}", .rest = "steps:\n  - add: {t: {now: rfc3339}}\n"}));
  const std::vector<Sent> first = pipeline.run({{"{}"}, {"{}"}});
  EXPECT_EQ(first[0].key, "2024-07-10T23:47:48Z");
  EXPECT_EQ(first[1].key, "2024-07-10T23:47:48Z");
}

TEST(OutputHeaders, AreDroppedWhereSaid) {
  Pipeline pipeline = with_output("headers: drop");
  const std::vector<Sent> sent = pipeline.run(
      {{.value = "{}", .headers = {{"a", "b"}}}, {.value = "{", .headers = {{"a", "b"}}}});
  EXPECT_TRUE(sent[0].headers.empty());
  EXPECT_EQ(sent[1].header("a"), "b") << "dead letters keep theirs";
}

TEST(OutputTimestamp, IsTheProducersOrTheRecords) {
  Pipeline now = with_output("timestamp: now");
  EXPECT_EQ(now.one("{}").timestamp_ms, record::kTimestampNow);
  Pipeline record = with_output("timestamp: record");
  EXPECT_EQ(record.run({{.value = "{}", .timestamp_ms = 99}})[0].timestamp_ms, 99);
}

TEST(OutputPartition, ByKeyOrAsTheInputOrInTurn) {
  OutputLimits limits(2);
  limits[0].partitions = 2;
  const Given given{.value = "{}", .key = "foobar"};
  Pipeline by_key = with_output("partition: by_key", limits);
  EXPECT_EQ(by_key.run({given})[0].partition, output_partition(record::Bytes::of("foobar"), 3, 2));
  Pipeline same = with_output("partition: same_as_input", limits);
  EXPECT_EQ(same.run({given})[0].partition, 1);  // of 3
  Pipeline in_turn = with_output("partition: round_robin", limits);
  const std::vector<Sent> sent = in_turn.run({given, given, given});  // offsets 100 to 102
  EXPECT_EQ(sent[0].partition, 0);
  EXPECT_EQ(sent[1].partition, 1);
  EXPECT_EQ(sent[2].partition, 0);
}

TEST(OutputEncoding, SpacedWritesWhatOldReadersCompare) {
  Pipeline pipeline = with_output("encoding: spaced");
  EXPECT_EQ(pipeline.outcome(R"({"a":[1,{"b":"ü\/\u0041"}],"c":1.50})"),
            R"({"a": [1, {"b": "\u00fc/A"}], "c": 1.50})");
}

TEST(DeadLetterFormat, AnEnvelopeSaysAllThereIs) {
  Pipeline pipeline(config_of({.dead_letters = "{topic: dead, format: envelope}",
                               .rest = "schema: {properties: {a: {type: string}}}\n"}));
  const Sent letter = pipeline.run({{.value = R"({"a":1})", .key = "k"}}).at(0);
  EXPECT_EQ(letter.value,
            R"({"reason":"schema:/properties/a/type","reason_text":"1 is not of type 'string'",)"
            R"("value_pointer":"/a","stage":"","pipeline":"p","topic":"in","partition":3,)"
            R"("offset":100,"timestamp":1234,"key":"k","value":"{\"a\":1}"})");
  EXPECT_EQ(letter.header("millrace.value_pointer"), "/a");
  EXPECT_EQ(letter.header("millrace.rule_pointer"), "/properties/a/type");
}

TEST(DeadLetterFormat, AnEnvelopeOfBytesThatAreNoText) {
  Pipeline pipeline(config_of({.dead_letters = "{topic: dead, format: envelope}"}));
  const Sent letter = pipeline.run({{.value = "\xff", .key = std::nullopt}}).at(0);
  EXPECT_THAT(*letter.value, HasSubstr(R"("key":null,"value_base64":"/w==")"));
}

TEST(DeadLetterFormat, FieldsAndTheError) {
  Pipeline pipeline(
      config_of({.output = "{topic: out, encoding: spaced}",
                 .dead_letters = "{topic: dead, format: {fields: [a, b], error: why}}",
                 .rest = "schema: {required: [c]}\nsteps:\n  - lowercase: a\n"}));
  EXPECT_EQ(pipeline.one(R"({"a":"Ä","x":1})").value,
            R"({"a": "\u00c4", "b": null, "why": "'c' is a required property"})");
  EXPECT_EQ(pipeline.one("[").value, R"({"a": null, "b": null, "why": "The value is not JSON."})");
}

// A letter is written in one go where nothing in it is written in another way than it came in. Each
// of these has one thing that is.
TEST(DeadLetterFormat, FieldsAreWrittenAsOutputsAre) {
  Pipeline pipeline(
      config_of({.output = "{topic: out, encoding: spaced}",
                 .dead_letters = "{topic: dead, format: {fields: [a], error: why}}",
                 .rest = "schema: {required: [c], properties: {b: {type: integer}}}\n"}));
  const std::string why = R"("why": "'c' is a required property"})";
  EXPECT_EQ(pipeline.one(R"({"a":[1,{"b":2}]})").value, R"({"a": [1, {"b": 2}], )" + why);
  EXPECT_EQ(pipeline.one(R"({"a":{"b":2}})").value, R"({"a": {"b": 2}, )" + why);
  EXPECT_EQ(pipeline.one(R"({"a":"x\/y"})").value, R"({"a": "x/y", )" + why);
  EXPECT_EQ(pipeline.one("{\"a\":\"\x7F\"}").value, R"({"a": "\u007f", )" + why);
  EXPECT_EQ(pipeline.one(R"({"a":1,"b":"ü","c":1})").value,
            R"({"a": 1, "why": "'\u00fc' is not of type 'integer'"})");
  EXPECT_EQ(pipeline.one(R"({"a":1,"b":"'","c":1})").value,
            R"({"a": 1, "why": "\"'\" is not of type 'integer'"})");
}

TEST(DeadLetterFormat, AnEnvelopeIsWrittenAsOutputsAre) {
  Pipeline pipeline(config_of({.output = "{topic: out, encoding: spaced}",
                               .dead_letters = "{topic: dead, format: envelope}"}));
  const Sent letter = pipeline.run({{.value = "[\"ü\"]", .key = "k"}}).at(0);
  EXPECT_THAT(*letter.value, HasSubstr(R"("key": "k", "value": "[\"\u00fc\"]"})"));
}

TEST(DeadLetterFormat, FieldsAreThoseThatCameIn) {
  Pipeline pipeline(config_of({.dead_letters = "{topic: dead, format: {fields: [a]}}",
                               .rest = "steps:\n  - lowercase: a\n  - rename: {a: b}\n"
                                       "  - cast: {field: b, to: int}\n"}));
  EXPECT_THAT(*pipeline.one(R"({"a":"X"})").value, HasSubstr(R"("a":"X")"));
}

TEST(DeadLetterFormat, AFormThatDoesNotFitGivesWayToTheCutRecord) {
  OutputLimits limits(2);
  limits[1].message_bytes_max = 5000;
  Pipeline pipeline(config_of({.dead_letters = "{topic: dead, format: envelope}"}), limits);
  const std::string value(6000, 'x');
  const Sent letter = pipeline.one(value);
  EXPECT_EQ(letter.header("millrace.truncated"), "6000");
  EXPECT_TRUE(value.starts_with(*letter.value));
}

TEST(DeadLetterPointers, NameTheValueAndTheRule) {
  Pipeline pipeline(config_of(
      {.rest = "schema: {properties: {a: {items: {properties: {'x/y': {type: string}}}}}}\n"
               "steps:\n  - cast: {field: b.c, to: int}\n"}));
  const Sent by_schema = pipeline.one(R"({"a":[{},{"x/y":1}]})");
  EXPECT_EQ(by_schema.header("millrace.value_pointer"), "/a/1/x~1y");
  EXPECT_EQ(by_schema.header("millrace.rule_pointer"), "/properties/a/items/properties/x~1y/type");
  const Sent by_step = pipeline.one(R"({"b":{"c":"x"}})");
  EXPECT_EQ(by_step.header("millrace.value_pointer"), "/b/c");
  EXPECT_EQ(by_step.header("millrace.rule_pointer"), "");
}

TEST(InputValues, AnyLeavesTheKindToTheSchema) {
  Pipeline pipeline(config_of({.input = "{topic: in, group: g, values: any}",
                               .rest = "schema: {type: [array, object]}\n"}));
  EXPECT_EQ(pipeline.outcome(" [1, 2] "), "[1,2]");
  EXPECT_THAT(pipeline.outcome("5"), HasSubstr("schema:/type: 5 is not of type 'array', 'object'"));
}

TEST(InputValues, AStepThatNeedsAnObjectRejectsTheRest) {
  Pipeline pipeline(config_of({.input = "{topic: in, group: g, values: any}",
                               .rest = "steps:\n  - lowercase: a\n  - add: {b: 1}\n"}));
  EXPECT_EQ(pipeline.outcome(R"({"a":"X"})"), R"({"a":"x","b":1})");
  EXPECT_THAT(pipeline.outcome("5"), HasSubstr("step:2:add"));
}

}  // namespace
}  // namespace millrace::plan::testing
