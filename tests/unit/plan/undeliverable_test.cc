// SPDX-License-Identifier: Apache-2.0
// Records whose outputs the broker refused for good, on their next way through the plan.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

using record::Outcome;
using ::testing::ElementsAre;

const std::string kWhy = "the broker refused it: Broker: Message size too large";

config::PipelineConfig with_dead_letters(const Yaml& yaml) {
  config::PipelineConfig config = config_of(yaml);
  config.delivery.on_failure = config::OnFailure::kDeadLetter;
  return config;
}

Given refused(OptionalText value) {
  return {.value = std::move(value), .undeliverable = kWhy};
}

TEST(Undeliverable, IsADeadLetterWithTheReasonAndTheOthersAreNot) {
  Pipeline pipeline(with_dead_letters({}));
  const auto sent = pipeline.run({{R"({"n":0})"},
                                  {.value = R"({"n":1})",
                                   .key = "k",
                                   .headers = {{"a", "b"}, {"millrace.reason", "old"}},
                                   .undeliverable = kWhy},
                                  {R"({"n":2})"},
                                  refused(R"({"n":3})")});

  EXPECT_THAT(pipeline.batch().outcomes(), ElementsAre(Outcome::kEmitted, Outcome::kDeadLettered,
                                                       Outcome::kEmitted, Outcome::kDeadLettered));
  ASSERT_EQ(sent.size(), 4U);
  EXPECT_EQ(sent[0].value, R"({"n":0})");
  EXPECT_EQ(sent[2].value, R"({"n":2})");
  EXPECT_EQ(sent[3].input, 3U);
  const Sent& letter = sent[1];
  EXPECT_TRUE(letter.dead());
  EXPECT_EQ(letter.topic, "dead");
  EXPECT_EQ(letter.input, 1U);
  EXPECT_EQ(letter.value, R"({"n":1})");
  EXPECT_EQ(letter.key, "k");
  EXPECT_EQ(letter.header("a"), "b");
  EXPECT_EQ(letter.header("millrace.reason"), "delivery:refused");
  EXPECT_EQ(letter.header("millrace.reason_text"), kWhy);
  EXPECT_EQ(letter.header("millrace.value_pointer"), "");
  EXPECT_EQ(letter.header("millrace.offset"), "101");
  EXPECT_EQ(pipeline.shard().emitted(), 2U);
  EXPECT_EQ(pipeline.shard().dead_letters().back(), 2U);
  EXPECT_EQ(pipeline.shard().dead_lettered(), 2U);
}

TEST(Undeliverable, SendsNeitherCopiesNorPieces) {
  Pipeline pipeline(with_dead_letters({.rest = "steps:\n  - emit: copies\n  - explode: items\n"
                                               "insights:\n  - count_by: n\n"}));
  const std::string value = R"({"n":1,"items":[1,2]})";
  ASSERT_EQ(pipeline.run({{value}}).size(), 3U);

  const auto sent = pipeline.run({refused(value)});
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_TRUE(sent[0].dead());
  EXPECT_EQ(pipeline.shard().outputs().copies, 0U);
  EXPECT_EQ(pipeline.shard().outputs().pieces, 0U);
  EXPECT_EQ(part_of(pipeline.shard(), 0).keys.total(), 0U);
  EXPECT_EQ(part_of(pipeline.shard(), 0).missing, 0U);
}

// Whatever else would become of it: a value that is no JSON, one that a step filters, none at all.
TEST(Undeliverable, ComesBeforeAllOtherRules) {
  Pipeline pipeline(
      with_dead_letters({.input = "{topic: in, group: g, tombstones: pass}",
                         .rest = "steps:\n  - keep_if: {field: v, version_at_least: 2}\n"}));
  const auto sent = pipeline.run({refused("{"), refused(R"({"v":"1"})"), refused(std::nullopt)});
  ASSERT_EQ(sent.size(), 3U);
  for (const Sent& letter : sent) EXPECT_EQ(letter.header("millrace.reason"), "delivery:refused");
  EXPECT_EQ(sent[2].value, std::nullopt);
}

TEST(Undeliverable, LeavesNothingForTheNextRecord) {
  Pipeline pipeline(with_dead_letters({.rest = "insights:\n  - count_by: u\n"}));
  const auto sent =
      pipeline.run({{R"({"u":"a"})"}, refused(R"({"u":"b"})"), {"x"}, {R"({"u":"c"})"}});
  ASSERT_EQ(sent.size(), 4U);
  EXPECT_EQ(sent[2].header("millrace.reason"), "parse:syntax");
  EXPECT_NE(sent[2].header("millrace.reason_text"), kWhy);
  EXPECT_EQ(counts(pipeline.shard(), 0), "a=1 c=1");
  // Nor the batch for the next batch.
  EXPECT_FALSE(pipeline.one(R"({"u":"b"})").dead());
}

TEST(Undeliverable, HasTheConfiguredFormAsALetter) {
  Pipeline envelope(with_dead_letters({.dead_letters = "{topic: dead, format: envelope}"}));
  EXPECT_THAT(envelope.run({refused("{}")}).at(0).value.value_or(""),
              ::testing::HasSubstr(R"("reason":"delivery:refused")"));

  Pipeline fields(
      with_dead_letters({.dead_letters = "{topic: dead, format: {fields: [u], error: why}}"}));
  const auto sent =
      fields.run({refused(R"({"u":"a"})"), refused("{"), refused(std::nullopt), {"[]"}});
  EXPECT_EQ(sent.at(0).value, R"({"u":"a","why":")" + kWhy + "\"}");
  EXPECT_EQ(sent.at(1).value, R"({"u":null,"why":")" + kWhy + "\"}");
  EXPECT_EQ(sent.at(2).value, R"({"u":null,"why":")" + kWhy + "\"}");
}

TEST(Undeliverable, IsCountedOnlyWhereDeadLettersAreDiscarded) {
  Pipeline pipeline(with_dead_letters({.dead_letters = "discard"}));
  EXPECT_TRUE(pipeline.run({refused("{}")}).empty());
  EXPECT_EQ(pipeline.shard().dead_lettered(), 1U);
  EXPECT_EQ(pipeline.shard().outputs().letters_discarded, 1U);
}

TEST(UndeliverableDeath, NeedsItsRule) {
  Pipeline pipeline(config_of({}));
  EXPECT_DEATH(pipeline.run({refused("{}")}), "delivery_refused");
}

}  // namespace
}  // namespace millrace::plan::testing
