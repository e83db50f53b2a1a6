// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

std::string with_dead_letters(const std::string& value) {
  return smallest_but("dead_letters", "dead_letters: " + value);
}

DeadLettersConfig dead_letters_of(const std::string& value) {
  return config_of(with_dead_letters(value)).dead_letters;
}

std::vector<std::string> names_of(const std::vector<Text>& texts) {
  std::vector<std::string> names;
  for (const Text& text : texts) names.push_back(text.value);
  return names;
}

TEST(DeadLetters, ATopicOrDiscard) {
  EXPECT_TRUE(dead_letters_of("discard").discard);
  const DeadLettersConfig dead_letters = dead_letters_of("{topic: dead}");
  EXPECT_FALSE(dead_letters.discard);
  EXPECT_EQ(dead_letters.topic.value, "dead");
  EXPECT_EQ(dead_letters.format, DeadLetterFormat::kRaw);
}

TEST(DeadLetters, FormatsAreRead) {
  EXPECT_EQ(dead_letters_of("{topic: d, format: raw}").format, DeadLetterFormat::kRaw);
  EXPECT_EQ(dead_letters_of("{topic: d, format: envelope}").format, DeadLetterFormat::kEnvelope);

  const DeadLettersConfig fields =
      dead_letters_of("{topic: d, format: {fields: [b, a, '[\"x.y\"]'], error: why}}");
  EXPECT_EQ(fields.format, DeadLetterFormat::kFields);
  EXPECT_THAT(names_of(fields.fields), ElementsAre("b", "a", "x.y"));
  EXPECT_EQ(fields.fields[1].place.column, 47);
  EXPECT_EQ(fields.error, "why");
  EXPECT_EQ(dead_letters_of("{topic: d, format: {fields: [a]}}").error, "error");
}

TEST(DeadLetters, ReplaysHaveTopicsAndALimit) {
  const DeadLettersConfig defaults = dead_letters_of("{topic: dead}");
  EXPECT_EQ(defaults.max_attempts, 3U);
  EXPECT_EQ(defaults.parking_topic.value, "dead.parking");
  EXPECT_THAT(defaults.progress_topic.value, ::testing::EndsWith(".replay-progress"));
  const DeadLettersConfig set =
      dead_letters_of("{topic: dead, max_attempts: 5, parking_topic: p, progress_topic: q}");
  EXPECT_EQ(set.max_attempts, 5U);
  EXPECT_EQ(set.parking_topic.value, "p");
  EXPECT_EQ(set.progress_topic.value, "q");
  // Nothing is kept that could be replayed.
  EXPECT_EQ(dead_letters_of("discard").progress_topic.value, "");
}

TEST(DeadLetters, TheTopicsOfReplaysAreNoOthers) {
  EXPECT_THAT(problems_in(with_dead_letters("{topic: d, parking_topic: d}")),
              ElementsAre(HasSubstr("'dead_letters.parking_topic' is 'd', which is another topic "
                                    "of the pipeline too")));
  EXPECT_THAT(problems_in(with_dead_letters("{topic: d, parking_topic: p, progress_topic: p}")),
              ElementsAre(HasSubstr("are one topic; name two")));
  EXPECT_THAT(problems_in(with_dead_letters("{topic: d, max_attempts: 0}")),
              ElementsAre(HasSubstr("'dead_letters.max_attempts'")));
}

TEST(DeadLetters, WrongFormatsAreErrors) {
  const auto problems_of = [](const std::string& format) {
    return problems_in(with_dead_letters("{topic: d, format: " + format + "}"));
  };

  EXPECT_THAT(problems_of("json"),
              ElementsAre("p.yaml:5:34: 'dead_letters.format' must be raw, envelope, or a map such "
                          "as {fields: [user_id], error: error}, not 'json'"));
  EXPECT_THAT(problems_of("[raw]"), ElementsAre(HasSubstr("error: error}, not a list")));
  EXPECT_THAT(problems_of("{}"),
              ElementsAre("p.yaml:5:26: the key 'fields' is missing in 'dead_letters.format'; name "
                          "the members that a dead letter shows"));
  EXPECT_THAT(problems_of("{fields: []}"),
              ElementsAre("p.yaml:5:43: 'dead_letters.format.fields' is an empty list; it must be "
                          "a list of the record's members"));
  EXPECT_THAT(problems_of("{fields: [a, a]}"),
              ElementsAre("p.yaml:5:47: 'dead_letters.format.fields' names 'a' twice"));
  EXPECT_THAT(problems_of("{fields: [a.b]}"),
              ElementsAre("p.yaml:5:44: 'dead_letters.format.fields' must be the name of one "
                          "member, not the path 'a.b'; a name that holds a dot or a bracket is "
                          "written [\"a.b\"]"));
  EXPECT_THAT(problems_of("{fields: [a], errors: x}"),
              ElementsAre("p.yaml:5:48: unknown key 'errors' in 'dead_letters.format'; did you "
                          "mean 'error'?"));
}

