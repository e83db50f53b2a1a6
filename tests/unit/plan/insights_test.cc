// SPDX-License-Identifier: Apache-2.0
// From the file to the results: each kind of insight, over records that went through a plan.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/insights/state.h"
#include "tests/unit/plan/insight_results.h"
#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The result of the one insight of a plan, over records of these values.
std::string result_of(const std::string& insight, const std::vector<Given>& records,
                      const std::string& rest = "") {
  Pipeline pipeline(config_of({.rest = rest + "insights:\n  - " + insight + "\n"}));
  pipeline.run(records);
  return results_of(pipeline).front().json;
}

std::vector<Given> logins() {
  return {{R"({"u":"a","d":"x","t":10,"n":1,"v":"1.0"})"},
          {R"({"u":"b","d":"y","t":3600,"n":2.5,"v":"1.0"})"},
          {R"({"u":"a","d":"z","t":7200,"n":-4,"v":"2.0"})"},
          {R"({"u":"a","d":"x","n":"no","v":null})"}};
}

TEST(Insights, Count) {
  EXPECT_EQ(result_of("count: records", logins()), R"({"kind":"count","value":4})");
  EXPECT_EQ(result_of("{count: records, when: {field: n, greater_than: 0}}", logins()),
            R"({"kind":"count","value":2})");
}

TEST(Insights, CountBy) {
  EXPECT_EQ(result_of("count_by: u", logins()), R"({"kind":"count_by","counts":{"a":3,"b":1}})");
  EXPECT_EQ(result_of("count_by: [u, d]", logins()),
            R"({"kind":"count_by","counts":{"a":{"x":2,"z":1},"b":{"y":1}}})");
  EXPECT_EQ(result_of("{count_by: u, keys_max: 1}", logins()),
            R"({"kind":"count_by","counts":{"a":3}})");
}

TEST(Insights, Distinct) {
  EXPECT_EQ(result_of("distinct: d", logins()),
            R"({"kind":"distinct","value":3,"low":3,"high":3,"exact":true})");
  EXPECT_EQ(result_of("{distinct: d, by: u}", logins()),
            R"({"kind":"distinct","by":{"a":{"value":2,"low":2,"high":2,"exact":true},)"
            R"("b":{"value":1,"low":1,"high":1,"exact":true}}})");
  EXPECT_THAT(result_of("{distinct: d, exact_up_to: 2}", logins()), HasSubstr(R"("exact":false)"));
}

TEST(Insights, Top) {
  EXPECT_EQ(result_of("top: {of: u, limit: 1}", logins()),
            R"({"kind":"top","items":[{"key":"a","count":3,"error":0}]})");
  EXPECT_EQ(result_of("top: {of: u, also: {last: [t, v], first: t}}", logins()),
            R"({"kind":"top","items":[)"
            R"({"key":"a","count":3,"error":0,"first_t":10,"last_t":7200,"last_v":null},)"
            R"({"key":"b","count":1,"error":0,"first_t":3600,"last_t":3600,"last_v":"1.0"}]})");
}

TEST(Insights, HoursOfDay) {
  EXPECT_THAT(result_of("hours_of_day: t", logins()),
              HasSubstr(R"("counts":{"0":1,"1":1,"2":1,"3":0,)"));
}

TEST(Insights, Quantiles) {
  EXPECT_EQ(result_of("quantiles: {of: n, at: [0.5, 0.999]}", {{R"({"n":0})"}, {R"({"n":0})"}}),
            R"({"kind":"quantiles","values":{"p50":0,"p99.9":0},"relative_error":0.0078125})");
  EXPECT_THAT(result_of("quantiles: {latency_of: {timestamp: true}}", logins()),
              HasSubstr(R"("live":true)"));
}

TEST(Insights, NumbersOfAField) {
  EXPECT_EQ(result_of("sum: n", logins()), R"({"kind":"sum","value":-0.5})");
  EXPECT_EQ(result_of("min: n", logins()), R"({"kind":"min","value":-4})");
  EXPECT_EQ(result_of("max: n", logins()), R"({"kind":"max","value":2.5})");
  EXPECT_EQ(result_of("mean: t", logins()), R"({"kind":"mean","value":3603.3333333333335})");
}

TEST(Insights, FirstAndLast) {
  EXPECT_EQ(result_of("{first: t, by: u}", logins()),
            R"({"kind":"first","values":{"a":10,"b":3600}})");
  EXPECT_EQ(result_of("{last: t, by: u}", logins()),
            R"({"kind":"last","values":{"a":7200,"b":3600}})");
  EXPECT_EQ(result_of("{last: v, by: [u, d]}", logins()),
            R"({"kind":"last","values":{"a":{"x":null,"z":"2.0"},"b":{"y":"1.0"}}})");
}

TEST(Insights, Rate) {
  EXPECT_THAT(result_of("rate: records", logins()), HasSubstr(R"({"kind":"rate","live":true)"));
}

