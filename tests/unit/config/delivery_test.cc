// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

std::string with_delivery(const std::string& members) {
  return smallest_but("delivery", "delivery: {" + members + "}");
}

TEST(Delivery, AFileThatSaysNothingGetsExactlyOnce) {
  for (const std::string& text : {smallest_but("delivery", ""), with_delivery(""),
                                  with_delivery("guarantee: exactly_once")}) {
    const PipelineConfig config = config_of(text);

    EXPECT_EQ(config.delivery.guarantee, Guarantee::kExactlyOnce) << text;
    EXPECT_EQ(config.delivery.commit_every, std::chrono::milliseconds(100));
    EXPECT_EQ(config.delivery.on_failure, OnFailure::kStop);
    EXPECT_EQ(config.delivery.transaction_timeout, std::chrono::seconds(10));
    EXPECT_TRUE(config.state.durable);
  }
}

TEST(Delivery, EveryKeyIsRead) {
  const std::string text = smallest_but(
      "delivery",
      "delivery: {guarantee: at_least_once, commit_every: 2s, on_failure: dead_letter, "
      "transaction_timeout: 15m}");
  std::string with_topic = text;
  with_topic.replace(with_topic.find("discard"), 7, "{topic: dead}");

  const DeliveryConfig delivery = config_of(with_topic).delivery;

  EXPECT_EQ(delivery.guarantee, Guarantee::kAtLeastOnce);
  EXPECT_EQ(delivery.commit_every, std::chrono::seconds(2));
  EXPECT_EQ(delivery.on_failure, OnFailure::kDeadLetter);
  EXPECT_EQ(delivery.transaction_timeout, std::chrono::minutes(15));
}

TEST(Delivery, ItsPlaceIsTheNearestKeyThatIsThere) {
  const Place guarantee = config_of(with_delivery("guarantee: exactly_once")).delivery.place;
  EXPECT_EQ(guarantee.line, 6);
  EXPECT_EQ(guarantee.column, 12);
  const Place section = config_of(with_delivery("commit_every: 1s")).delivery.place;
  EXPECT_EQ(section.line, 6);
  EXPECT_EQ(section.column, 1);
  const Place file = config_of(smallest_but("delivery", "")).delivery.place;
  EXPECT_EQ(file.file, "p.yaml");
  EXPECT_EQ(file.line, 1);
}

TEST(Delivery, WrongValuesAreErrorsAllAtOnce) {
  EXPECT_THAT(
      problems_in(with_delivery("guarantee: at_most_once, commit_every: 9ms, on_failure: drop, "
                                "transaction_timeout: 16m, every: 1s")),
      ElementsAre("p.yaml:6:23: 'delivery.guarantee' must be exactly_once or at_least_once, not "
                  "'at_most_once'",
                  "p.yaml:6:51: 'delivery.commit_every' must be a duration from 10ms to 1h (a "
                  "whole number and ms, s, m or h), not '9ms'",
                  "p.yaml:6:68: 'delivery.on_failure' must be stop or dead_letter, not 'drop'",
                  "p.yaml:6:95: 'delivery.transaction_timeout' must be a duration from 1s to 15m "
                  "(a whole number and ms, s, m or h), not '16m'",
                  HasSubstr("p.yaml:6:100: unknown key 'every' in 'delivery'")));
  EXPECT_THAT(problems_in(smallest_but("delivery", "delivery: exactly_once")),
              ElementsAre("p.yaml:6:11: 'delivery' must be a map, not 'exactly_once'"));
  EXPECT_THAT(problems_in(with_delivery("transaction_timeout: 999ms")),
              ElementsAre(HasSubstr("'delivery.transaction_timeout' must be a duration from 1s")));
}

TEST(Delivery, AnIntervalTakesAtMostHalfOfATransactionsTime) {
  EXPECT_THAT(problems_in(with_delivery("commit_every: 5s")), IsEmpty());
  EXPECT_THAT(
      problems_in(with_delivery("commit_every: 5001ms")),
      ElementsAre("p.yaml:6:26: 'delivery.commit_every' must be at most half of "
                  "'delivery.transaction_timeout' (10s) under exactly_once: the broker aborts a "
                  "transaction that is open for longer than that"));
  EXPECT_THAT(problems_in(with_delivery("commit_every: 600ms, transaction_timeout: 1s")),
              ElementsAre(HasSubstr("(1s) under exactly_once")));
  EXPECT_THAT(problems_in(with_delivery("commit_every: 1m, transaction_timeout: 2m")), IsEmpty());
}

