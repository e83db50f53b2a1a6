// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

using namespace std::chrono_literals;
using Source = RecordSource;

std::string with_insights(const std::string& lines) {
  return smallest_with("insights:\n" + lines);
}

InsightConfig one(const std::string& line) {
  return config_of(with_insights("- " + line + "\n")).insights.at(0);
}

TEST(InsightTopic, IsWrittenEveryMinuteInTheUsualShape) {
  const InsightConfig insight = one("{count_by: a, topic: counts}");
  ASSERT_TRUE(insight.topic.has_value());
  EXPECT_EQ(insight.topic->topic.value, "counts");
  EXPECT_EQ(insight.topic->topic.place.column, 24);
  EXPECT_EQ(insight.topic->every, 60s);
  EXPECT_TRUE(insight.topic->as.empty());
  EXPECT_FALSE(one("count_by: a").topic.has_value());
}

TEST(InsightTopic, SaysHowOftenAndWhat) {
  const InsightConfig insight =
      one("{count_by: device_type, topic: device_type_count, every: 90s, "
          "as: {device_type_counts: counts, of: partitions}}");
  EXPECT_EQ(insight.topic->every, 90s);
  ASSERT_EQ(insight.topic->as.size(), 2U);
  EXPECT_EQ(insight.topic->as[0].first, "device_type_counts");
  EXPECT_EQ(insight.topic->as[0].second, Source::kCounts);
  EXPECT_EQ(insight.topic->as[1].first, "of");
  EXPECT_EQ(insight.topic->as[1].second, Source::kPartitions);
}

TEST(InsightTopic, OfAWindowStandsInsideOfIt) {
  const InsightConfig insight = one(
      "window: {every: 5m, on: t, count_by: a, topic: counts, as: {x: counts, from: window_start, "
      "to: window_end, of: topic, n: partition}}");
  EXPECT_EQ(insight.window->every, 5min);
  EXPECT_EQ(insight.topic->topic.value, "counts");
  EXPECT_EQ(insight.topic->as.size(), 5U);
  EXPECT_EQ(insight.topic->as[1].second, Source::kWindowStart);
}

TEST(InsightTopic, EachKindHasTheMembersOfItsResult) {
  for (const char* line : {
           "{count: records, topic: t, as: {x: value}}",
           "{count_by: a, topic: t, as: {x: counts, y: not_kept}}",
           "{distinct: a, topic: t, as: {x: value, y: low, z: high, e: exact}}",
           "{distinct: a, by: b, topic: t, as: {x: by, y: not_kept}}",
           "{top: {of: a}, topic: t, as: {x: items}}",
           "{hours_of_day: a, topic: t, as: {x: counts}}",
           "{quantiles: a, topic: t, as: {x: values}}",
           "{sum: a, topic: t, as: {x: value}}",
           "{last: a, by: b, topic: t, as: {x: values, y: not_kept}}",
           "{rate: records, topic: t, as: {x: value, r: result, p: pipeline, i: insight, f: "
           "final}}",
       }) {
    EXPECT_FALSE(one(line).topic->as.empty()) << line;
  }
}

TEST(InsightTopic, AMemberOfAnotherKindIsAnError) {
  EXPECT_THAT(
      problems_in(with_insights("- {sum: a, topic: t, as: {x: counts}}\n"
                                "- {distinct: a, by: b, topic: t, as: {x: value}}\n"
                                "- {count_by: b, topic: t, as: {x: window_start, y: partition}}\n"
                                "- window: {every: 1m, on: t, sum: c, topic: t, as: {x: "
                                "partitions}}\n"
                                "- {sum: d, topic: t, as: {x: count}}\n")),
      ElementsAre(
          "p.yaml:8:30: 'insights.as' is 'counts', which this insight does not have; it has "
          "value, result, pipeline, insight, final or partitions",
          "p.yaml:9:42: 'insights.as' is 'value', which this insight does not have; it has by, "
          "not_kept, result, pipeline, insight, final or partitions",
          "p.yaml:10:35: 'insights.as' is 'window_start', which this insight does not have; it has "
          "counts, not_kept, result, pipeline, insight, final or partitions",
          HasSubstr("p.yaml:10:52: 'insights.as' is 'partition', which this insight does not have"),
          "p.yaml:11:56: 'insights.window.as' is 'partitions', which this insight does not have; "
          "it has value, result, pipeline, insight, final, topic, partition, window_start or "
          "window_end",
          "p.yaml:12:30: 'insights.as' must be counts, value, items, values, low, high, exact, by, "
          "not_kept, pipeline, insight, topic, partition, partitions, window_start, window_end, "
          "final or result, not 'count'"));
}

