// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/config/loading.h"

namespace millrace::config {
namespace {

std::string with_insights(const std::string& lines) {
  return smallest_with("insights:\n" + lines);
}

TEST(Insights, AreNamedAfterKindAndFields) {
  const PipelineConfig config =
      config_of(with_insights("- count_by: device_type\n"
                              "- count_by: [app_version, device_type]\n"
                              "- distinct: user_id\n"
                              "- top: {of: user_id, limit: 3}\n"
                              "- hours_of_day: timestamp\n"
                              "- {distinct: ip, name: addresses}\n"));

  std::vector<std::string> names;
  for (const InsightConfig& insight : config.insights) names.push_back(insight.name);
  EXPECT_THAT(
      names, ElementsAre("count_by_device_type", "count_by_app_version_device_type",
                         "distinct_user_id", "top_user_id", "hours_of_day_timestamp", "addresses"));
  EXPECT_EQ(config.insights[1].kind, InsightKind::kCountBy);
  ASSERT_EQ(config.insights[1].fields.size(), 2U);
  EXPECT_EQ(config.insights[1].fields[1].text, "device_type");
  EXPECT_EQ(config.insights[3].kind, InsightKind::kTop);
  EXPECT_EQ(config.insights[3].limit, 3U);
  EXPECT_EQ(config.insights[4].kind, InsightKind::kHoursOfDay);
  EXPECT_EQ(config.insights[4].place.line, 12);
  EXPECT_EQ(config.insights[5].kind, InsightKind::kDistinct);
}

InsightConfig one(const std::string& line) {
  return config_of(with_insights("- " + line + "\n")).insights.at(0);
}

std::vector<std::string> texts_of(const std::vector<FieldPath>& paths) {
  std::vector<std::string> texts;
  for (const FieldPath& path : paths) texts.push_back(path.text);
  return texts;
}

TEST(Insights, HaveThirteenKinds) {
  EXPECT_EQ(one("count: records").kind, InsightKind::kCount);
  EXPECT_EQ(one("count_by: a").kind, InsightKind::kCountBy);
  EXPECT_EQ(one("distinct: a").kind, InsightKind::kDistinct);
  EXPECT_EQ(one("top: {of: a}").kind, InsightKind::kTop);
  EXPECT_EQ(one("hours_of_day: a").kind, InsightKind::kHoursOfDay);
  EXPECT_EQ(one("quantiles: a").kind, InsightKind::kQuantiles);
  EXPECT_EQ(one("sum: a").kind, InsightKind::kSum);
  EXPECT_EQ(one("min: a").kind, InsightKind::kMin);
  EXPECT_EQ(one("max: a").kind, InsightKind::kMax);
  EXPECT_EQ(one("mean: a").kind, InsightKind::kMean);
  EXPECT_EQ(one("{first: a, by: b}").kind, InsightKind::kFirst);
  EXPECT_EQ(one("{last: a, by: b}").kind, InsightKind::kLast);
  EXPECT_EQ(one("rate: records").kind, InsightKind::kRate);
}

TEST(Insights, AreAboutEmittedRecordsAsTheyCameInUnlessTheySayMore) {
  const InsightConfig plain = one("distinct: a");
  EXPECT_EQ(plain.of, InsightOf::kEmitted);
  EXPECT_FALSE(plain.after);
  EXPECT_FALSE(plain.when.has_value());

  EXPECT_EQ(one("{distinct: a, of: emitted}").of, InsightOf::kEmitted);
  EXPECT_EQ(one("{distinct: a, of: consumed}").of, InsightOf::kConsumed);
  EXPECT_EQ(one("{distinct: a, of: filtered}").of, InsightOf::kFiltered);
  EXPECT_EQ(one("{distinct: a, of: dead_lettered}").of, InsightOf::kDeadLettered);
  EXPECT_TRUE(one("{distinct: a, after: true}").after);
  EXPECT_FALSE(one("{distinct: a, after: false, of: filtered}").after);
  const InsightConfig some =
      one("{count: records, when: {any: [{field: a, equals: 1}, {field: b, exists: true}]}}");
  ASSERT_TRUE(some.when.has_value());
  EXPECT_EQ(some.when->kind, Condition::Kind::kAny);
  EXPECT_EQ(some.when->parts.size(), 2U);
}

TEST(Insights, HaveLimitsThatCanBeSet) {
  EXPECT_EQ(one("distinct: a").exact_up_to, 10'000U);
  EXPECT_EQ(one("{distinct: a, exact_up_to: 1000000}").exact_up_to, 1'000'000U);
  EXPECT_EQ(one("{distinct: a, by: b}").exact_up_to, 64U);
  EXPECT_EQ(one("{distinct: a, by: b}").keys_max, 100'000U);
  EXPECT_EQ(one("{distinct: a, by: b, exact_up_to: 1000, keys_max: 5}").exact_up_to, 1'000U);
  EXPECT_EQ(one("{distinct: a, by: b, exact_up_to: 1000, keys_max: 5}").keys_max, 5U);
  EXPECT_EQ(one("top: {of: a}").exact_up_to, 100'000U);
  EXPECT_EQ(one("top: {of: a, exact_up_to: 7}").exact_up_to, 7U);
  EXPECT_EQ(one("count_by: a").keys_max, 100'000U);
  EXPECT_EQ(one("{count_by: a, keys_max: 1000000}").keys_max, 1'000'000U);
  EXPECT_EQ(one("{last: a, by: b}").keys_max, 100'000U);
  EXPECT_EQ(one("{first: a, by: b, keys_max: 1}").keys_max, 1U);
}

TEST(Insights, OfGroupsNameTheirGroups) {
  const InsightConfig distinct = one("{distinct: device_id, by: [user.id, country]}");
  EXPECT_EQ(distinct.name, "distinct_device_id_by_user_id_country");
  EXPECT_THAT(texts_of(distinct.fields), ElementsAre("device_id"));
  EXPECT_THAT(texts_of(distinct.by), ElementsAre("user.id", "country"));
  EXPECT_EQ(one("{last: app_version, by: device_id}").name, "last_app_version_by_device_id");
  EXPECT_EQ(one("{first: a, by: [b]}").name, "first_a_by_b");
}

TEST(Insights, TopShowsOtherFieldsOfFirstAndLastRecords) {
  const InsightConfig top = one("top: {of: u, also: {last: [t, a.b], first: t}}");
  ASSERT_EQ(top.also.size(), 3U);
  EXPECT_EQ(top.also[0].edge, AlsoConfig::Edge::kFirst);
  EXPECT_EQ(top.also[0].field.text, "t");
  EXPECT_EQ(top.also[1].edge, AlsoConfig::Edge::kLast);
  EXPECT_EQ(top.also[1].field.text, "t");
  EXPECT_EQ(top.also[2].field.text, "a.b");
  EXPECT_EQ(top.name, "top_u");
}

TEST(Insights, QuantilesAreOfNumbersOrOfLatency) {
  const InsightConfig plain = one("quantiles: amount");
  EXPECT_THAT(plain.quantiles, ElementsAre(0.5, 0.9, 0.95, 0.99));
  EXPECT_FALSE(plain.latency);
  EXPECT_EQ(plain.name, "quantiles_amount");
  EXPECT_THAT(one("quantiles: {of: a, at: [0.999, 0.5]}").quantiles, ElementsAre(0.999, 0.5));
  EXPECT_THAT(one("quantiles: {of: a, at: 0.25}").quantiles, ElementsAre(0.25));

  const InsightConfig field = one("{quantiles: {latency_of: t}, from: rfc3339}");
  EXPECT_TRUE(field.latency);
  EXPECT_THAT(texts_of(field.fields), ElementsAre("t"));
  EXPECT_EQ(field.from.kind, TimeFormat::Kind::kRfc3339);
  EXPECT_EQ(field.name, "quantiles_latency_of_t");
  const InsightConfig record = one("quantiles: {latency_of: {timestamp: true}}");
  EXPECT_TRUE(record.latency);
  EXPECT_TRUE(record.fields.empty());
  EXPECT_EQ(record.name, "quantiles_latency");
}

TEST(Insights, TimesAreUnixSecondsUnlessFromSaysMore) {
  EXPECT_EQ(one("hours_of_day: t").from.kind, TimeFormat::Kind::kUnixSeconds);
  EXPECT_EQ(one("{hours_of_day: t, from: unix_milliseconds}").from.kind,
            TimeFormat::Kind::kUnixMilliseconds);
  EXPECT_EQ(one("{hours_of_day: t, from: '%F %T'}").from.pattern.value, "%F %T");
}

TEST(Insights, TopShowsTenByDefault) {
  EXPECT_EQ(config_of(with_insights("- top: {of: a}\n")).insights.at(0).limit, 10U);
}

std::vector<std::string> names_in(const std::string& lines) {
  std::vector<std::string> names;
  for (const InsightConfig& insight : config_of(with_insights(lines)).insights) {
    names.push_back(insight.name);
  }
  return names;
}

TEST(Insights, OfNestedFieldsAreNamedAfterTheirPaths) {
  EXPECT_THAT(names_in("- count_by: [user.address.city, currency]\n"
                       "- distinct: items[0].sku\n"
                       "- top: {of: '[\"a.b\"].c'}\n"
                       "- hours_of_day: '[\"a\"]'\n"),
              ElementsAre("count_by_user_address_city_currency", "distinct_items_0_sku",
                          "top_a_b_c", "hours_of_day_a"));
}

TEST(Insights, PathsThatGiveOneNameAreNumberedAfterThePlainNames) {
  EXPECT_THAT(names_in("- distinct: a.b\n"
                       "- distinct: a_b\n"
                       "- distinct: '[\"a\"][\"b\"].c'\n"
                       "- distinct: a_b.c\n"
                       "- distinct: a.b_c\n"
                       "- {count_by: x, name: distinct_a_b_c_2}\n"),
              ElementsAre("distinct_a_b_2", "distinct_a_b", "distinct_a_b_c", "distinct_a_b_c_3",
                          "distinct_a_b_c_4", "distinct_a_b_c_2"));
}

TEST(Insights, TheSameTwiceIsAnErrorHoweverThePathIsWritten) {
  EXPECT_THAT(
      problems_in(with_insights("- distinct: a.b\n- distinct: '[\"a\"].b'\n")),
      ElementsAre("p.yaml:9:3: two insights are named 'distinct_a_b' (the other in line 8); "
                  "give one of them a 'name'"));
  EXPECT_THAT(problems_in(with_insights("- count_by: [a, '[\"a\"]']\n")),
              ElementsAre("p.yaml:8:17: 'insights.count_by' names 'a' twice"));
}

TEST(Insights, DuplicateNamesAreAnError) {
  EXPECT_THAT(problems_in(with_insights("- distinct: a\n- distinct: b\n- distinct: a\n")),
              ElementsAre("p.yaml:10:3: two insights are named 'distinct_a' (the other in line 8); "
                          "give one of them a 'name'"));
}

TEST(Insights, AlertsStandAtTheTopLevel) {
  const std::string stands = " stands at the top level: 'alerts: [{when: insight NAME > 100}]'";
  EXPECT_THAT(
      problems_in(with_insights("- {sum: c, alert: {above: 5}}\n"
                                "- window: {every: 1m, on: t, sum: c, alert: {above: 5}}\n")),
      ElementsAre("p.yaml:8:12: the key 'alert' in 'insights'" + stands,
                  "p.yaml:9:38: the key 'alert' in 'insights.window'" + stands));
}

TEST(Insights, WrongShapesAreErrors) {
  const std::string shape =
      "an insight must be a map with its kind as key: '- count_by: device_type'";
  EXPECT_THAT(problems_in(with_insights("- a\n- {}\n- name: x\n")),
              ElementsAre("p.yaml:8:3: " + shape, "p.yaml:9:3: " + shape, "p.yaml:10:3: " + shape));
  EXPECT_THAT(problems_in(smallest_with("insights: {distinct: a}\n")),
              ElementsAre("p.yaml:7:11: 'insights' must be a list of insights, not a map"));
  EXPECT_THAT(problems_in(with_insights("- {distinct: a, count_by: b}\n")),
              ElementsAre("p.yaml:8:4: an insight has one kind; 'distinct' needs an item of its "
                          "own"));
  EXPECT_THAT(problems_in(with_insights("- countby: a\n")),
              ElementsAre("p.yaml:8:3: unknown key 'countby' in 'insights'; did you mean "
                          "'count_by'?"));
}

TEST(Insights, NamesTheNearestKey) {
  EXPECT_THAT(
      problems_in(
          with_insights("- {count: records, wehn: {field: a, equals: 1}}\n"
                        "- {distinct: a, exact_upto: 5}\n- {top: {of: a, aslo: {last: t}}}\n"
                        "- {top: {of: b, also: {lsat: t}}}\n- quantile: a\n"
                        "- quantiles: {off: a}\n")),
      ElementsAre(
          "p.yaml:8:20: unknown key 'wehn' in 'insights'; did you mean 'when'?",
          "p.yaml:9:17: unknown key 'exact_upto' in 'insights'; did you mean 'exact_up_to'?",
          "p.yaml:10:17: unknown key 'aslo' in 'insights.top'; did you mean 'also'?",
          "p.yaml:11:24: unknown key 'lsat' in 'insights.top.also'; did you mean 'last'?",
          "p.yaml:12:3: unknown key 'quantile' in 'insights'; did you mean 'quantiles'?",
          "p.yaml:13:14: 'insights.quantiles' needs 'of', a field with numbers, or "
          "'latency_of', one with a time",
          "p.yaml:13:15: unknown key 'off' in 'insights.quantiles'; did you mean 'of'?"));
}

TEST(Insights, KeysOfOtherKindsAreErrors) {
  EXPECT_THAT(
      problems_in(with_insights("- {count_by: a, by: b}\n- {sum: a, exact_up_to: 5}\n"
                                "- {top: {of: a}, exact_up_to: 5}\n- {distinct: a, keys_max: 5}\n"
                                "- {quantiles: b, from: rfc3339}\n"
                                "- {quantiles: {latency_of: {timestamp: true}}, from: rfc3339}\n"
                                "- {distinct: c, of: filtered, after: true}\n")),
      ElementsAre(
          "p.yaml:8:17: 'insights.by' is for distinct, first and last; count_by takes a list of "
          "fields",
          "p.yaml:9:12: 'insights.exact_up_to' is for distinct, and inside of top",
          "p.yaml:10:18: 'insights.exact_up_to' stands inside of 'top': {of: user_id, exact_up_to: "
          "1000}",
          "p.yaml:11:17: 'insights.keys_max' is for count_by, first, last, and distinct with 'by'",
          "p.yaml:12:18: 'insights.from' says how a time is written; hours_of_day and latency_of "
          "read one from a field",
          "p.yaml:13:48: 'insights.from' says how a time is written; hours_of_day and latency_of "
          "read one from a field",
          "p.yaml:14:31: 'insights.after' reads the output, which emitted records alone have; "
          "leave "
          "out 'of' or 'after'"));
}

TEST(Insights, GroupsThatAreWrongAreErrors) {
  EXPECT_THAT(
      problems_in(with_insights("- last: a\n- {first: a, by: '[\"a\"]'}\n"
                                "- {distinct: a, by: [b, a, b]}\n- {last: b, by: []}\n"
                                "- {distinct: a, by: b, exact_up_to: 1001, keys_max: 0}\n")),
      ElementsAre(
          "p.yaml:8:3: the key 'by' is missing in 'insights'; name the field whose values each "
          "have their own, such as 'by: device_id'",
          "p.yaml:9:18: 'insights.by' names '[\"a\"]', which is the field itself",
          "p.yaml:10:21: 'insights.by' names 'a', which is the field itself",
          "p.yaml:10:28: 'insights.by' names 'b' twice",
          "p.yaml:11:17: 'insights.by' is an empty list; it must be a field, or a list of fields",
          "p.yaml:12:37: 'insights.exact_up_to' must be a whole number from 1 to 1000, not '1001'",
          "p.yaml:12:53: 'insights.keys_max' must be a whole number from 1 to 1000000, not '0'"));
}

TEST(Insights, WhatTopAlsoShowsMustHaveNamesOfItsOwn) {
  EXPECT_THAT(
      problems_in(with_insights("- top: {of: a, also: {last: [b.c, b_c]}}\n"
                                "- top: {of: b, also: {last: b.c, first: b_c}}\n"
                                "- top: {of: c, also: {last: [t, t]}}\n- top: {of: d, also: t}\n"
                                "- top: {of: e, also: {}}\n")),
      ElementsAre("p.yaml:8:35: 'insights.top.also' has 'b.c' and 'b_c', which are both shown as "
                  "'last_b_c'",
                  "p.yaml:10:33: 'insights.top.also.last' names 't' twice",
                  "p.yaml:11:22: 'insights.top.also' must be a map such as {last: timestamp}, not "
                  "'t'",
                  "p.yaml:12:22: 'insights.top.also' is empty; write {last: timestamp}"));
}

TEST(Insights, QuantilesThatAreWrongAreErrors) {
  const std::string share =
      "must be a number above 0 and below 1 with at most 6 digits behind the point, such as 0.99, "
      "not ";
  EXPECT_THAT(
      problems_in(
          with_insights("- quantiles: {of: a, at: [0, 1, 0.5, 0.50, 0.1234567, p50, -0.5]}\n"
                        "- quantiles: {of: b, at: []}\n"
                        "- quantiles: {of: c, latency_of: d}\n- quantiles: [a]\n"
                        "- quantiles: {latency_of: {timestamp: false}}\n"
                        "- quantiles: {latency_of: {}}\n- quantiles: {latency_of: [a]}\n")),
      ElementsAre(
          "p.yaml:8:27: 'insights.quantiles.at' " + share + "'0'",
          "p.yaml:8:30: 'insights.quantiles.at' " + share + "'1'",
          "p.yaml:8:38: 'insights.quantiles.at' names '0.50' twice",
          "p.yaml:8:44: 'insights.quantiles.at' " + share + "'0.1234567'",
          "p.yaml:8:55: 'insights.quantiles.at' " + share + "'p50'",
          "p.yaml:8:60: 'insights.quantiles.at' " + share + "'-0.5'",
          "p.yaml:9:26: 'insights.quantiles.at' is an empty list; it must be a list such as [0.5, "
          "0.9, 0.99]",
          "p.yaml:10:14: 'insights.quantiles' has both 'of' and 'latency_of'; give each an item of "
          "its own",
          "p.yaml:11:14: 'insights.quantiles' must be the path of a field, such as user.city, not "
          "a "
          "list",
          "p.yaml:12:39: 'insights.quantiles.latency_of.timestamp' must be true, not 'false'",
          "p.yaml:13:15: the key 'timestamp' is missing in 'insights.quantiles.latency_of'; write "
          "{timestamp: true} for the record's own, or the path of a field",
          "p.yaml:14:27: 'insights.quantiles.latency_of' must be the path of a field, such as "
          "user.city, not a list"));
}

TEST(Insights, TimesThatCannotBeReadAreErrors) {
  EXPECT_THAT(
      problems_in(with_insights("- {hours_of_day: t, from: seconds}\n"
                                "- {hours_of_day: u, from: '%H:%M'}\n")),
      ElementsAre(HasSubstr("p.yaml:8:27: 'insights.from' must be unix_seconds, "),
                  "p.yaml:9:27: 'insights.from' does not say the day; a pattern that is read needs "
                  "%F, %s, or year, month and day"));
}

TEST(Insights, AKindIsNeeded) {
  const std::string shape =
      "an insight must be a map with its kind as key: '- count_by: device_type'";
  EXPECT_THAT(problems_in(with_insights("- {of: consumed, by: a, name: n}\n- {when: {}}\n")),
              ElementsAre("p.yaml:8:3: " + shape, "p.yaml:9:3: " + shape));
  EXPECT_THAT(problems_in(with_insights("- count: a\n- rate: [records]\n- {of: consumed, x: y}\n")),
              ElementsAre("p.yaml:8:10: 'insights.count' must be records, not 'a'",
                          "p.yaml:9:9: 'insights.rate' must be records, not a list",
                          HasSubstr("p.yaml:10:18: unknown key 'x' in 'insights'")));
}

TEST(Insights, ConditionsAreCheckedAsInSteps) {
  EXPECT_THAT(problems_in(with_insights("- {count: records, when: {field: a}}\n"
                                        "- {sum: a, when: {field: b, equal: 1}}\n"
                                        "- {min: a, when: b}\n")),
              ElementsAre(HasSubstr("p.yaml:8:27: 'insights.when.field' has no test beside it"),
                          HasSubstr("p.yaml:9:29: unknown key 'equal' in 'insights.when'"),
                          HasSubstr("p.yaml:10:18: 'insights.when' must be a condition")));
}

// Names say nothing of `of`, `when` and `after`.
TEST(Insights, TheSameOfOtherRecordsNeedsANameOfItsOwn) {
  EXPECT_THAT(
      problems_in(with_insights("- distinct: a.b\n- {distinct: a.b, of: consumed}\n"
                                "- count: records\n- {count: records, of: filtered}\n")),
      ElementsAre(
          "p.yaml:9:4: two insights are named 'distinct_a_b' (the other in line 8); give one "
          "of them a 'name'",
          "p.yaml:11:4: two insights are named 'count' (the other in line 10); give one of "
          "them a 'name'"));
}

TEST(Insights, WrongValuesAreErrors) {
  EXPECT_THAT(
      problems_in(with_insights("- count_by: [a, a]\n- top: {limit: 0}\n- top: a\n- distinct: "
                                "[a]\n- {distinct: b, name: 'x y'}\n")),
      ElementsAre("p.yaml:8:17: 'insights.count_by' names 'a' twice",
                  "p.yaml:9:3: the key 'of' is missing in 'insights.top'; name the field whose "
                  "values are counted",
                  "p.yaml:9:16: 'insights.top.limit' must be a whole number from 1 to 1000, not "
                  "'0'",
                  "p.yaml:10:8: 'insights.top' must be a map such as {of: user_id, limit: 10}, not "
                  "'a'",
                  "p.yaml:11:13: 'insights.distinct' must be the path of a field, such as "
                  "user.city, not a list",
                  "p.yaml:12:23: 'insights.name' must be 1 to 200 letters, digits, '.', '_' and "
                  "'-', not 'x y'"));
  EXPECT_THAT(problems_in(with_insights("- count_by: [a, b, c, d, e, f, g, h, i]\n")),
              ElementsAre("p.yaml:8:13: 'insights.count_by' has more than 8 members"));
}

}  // namespace
}  // namespace millrace::config