// selected = counted + missing, for whatever an insight is about.
TEST(Insights, WhatTheyAreAboutIsCountedOrMissing) {
  Pipeline pipeline(config_of(
      {.input = "{topic: in, group: g, tombstones: pass}",
       .rest = "steps:\n  - drop_if: {field: u, equals: b}\n  - cast: {field: n, to: float}\n"
               "insights:\n  - distinct: d\n  - {sum: n, of: consumed}\n"
               "  - {count_by: v, of: dead_lettered}\n  - {last: t, by: u, of: filtered}\n"
               "  - {mean: t, when: {field: n, less_than: 0}}\n  - {quantiles: n, after: true}\n"
               "  - {top: {of: u, also: {last: t}}, of: consumed}\n"
               "  - {hours_of_day: t, of: consumed, name: h}\n  - count: records\n"}));
  std::vector<Given> records = logins();
  records.push_back({std::nullopt});
  records.push_back({"{"});
  pipeline.run(records);

  std::vector<std::string> sums;
  for (const NamedResult& result : results_of(pipeline)) {
    EXPECT_EQ(result.selected, result.counted + result.missing) << result.name;
    sums.push_back(std::to_string(result.selected) + "-" + std::to_string(result.missing));
  }
  EXPECT_THAT(sums, ElementsAre("3-1", "6-3", "2-1", "1-0", "1-0", "3-1", "6-2", "6-3", "3-0"));
}

std::vector<insights::Part> parts_of(const std::string& insights) {
  return compile(config_of({.rest = "insights:\n" + insights}))->declaration().parts;
}

TEST(InsightParts, AreSharedByWhatReadsTheSameOfTheSameRecords) {
  EXPECT_EQ(parts_of("  - distinct: u\n  - count_by: u\n  - top: {of: '[\"u\"]'}\n"
                     "  - {last: a, by: u}\n  - {first: a, by: u}\n")
                .size(),
            1U);
  EXPECT_EQ(parts_of("  - sum: n\n  - min: n\n  - max: n\n  - mean: n\n").size(), 1U);
  EXPECT_EQ(parts_of("  - count: records\n  - rate: records\n").size(), 1U);
  EXPECT_EQ(parts_of("  - count_by: [u, d]\n  - {distinct: d, by: u}\n").size(), 1U);
  EXPECT_EQ(parts_of("  - {distinct: u, when: {field: a, equals: 1}}\n"
                     "  - {count_by: u, when: {field: a, equals: 1}}\n")
                .size(),
            1U);
  EXPECT_EQ(
      parts_of("  - hours_of_day: t\n  - {hours_of_day: t, from: unix_seconds, name: h}\n").size(),
      1U);
}

TEST(InsightParts, AreApartWhereAnythingDiffers) {
  EXPECT_EQ(parts_of("  - distinct: u\n  - distinct: d\n").size(), 2U);
  EXPECT_EQ(parts_of("  - {count_by: [u, d]}\n  - {distinct: u, by: d}\n").size(), 2U);
  EXPECT_EQ(parts_of("  - distinct: u\n  - {distinct: u, after: true, name: n}\n").size(), 2U);
  EXPECT_EQ(parts_of("  - distinct: u\n  - {distinct: u, of: consumed, name: n}\n").size(), 2U);
  EXPECT_EQ(parts_of("  - {distinct: u, when: {field: a, equals: 1}}\n"
                     "  - {count_by: u, when: {field: a, equals: 2}}\n"
                     "  - {count_by: u, when: {field: a, equals: '1'}, name: text}\n"
                     "  - {count_by: u, when: {field: b, equals: 1}, name: b}\n"
                     "  - {count_by: u, when: {not: {field: a, equals: 1}}, name: n}\n")
                .size(),
            5U);
  EXPECT_EQ(parts_of("  - hours_of_day: t\n  - {hours_of_day: t, from: rfc3339, name: h}\n").size(),
            2U);
  EXPECT_EQ(parts_of("  - quantiles: t\n  - quantiles: {latency_of: t}\n"
                     "  - quantiles: {latency_of: {timestamp: true}}\n")
                .size(),
            3U);
  EXPECT_EQ(parts_of("  - sum: n\n  - quantiles: n\n").size(), 2U);
}

TEST(InsightParts, HaveEachEdgeOnce) {
  const auto plan = compile(config_of({.rest = "insights:\n"
                                               "  - top: {of: u, also: {last: [a, b.c]}}\n"
                                               "  - {last: b.c, by: u}\n  - {first: a, by: u}\n"
                                               "  - distinct: u\n"}));
  const insights::Declaration& declaration = plan->declaration();

  ASSERT_EQ(declaration.parts.size(), 1U);
  const std::vector<insights::EdgeField>& edges = declaration.parts[0].edges;
  ASSERT_EQ(edges.size(), 3U);
  EXPECT_EQ(edges[0].name, "a");
  EXPECT_EQ(edges[1].name, "b_c");
  EXPECT_EQ(edges[2].edge, insights::Edge::kFirst);
  EXPECT_THAT(declaration.insights[0].edges, ElementsAre(0U, 1U));
  EXPECT_THAT(declaration.insights[1].edges, ElementsAre(1U));
  EXPECT_THAT(declaration.insights[2].edges, ElementsAre(2U));
  EXPECT_TRUE(declaration.insights[3].edges.empty());
}