TEST(InsightTopic, WrongValuesAreErrorsWithTheirPlaces) {
  std::string members;
  for (int i = 0; i < 51; ++i) members += "m" + std::to_string(i) + ": value, ";
  EXPECT_THAT(
      problems_in(with_insights("- {sum: a, topic: 'x y'}\n- {sum: b, topic: t, every: 999ms}\n"
                                "- {sum: c, topic: t, every: 25h}\n- {sum: d, topic: t, as: x}\n"
                                "- {sum: e, topic: t, as: {}}\n"
                                "- {sum: f, topic: t, as: {not_shown: value}}\n"
                                "- {sum: g, every: 5s}\n- {sum: h, as: {x: value}}\n"
                                "- {sum: i, topic: t, as: {" +
                                members + "}}\n")),
      ElementsAre(
          HasSubstr("p.yaml:8:19: 'insights.topic' must be the name of a topic"),
          HasSubstr("p.yaml:9:29: 'insights.every' must be a duration from 1s to 24h"),
          HasSubstr("p.yaml:10:29: 'insights.every' must be a duration from 1s to 24h"),
          "p.yaml:11:26: 'insights.as' must be a map such as {device_type_counts: counts}, not "
          "'x'",
          "p.yaml:12:26: 'insights.as' is empty; write {device_type_counts: counts}",
          "p.yaml:13:27: 'insights.as' names a member 'not_shown', which says how much was left "
          "out of a record that would be too large",
          "p.yaml:14:12: 'insights.every' says how often the insight is written to a topic, and "
          "there is no key 'topic'",
          "p.yaml:15:12: 'insights.as' says what is written to a topic, and there is no key "
          "'topic'",
          "p.yaml:16:26: 'insights.as' has more than 50 members"));
}

TEST(InsightTopic, NeedsDurableState) {
  EXPECT_THAT(
      problems_in(with_insights("- {count_by: a, topic: counts}\n- count_by: b\n"
                                "- window: {every: 1m, on: t, sum: c, topic: sums, name: s}\n") +
                  "state: {durable: false}\n"),
      ElementsAre(
          "p.yaml:8:24: insight count_by_a has a topic, and 'state.durable' is false; what goes to "
          "a topic exactly once needs durable state: leave out one of the two",
          "p.yaml:10:45: insight s has a topic, and 'state.durable' is false; what goes to a topic "
          "exactly once needs durable state: leave out one of the two"));
}

TEST(InsightTopic, IsNoTopicOfRecords) {
  EXPECT_THAT(
      problems_in(smallest_but("dead_letters", "dead_letters: {topic: dead}") +
                  "steps: [emit: copies]\ninsights:\n- {sum: a, topic: in}\n"
                  "- {sum: b, topic: out}\n- {sum: c, topic: dead}\n- {sum: d, topic: copies}\n"
                  "- {sum: e, topic: p.state}\n- {sum: f, topic: fine}\n"
                  "- {sum: g, topic: fine}\n"),
      ElementsAre(
          "p.yaml:1:11: 'state.topic' is 'p.state', which is a topic of records too; the state of "
          "the insights needs one for itself",
          "p.yaml:9:19: 'topic' of insight sum_a is 'in', which is an input topic too; its records "
          "would go round for ever",
          "p.yaml:10:19: 'topic' of insight sum_b is 'out', which is a topic of records too; what "
          "is counted would stand among them",
          HasSubstr(
              "p.yaml:11:19: 'topic' of insight sum_c is 'dead', which is a topic of records"),
          HasSubstr("p.yaml:12:19: 'topic' of insight sum_d is 'copies', which is a topic of")));
}

}  // namespace
}  // namespace millrace::config
