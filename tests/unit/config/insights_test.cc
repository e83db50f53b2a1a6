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

TEST(Insights, PlannedKindsAndKeysAreNotSupportedYet) {
  EXPECT_THAT(
      problems_in(with_insights("- window: {every: 60s}\n- quantiles: a\n- {count_by: a, after: "
                                "true}\n")),
      ElementsAre("p.yaml:8:3: the key 'window' in 'insights' is not supported yet",
                  "p.yaml:9:3: the key 'quantiles' in 'insights' is not supported yet",
                  "p.yaml:10:17: the key 'after' in 'insights' is not supported yet"));
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
