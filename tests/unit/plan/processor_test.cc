// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/processor.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/plan/dead_letter.h"
#include "engine/plan/partitioner.h"
#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

using record::Outcome;
using ::testing::ElementsAre;

std::string nested(int depth) {
  return "{\"v\":" + std::string(static_cast<size_t>(depth), '[') +
         std::string(static_cast<size_t>(depth), ']') + "}";
}

TEST(Processor, GivesEveryRecordItsOutcomeAndItsOutputInOrder) {
  Pipeline pipeline(config_with_steps("  - keep_if: {field: v, version_at_least: 2}\n"));
  const std::vector<Sent> sent =
      pipeline.run({{R"({"v":"2"})"}, {R"({"v":"1"})"}, {"{"}, {R"({"v":"3"})"}});

  EXPECT_THAT(pipeline.batch().outcomes(), ElementsAre(Outcome::kEmitted, Outcome::kFiltered,
                                                       Outcome::kDeadLettered, Outcome::kEmitted));
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[0].value, R"({"v":"2"})");
  EXPECT_EQ(sent[1].value, "{");
  EXPECT_TRUE(sent[1].dead());
  EXPECT_EQ(sent[2].value, R"({"v":"3"})");
  EXPECT_EQ(sent[0].input, 0U);
  EXPECT_EQ(sent[1].input, 2U);
  EXPECT_EQ(sent[2].input, 3U);
  EXPECT_EQ(pipeline.shard().emitted(), 2U);
  EXPECT_EQ(pipeline.shard().filtered(), 1U);
  EXPECT_EQ(pipeline.shard().dead_lettered(), 1U);
}

TEST(Processor, AnEmptyBatchGivesNothing) {
  Pipeline pipeline(config_of({}));
  EXPECT_TRUE(pipeline.run({}).empty());
}

TEST(Processor, PassesHeadersAndInputKeyOn) {
  Pipeline pipeline(config_of({}));
  const HeaderList headers{{"trace", "1"}, {"null", std::nullopt}, {"millrace.reason", "x"}};
  const auto sent = pipeline.run({{.value = "{}", .key = "k", .headers = headers}});
  EXPECT_EQ(sent[0].headers, headers);
  EXPECT_EQ(sent[0].key, "k");
}

TEST(Processor, DeadLettersNameTheRecordsPlace) {
  Pipeline pipeline(config_of({}));
  const auto sent = pipeline.run({{"{}"}, {.value = "[]", .key = "k", .headers = {{"a", "b"}}}});
  const Sent& letter = sent[1];
  EXPECT_EQ(letter.value, "[]");
  EXPECT_EQ(letter.key, "k");
  EXPECT_EQ(letter.header("a"), "b");
  EXPECT_EQ(letter.header("millrace.reason"), "parse:not_object");
  EXPECT_EQ(letter.header("millrace.topic"), "in");
  EXPECT_EQ(letter.header("millrace.partition"), "3");
  EXPECT_EQ(letter.header("millrace.offset"), "101");
  EXPECT_EQ(letter.header("millrace.timestamp"), "1234");
  EXPECT_EQ(letter.header("millrace.pipeline"), "p");
}

TEST(Processor, DiscardedDeadLettersAreCountedOnly) {
  Pipeline pipeline(config_of({.dead_letters = "discard"}));
  EXPECT_TRUE(pipeline.run({{"x"}, {std::nullopt}}).empty());
  EXPECT_EQ(pipeline.shard().dead_lettered(), 2U);
  EXPECT_THAT(pipeline.batch().outcomes(),
              ElementsAre(Outcome::kDeadLettered, Outcome::kDeadLettered));
}

TEST(Processor, CountsDeadLettersByRule) {
  Pipeline pipeline(config_of({.rest = "schema: {type: object, required: [a]}\n"}));
  pipeline.run({{""}, {"\xff"}, {"{"}, {"{}"}, {"{}"}, {std::nullopt}, {"7"}});
  const auto& rules = pipeline.plan().declaration().rules;
  std::string counted;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (const uint64_t count = pipeline.shard().dead_letters()[i]; count > 0)
      counted += rules[i] + "=" + std::to_string(count) + " ";
  }
  EXPECT_EQ(counted,
            "parse:empty=1 parse:utf8=1 parse:syntax=1 parse:not_object=1 input:tombstone=1 "
            "schema:/required/a=2 ");
}

TEST(ProcessorTombstones, AreDeadLettersUnlessSaidOtherwise) {
  Pipeline pipeline(config_of({}));
  const auto sent = pipeline.run({{.value = std::nullopt, .key = "k"}});
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].dead());
  EXPECT_EQ(sent[0].value, std::nullopt);
  EXPECT_EQ(sent[0].key, "k");
  EXPECT_EQ(sent[0].header("millrace.reason"), "input:tombstone");
}