TEST(InsightParts, AfterIsNoMatterWhereNoFieldIsRead) {
  EXPECT_EQ(parts_of("  - {count: records, after: true, when: {field: a, exists: true}}\n"
                     "  - {rate: records, after: true, when: {field: a, exists: true}}\n")
                .size(),
            1U);
  EXPECT_EQ(parts_of("  - {count: records, after: true, when: {field: a, exists: true}}\n"
                     "  - {rate: records, when: {field: a, exists: true}}\n")
                .size(),
            2U);
}

std::vector<std::string> problems_of(const std::string& rest) {
  std::vector<std::string> problems;
  for (const config::Problem& problem : Plan::compile(config_of({.rest = rest})).problems)
    problems.push_back(config::to_string(problem));
  return problems;
}

TEST(InsightProblems, AfterCannotReadThePiecesOfARecord) {
  EXPECT_THAT(problems_of("steps:\n  - explode: items\ninsights:\n  - {sum: n, after: true}\n"),
              ElementsAre("p.yaml:10:14: 'after' reads the output of a record, and 'explode' makes "
                          "several of one; leave 'after' out to read the record as it came in"));
  EXPECT_THAT(problems_of("steps:\n  - explode: items\ninsights:\n  - {sum: n, after: false}\n"),
              ElementsAre());
}

TEST(InsightProblems, AfterThatChangesNothingIsAWarning) {
  EXPECT_THAT(problems_of("insights:\n  - {count: records, after: true}\n"),
              ElementsAre(HasSubstr("warning: 'after' changes nothing here: no field is read")));
}

TEST(InsightProblems, ReadingWhatAStepMasksIsAWarning) {
  const std::string steps = "steps:\n  - trim: ip\n  - mask: {field: user.ip, sha256: true}\n";
  const auto warning = [](const std::string& place, const std::string& field) {
    return "p.yaml:" + place + ": warning: '" + field +
           "' is read as it came in, and step 2 masks it later; 'after: true' reads the masked "
           "value";
  };
  EXPECT_THAT(problems_of(steps + "insights:\n  - distinct: user.ip\n  - distinct: user.id\n"
                                  "  - {last: a, by: user.ip.v4}\n"
                                  "  - top: {of: a, also: {last: user.ip}}\n"),
              ElementsAre(warning("11:15", "user.ip"), warning("13:19", "user.ip.v4"),
                          warning("14:31", "user.ip")));
  EXPECT_THAT(problems_of(steps + "insights:\n  - {distinct: user.ip, after: true}\n"),
              ElementsAre());
}

TEST(InsightProblems, OfConditionsAreThoseOfSteps) {
  EXPECT_THAT(problems_of("insights:\n  - {count: records, when: {field: a, matches: '('}}\n"),
              ElementsAre(HasSubstr("p.yaml:8:")));
}

TEST(InsightWords, SayWhatIsCounted) {
  const std::string words =
      compile(config_of({.rest = "insights:\n"
                                 "  - {count: records, of: filtered}\n"
                                 "  - {count_by: [a, b], after: true}\n"
                                 "  - {distinct: d, by: u}\n"
                                 "  - top: {of: u, limit: 3, also: {first: t, last: t}}\n"
                                 "  - {hours_of_day: t, from: rfc3339}\n"
                                 "  - quantiles: {of: n, at: [0.5, 0.999]}\n"
                                 "  - quantiles: {latency_of: {timestamp: true}}\n"
                                 "  - {mean: n, when: {field: c, equals: EUR}, of: consumed}\n"
                                 "  - {last: v, by: [u, d]}\n"
                                 "  - {rate: records, of: dead_lettered}\n"}))
          ->describe();
  for (const char* line : {
           "count   count: how many records, of filtered records\n",
           "count   count_by_a_b: how many records by a, b, of the output\n",
           "count   distinct_d_by_u: how many different d by u\n",
           "count   top_u: the 3 most frequent u, with the first t, last t\n",
           "count   hours_of_day_t: how many records by the hour of t (RFC 3339)\n",
           "count   quantiles_n: p50, p99.9 of n\n",
           "count   quantiles_latency: p50, p90, p95, p99 of the seconds since the record's "
           "timestamp\n",
           "count   mean_n: the mean of n, of all records, if c is \"EUR\"\n",
           "count   last_v_by_u_d: the last v by u, d\n",
           "count   rate: how many records per second, of dead letters\n",
       }) {
    EXPECT_THAT(words, HasSubstr(line));
  }
}

}  // namespace
}  // namespace millrace::plan::testing