TEST(DeadLetters, TheErrorIsNoneOfTheFields) {
  EXPECT_THAT(
      problems_in(with_dead_letters("{topic: d, format: {fields: [a, why], error: why}}")),
      ElementsAre("p.yaml:5:60: 'dead_letters.format.error' is 'why', which is one of the fields "
                  "too"));
  EXPECT_THAT(
      problems_in(with_dead_letters("{topic: d, format: {fields: [a, error]}}")),
      ElementsAre("p.yaml:5:34: 'dead_letters.format' shows the field 'error', and the reason "
                  "stands in a member of that name; give it another one: {fields: […], error: "
                  "NAME}"));
}

TEST(DeadLetters, MoreThanAThousandFieldsAreAnError) {
  std::string fields = "f0";
  for (int i = 1; i <= 1000; ++i) fields += ", f" + std::to_string(i);

  EXPECT_THAT(problems_in(with_dead_letters("{topic: d, format: {fields: [" + fields + "]}}")),
              ElementsAre("p.yaml:5:43: 'dead_letters.format.fields' has more than 1,000 members"));
}

std::string with_stop_above(const std::string& value) {
  return with_dead_letters("{topic: d, stop_above: " + value + "}");
}

StopAbove stop_above_of(const std::string& value) {
  return config_of(with_stop_above(value)).dead_letters.stop_above.value();
}

TEST(StopAbove, IsAShareOfTheLastRecords) {
  const StopAbove both = stop_above_of("{share: 12.5%, over: 300 records}");
  EXPECT_DOUBLE_EQ(both.share, 0.125);
  EXPECT_EQ(both.over, 300U);
  EXPECT_DOUBLE_EQ(stop_above_of("{share: 99.999999%}").share, 0.99999999);
  EXPECT_EQ(stop_above_of("{share: 50%}").over, 10'000U);
  EXPECT_EQ(stop_above_of("{share: '0.1 %', over: 1}").over, 1U);
  EXPECT_EQ(stop_above_of("{share: 5%, over: 1000000}").over, 1'000'000U);
  EXPECT_EQ(stop_above_of("{share: 5%, over: 1 record}").over, 1U);
}

TEST(StopAbove, SharesAreBetweenNothingAndAll) {
  for (const std::string share : {"0%", "0.0%", "100%", "101%", "0.5", "50", "-5%", "half", "5 %%",
                                  "1.%", ".5%", "1e1%", "99999999999999999999%", "1.0000000%"}) {
    EXPECT_THAT(problems_in(with_stop_above("{share: '" + share + "'}")),
                ElementsAre("p.yaml:5:46: 'dead_letters.stop_above.share' must be a percentage "
                            "above 0% and below 100%, such as 50%, not '" +
                            share + "'"));
  }
}

TEST(StopAbove, LooksAtAMillionRecordsAtMost) {
  for (const std::string over : {"0", "1000001", "1000001 records", "10s", "-1", "all"}) {
    EXPECT_THAT(problems_in(with_stop_above("{share: 5%, over: " + over + "}")),
                ElementsAre("p.yaml:5:56: 'dead_letters.stop_above.over' must be a number of "
                            "records from 1 to 1000000, such as 10000 records, not '" +
                            over + "'"));
  }
}

TEST(StopAbove, OtherFormsAreErrors) {
  EXPECT_THAT(problems_in(with_stop_above("50%")),
              ElementsAre("p.yaml:5:38: 'dead_letters.stop_above' must be a map, not '50%'"));
  EXPECT_THAT(problems_in(with_stop_above("{over: 5, ovr: 7}")),
              ElementsAre("p.yaml:5:26: the key 'share' is missing in 'dead_letters.stop_above'; "
                          "write the share of dead letters, such as 50%",
                          "p.yaml:5:48: unknown key 'ovr' in 'dead_letters.stop_above'; did you "
                          "mean 'over'?"));
}

TEST(DeadLetters, OtherFormsAreErrors) {
  const std::string sentence =
      "must be 'discard' (rejected records are counted, and gone) or a map with the key 'topic', "
      "not ";
  EXPECT_THAT(problems_in(with_dead_letters("my-topic")),
              ElementsAre("p.yaml:5:15: 'dead_letters' " + sentence + "'my-topic'"));
  EXPECT_THAT(problems_in(with_dead_letters("[a]")),
              ElementsAre("p.yaml:5:15: 'dead_letters' " + sentence + "a list"));
  EXPECT_THAT(problems_in(with_dead_letters("{}")),
              ElementsAre("p.yaml:5:1: the key 'topic' is missing in 'dead_letters'; write the "
                          "topic that rejected records go to"));
}

TEST(DeadLetters, PlannedKeysAreNotSupportedYet) {
  EXPECT_THAT(problems_in(with_dead_letters("{topic: d, key: none}")),
              ElementsAre("p.yaml:5:26: the key 'key' in 'dead_letters' is not supported yet"));
}

}  // namespace
}  // namespace millrace::config