TEST(ProcessorTombstones, PassWithTheirKeyEvenWhereAnOutputKeyIsSet) {
  Pipeline pipeline(config_of(
      {.input = "{topic: in, group: g, tombstones: pass}", .output = "{topic: out, key: u}"}));
  const auto sent = pipeline.run({{.value = std::nullopt, .key = "k", .headers = {{"a", "b"}}}});
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].topic, "out");
  EXPECT_EQ(sent[0].value, std::nullopt);
  EXPECT_EQ(sent[0].key, "k");
  EXPECT_EQ(sent[0].header("a"), "b");
  EXPECT_EQ(pipeline.shard().emitted(), 1U);
}

TEST(ProcessorTombstones, AreFilteredWhereSaid) {
  Pipeline pipeline(config_of({.input = "{topic: in, group: g, tombstones: filter}"}));
  EXPECT_TRUE(pipeline.run({{std::nullopt}}).empty());
  EXPECT_EQ(pipeline.shard().filtered(), 1U);
}

TEST(ProcessorInput, AnEmptyValueIsNoTombstone) {
  Pipeline pipeline(config_of({.input = "{topic: in, group: g, tombstones: pass}"}));
  EXPECT_EQ(pipeline.one("").header("millrace.reason"), "parse:empty");
}

TEST(ProcessorInput, RejectsWhatIsNoObject) {
  Pipeline pipeline(config_of({}));
  for (const char* value : {"[]", "1", "null", "\"x\"", "true"})
    EXPECT_EQ(pipeline.one(value).header("millrace.reason"), "parse:not_object") << value;
  for (const char* value : {"{", "{}}", "{'a':1}", "{\"a\":01}", "{\"a\":NaN}", "{\"a\":1,}"})
    EXPECT_EQ(pipeline.one(value).header("millrace.reason"), "parse:syntax") << value;
  EXPECT_EQ(pipeline.one("{\"a\":\"\xff\"}").header("millrace.reason"), "parse:utf8");
  EXPECT_EQ(pipeline.one("{\"a\":\"\xff\"}").value, "{\"a\":\"\xff\"}");
}

TEST(ProcessorInput, TheLastDuplicateWinsUnlessSaidOtherwise) {
  const std::string value = R"({"a":1,"b":2,"\u0061":3})";
  Pipeline last_wins(config_of({}));
  EXPECT_EQ(last_wins.outcome(value), R"({"a":3,"b":2})");
  Pipeline rejecting(config_of({.input = "{topic: in, group: g, duplicate_members: dead_letter}"}));
  EXPECT_EQ(rejecting.one(value).header("millrace.reason"), "parse:duplicate_member");
  EXPECT_EQ(rejecting.one(value).value, value);
}

TEST(ProcessorInput, KeepsEveryValueAsItIsWritten) {
  Pipeline pipeline(config_of({}));
  EXPECT_EQ(pipeline.outcome(R"( { "n" : 123456789012345678901234567890.10 , "e" : 1E+2 ,
      "s" : "\u00e4\/ä" , "o" : { "x" : [ 1 , 2 ] } , "z" : -0 } )"),
            R"({"n":123456789012345678901234567890.10,"e":1E+2,)"
            R"("s":"\u00e4\/ä","o":{ "x" : [ 1 , 2 ] },"z":-0})");
}

TEST(ProcessorInput, TakesValuesOfAMegabyte) {
  Pipeline pipeline(config_of({}));
  const std::string value = "{\"v\":\"" + std::string(1'000'000, 'x') + "\"}";
  EXPECT_EQ(pipeline.outcome(value), value);
}