TEST(Delivery, AtLeastOnceTransactionsAreShortWhateverTheInterval) {
  EXPECT_THAT(problems_in(with_delivery("guarantee: at_least_once, commit_every: 1h")), IsEmpty());
}

TEST(Delivery, WhatIsWrongAlreadyIsNotHeldAgainstTheOtherKeys) {
  EXPECT_THAT(problems_in(with_delivery("guarantee: both, commit_every: 1m")),
              ElementsAre(HasSubstr("'delivery.guarantee' must be")));
  EXPECT_THAT(problems_in(with_delivery("commit_every: 1m, transaction_timeout: 2d")),
              ElementsAre(HasSubstr("'delivery.transaction_timeout' must be")));
  EXPECT_THAT(problems_in(with_delivery("guarantee: both") + "state: {durable: false}\n"),
              ElementsAre(HasSubstr("'delivery.guarantee' must be")));
}

TEST(Delivery, ADeadLetterForWhatCannotBeDeliveredNeedsATopic) {
  EXPECT_THAT(problems_in(with_delivery("on_failure: dead_letter")),
              ElementsAre("p.yaml:6:24: 'delivery.on_failure' is 'dead_letter', and dead letters "
                          "are discarded: what cannot be delivered would be gone; name a topic: "
                          "'dead_letters: {topic: TOPIC}'"));
  EXPECT_THAT(problems_in(with_delivery("on_failure: stop")), IsEmpty());
}

TEST(State, IsDurableUnlessItSaysOtherwise) {
  EXPECT_FALSE(config_of(smallest_with("state: {durable: false}\n")).state.durable);
  EXPECT_TRUE(config_of(smallest_with("state: {durable: true}\n")).state.durable);
  EXPECT_TRUE(config_of(smallest_with("state: {}\n")).state.durable);
  EXPECT_FALSE(config_of(smallest_but("delivery", "state: {durable: false}")).state.durable);
}

TEST(State, HasATopicOfThePipelinesName) {
  const PipelineConfig config = config_of(smallest_with(""));
  EXPECT_EQ(config.state.topic.value, config.pipeline.value + ".state");
  EXPECT_EQ(config.state.every, std::chrono::seconds{5});
  EXPECT_EQ(config.state.on_moved_offsets, OnMovedOffsets::kStop);
}

TEST(State, KeysAreRead) {
  const StateConfig state =
      config_of(smallest_with("state: {topic: kept, every: 200ms, on_moved_offsets: keep}\n"))
          .state;
  EXPECT_EQ(state.topic.value, "kept");
  EXPECT_EQ(state.every, std::chrono::milliseconds{200});
  EXPECT_EQ(state.on_moved_offsets, OnMovedOffsets::kKeep);
  EXPECT_EQ(config_of(smallest_with("state: {on_moved_offsets: reset}\n")).state.on_moved_offsets,
            OnMovedOffsets::kReset);
}

TEST(State, WrongKeysAreErrors) {
  EXPECT_THAT(
      problems_in(smallest_with("state: {durable: 1, every: 10ms, on_moved_offsets: go, "
                                "durabel: x}\n")),
      ElementsAre(
          "p.yaml:7:18: 'state.durable' must be true or false, not '1'",
          "p.yaml:7:28: 'state.every' must be a duration from 100ms to 1h (a whole number and "
          "ms, s, m or h), not '10ms'",
          "p.yaml:7:52: 'state.on_moved_offsets' must be stop, reset or keep, not 'go'",
          "p.yaml:7:56: unknown key 'durabel' in 'state'; did you mean 'durable'?"));
  EXPECT_THAT(problems_in(smallest_with("state: durable\n")),
              ElementsAre("p.yaml:7:8: 'state' must be a map, not 'durable'"));
}

TEST(State, ItsTopicHasNothingElse) {
  EXPECT_THAT(problems_in(smallest_with("state: {topic: in}\n")),
              ElementsAre(testing::HasSubstr("is 'in', which is an input topic too")));
  EXPECT_THAT(problems_in(smallest_with("state: {topic: out}\n")),
              ElementsAre(testing::HasSubstr("needs one for itself")));
}

}  // namespace
}  // namespace millrace::config