TEST(ProcessorInput, RejectsDeepNestingWithoutHarm) {
  Pipeline pipeline(config_of({}));
  EXPECT_EQ(pipeline.outcome(nested(500)), nested(500));
  EXPECT_EQ(pipeline.one(nested(10'000)).header("millrace.reason"), "parse:depth");
  EXPECT_EQ(pipeline.one(nested(10'000)).value, nested(10'000));
}

TEST(ProcessorOutput, TakesTheKeyFromTheOutputRecord) {
  Pipeline pipeline(
      config_of({.output = "{topic: out, key: u}", .rest = "steps:\n  - lowercase: u\n"}));
  EXPECT_EQ(pipeline.one(R"({"u":"ABC"})").key, "abc");
  EXPECT_EQ(pipeline.one(R"({"u":"a\u0042\n\""})").key, "ab\n\"");
  EXPECT_EQ(pipeline.one(R"({"u":""})").key, "");
  EXPECT_EQ(pipeline.one(R"({"u":1.50})").key, "1.50");
  EXPECT_EQ(pipeline.one(R"({"u":true})").key, "true");
  EXPECT_EQ(pipeline.one(R"({"u":[ 1 ]})").key, "[ 1 ]");
}

TEST(ProcessorOutput, KeysOfOneBatchDoNotShareTheirMemory) {
  Pipeline pipeline(config_of({.output = "{topic: out, key: u}"}));
  const auto sent = pipeline.run({{R"({"u":"\u0041"})"}, {R"({"u":"\u0042"})"}});
  EXPECT_EQ(sent[0].key, "A");
  EXPECT_EQ(sent[1].key, "B");
}

TEST(ProcessorOutput, RejectsARecordWithoutItsKey) {
  Pipeline pipeline(config_of({.output = "{topic: out, key: u}"}));
  EXPECT_EQ(pipeline.outcome("{}"), "output:key: the output key 'u' is absent");
  EXPECT_EQ(pipeline.outcome(R"({"u":null})"), "output:key: the output key 'u' is null");
}

TEST(ProcessorOutput, PartitionsByTheKeyOrElseByTheInput) {
  OutputLimits limits(2);
  limits[0].partitions = 7;
  limits[1].partitions = 7;
  Pipeline pipeline(config_of({.output = "{topic: out}"}), limits);
  const auto sent = pipeline.run(
      {{.value = "{}", .key = "foobar"}, {"{}"}, {.value = "x", .key = "foobar"}, {"x"}});
  ASSERT_NE(output_partition(record::Bytes::of("foobar"), 3, 7), 3);
  EXPECT_EQ(sent[0].partition, output_partition(record::Bytes::of("foobar"), 3, 7));
  EXPECT_EQ(sent[1].partition, 3);
  // Dead letters stay in the input's partition, whatever their key.
  EXPECT_EQ(sent[2].partition, 3);
  EXPECT_EQ(sent[3].partition, 3);
}

TEST(ProcessorOutput, PartitionsBeyondTheTopicsCountStartAgain) {
  OutputLimits limits(2);
  for (record::TopicLimits& topic : limits) topic.partitions = 2;
  Pipeline pipeline(config_of({.output = "{topic: out}"}), limits);
  const auto sent = pipeline.run({{"{}"}, {.value = "x", .key = "foobar"}});
  EXPECT_EQ(sent[0].partition, 3 % 2);
  EXPECT_EQ(sent[1].partition, 3 % 2);
}

TEST(ProcessorOutput, RejectsAnOutputTooLargeForItsTopic) {
  OutputLimits limits(2);
  limits[0].message_bytes_max = 1000;
  Pipeline pipeline(config_of({}), limits);
  const size_t room = 1000 - record::kRecordOverheadBytes - std::string("{\"v\":\"\"}").size();
  const auto value = [](size_t size) { return "{\"v\":\"" + std::string(size, 'x') + "\"}"; };

  EXPECT_EQ(pipeline.outcome(value(room)), value(room));
  EXPECT_EQ(pipeline.outcome(value(room + 1)),
            "output:too_large: 1001 bytes are above the output topic's limit of 1000");
  EXPECT_EQ(pipeline.shard().emitted(), 0U);
}

TEST(ProcessorOutput, RejectsAPassedTombstoneTooLargeForItsTopic) {
  OutputLimits limits(2);
  limits[0].message_bytes_max = 1000;
  Pipeline pipeline(config_of({.input = "{topic: in, group: g, tombstones: pass}",
                               .rest = "insights:\n  - count_by: v\n"}),
                    limits);
  const auto sent = pipeline.run({{.value = std::nullopt, .key = std::string(1000, 'k')}});
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].header("millrace.reason"), "output:too_large");
  EXPECT_EQ(part_of(pipeline.shard(), 0).missing, 0U);
}

TEST(ProcessorOutput, RejectsARecordThatGrowsBeyondMeasure) {
  Pipeline pipeline(config_with_steps("  - add: {big: '" + std::string(70'000, 'x') + "'}\n"));
  const std::string outcome = pipeline.outcome("{}");
  EXPECT_EQ(outcome, "output:expansion: 2 bytes would become 70010");
  Pipeline fitting(config_with_steps("  - add: {big: '" + std::string(65'000, 'x') + "'}\n"));
  EXPECT_FALSE(fitting.one("{}").dead());
}

TEST(ProcessorOutput, ARejectedRecordLeavesNothingForTheNext) {
  Pipeline pipeline(
      config_of({.output = "{topic: out, key: u}",
                 .rest = "schema: {type: object, properties: {v: {type: string}}}\n"}));
  const auto sent =
      pipeline.run({{R"({"u":"a","v":1})"}, {R"({"v":2})"}, {R"({"v":"x"})"}, {R"({"u":"b"})"}});
  ASSERT_EQ(sent.size(), 4U);
  EXPECT_EQ(sent[0].header("millrace.reason_text"), "1 is not of type 'string'");
  EXPECT_EQ(sent[1].header("millrace.reason_text"), "2 is not of type 'string'");
  EXPECT_EQ(sent[2].header("millrace.reason_text"), "the output key 'u' is absent");
  EXPECT_EQ(sent[3].value, R"({"u":"b"})");
}

}  // namespace
}  // namespace millrace::plan::testing
