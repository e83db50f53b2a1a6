// SPDX-License-Identifier: Apache-2.0
// Windowed insights from the file to the result, over records that went through a plan.
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/insights/state.h"
#include "engine/insights/utc_text.h"
#include "tests/unit/plan/pipeline_run.h"

namespace millrace::plan::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int64_t kNowMs = 1'720'655'268'123;  // 2024-07-10T23:47:48.123Z

// What one windowed insight makes of some records.
class Windowed {
 public:
  Windowed(const std::string& window, const std::vector<Given>& records,
           const std::string& rest = "")
      : pipeline_(config_of({.rest = rest + "insights:\n  - window: {" + window + "}\n"})),
        state_(pipeline_.plan().declaration()) {
    pipeline_.run(records);
    state_.add(pipeline_.shard(), pipeline_.batch().range_begin(), {});
  }

  [[nodiscard]] insights::Result result() const { return state_.result(0, {}); }

  // "counted/missing/late/ahead of selected"
  [[nodiscard]] std::string numbers() const {
    const insights::Result r = result();
    EXPECT_EQ(r.selected, r.counted + r.missing + r.late + r.ahead);
    return fmt::format("{}/{}/{}/{} of {}", r.counted, r.missing, r.late, r.ahead, r.selected);
  }

  [[nodiscard]] std::vector<std::string> open() const {
    std::vector<std::string> starts;
    const insights::Result all = result();
    for (const auto& window : std::get<insights::WindowResult>(all.value).open)
      starts.push_back(fmt::format("{} {}", insights::utc_text(window.start), window.counted));
    return starts;
  }

  [[nodiscard]] std::string json() const {
    record::JsonWriter writer;
    insights::write_json(result(), writer);
    return writer.take();
  }

 private:
  Pipeline pipeline_;
  insights::State state_;
};

// A record with this JSON in its field t, at a Kafka timestamp.
Given at(const std::string& time, int64_t timestamp = kNowMs) {
  return {.value = R"({"k":"a","n":1,"t":)" + time + "}", .timestamp_ms = timestamp};
}

TEST(WindowedInsights, CountByTheTimeOfAField) {
  const Windowed windowed("every: 60s, on: t, count_by: k",
                          {at("1720655200"), at("1720655230"), at("1720655267")});
  EXPECT_EQ(windowed.numbers(), "3/0/0/0 of 3");
  EXPECT_THAT(windowed.open(), ElementsAre("2024-07-10T23:47:00Z 2"));
  EXPECT_THAT(windowed.json(), HasSubstr(R"("open":[{"start":"2024-07-10T23:47:00Z",)"
                                         R"("end":"2024-07-10T23:48:00Z","counts":{"a":2}}],)"
                                         R"("closed":1)"));
}

TEST(WindowedInsights, ReadTimesAsTheyAreWritten) {
  const auto start = [](const std::string& from, const std::string& time) {
    const Windowed windowed("every: 1ms, on: t, count: records, from: " + from, {at(time)});
    return windowed.open().empty() ? "missing" : windowed.open()[0];
  };
  EXPECT_EQ(start("rfc3339", R"("2024-07-10T23:47:48.0129Z")"), "2024-07-10T23:47:48.012Z 1");
  EXPECT_EQ(start("rfc3339", R"("2024-07-11T01:47:48+02:00")"), "2024-07-10T23:47:48Z 1");
  EXPECT_EQ(start("unix_milliseconds", "1720655268007"), "2024-07-10T23:47:48.007Z 1");
  EXPECT_EQ(start("unix_microseconds", "1720655268007999"), "2024-07-10T23:47:48.007Z 1");
  EXPECT_EQ(start("'%Y-%m-%d'", R"("2024-07-10")"), "2024-07-10T00:00:00Z 1");
  EXPECT_EQ(start("unix_milliseconds", "-1"), "1969-12-31T23:59:59.999Z 1");
  EXPECT_EQ(start("rfc3339", R"("1969-12-31T23:59:59.9999Z")"), "1969-12-31T23:59:59.999Z 1");
}

TEST(WindowedInsights, TimesThatAreNoneAreMissing) {
  for (const char* time :
       {"1e300", "-1e300", "1e15", "null", "true", R"("1720655200")", "{}", "[1]", R"("")", "1.5",
        "253402300800", "-62135596801", "99999999999999999999", "1720655200.5"}) {
    const Windowed windowed("every: 60s, on: t, count_by: k", {at(time)});
    EXPECT_EQ(windowed.numbers(), "0/1/0/0 of 1") << time;
    EXPECT_THAT(windowed.open(), IsEmpty());
  }
  EXPECT_EQ(Windowed("every: 60s, on: t, count: records", {{R"({"k":"a"})"}}).numbers(),
            "0/1/0/0 of 1");
}

TEST(WindowedInsights, TheFirstAndTheLastMomentsThatThereAreCount) {
  const Windowed windowed(
      "every: 8784h, on: t, sum: n, max_ahead: 8784h",
      {at("-62135596800"), at("-1"), at("0"), at("253402300799", 253'402'300'799'000)});
  EXPECT_EQ(windowed.numbers(), "4/0/0/0 of 4");
  EXPECT_THAT(windowed.open(), ElementsAre(HasSubstr("9999-")));
  const Windowed hopping("every: 8784h, hop: 4392h, on: t, sum: n", {at("-62135596800")});
  EXPECT_THAT(hopping.open(), ElementsAre("0000-06-04T00:00:00Z 1", "0000-12-04T00:00:00Z 1"));
}

// Clocks that are wrong by centuries: back is late, ahead of the record's own time moves nothing.
TEST(WindowedInsights, CenturiesAwayAreLateOrAhead) {
  const std::string back = "-10901520000";  // 1624
  const std::string ahead = "14343897600";  // 2424
  const Windowed windowed("every: 60s, on: t, count_by: k",
                          {at("1720655200"), at(back), at(ahead), at("1720655201")});
  EXPECT_EQ(windowed.numbers(), "2/0/1/1 of 4");
  EXPECT_THAT(windowed.open(), ElementsAre("2024-07-10T23:46:00Z 2"));
}

TEST(WindowedInsights, AheadIsBeyondTheRecordsOwnTimestamp) {
  const std::string window = "every: 60s, on: t, from: unix_milliseconds, max_ahead: 5s, sum: n";
  EXPECT_EQ(Windowed(window, {at("1720655273123")}).numbers(), "1/0/0/0 of 1");
  EXPECT_EQ(Windowed(window, {at("1720655273124")}).numbers(), "0/0/0/1 of 1");
  // It lacks the number, too: its time says enough.
  EXPECT_EQ(
      Windowed(window, {{.value = R"({"t":1720655273124})", .timestamp_ms = kNowMs}}).numbers(),
      "0/0/0/1 of 1");
  // Without a timestamp there is nothing to be ahead of.
  EXPECT_EQ(Windowed(window, {at("1720655273124", -1)}).numbers(), "1/0/0/0 of 1");
  EXPECT_EQ(Windowed(window, {at("1720655273124", std::numeric_limits<int64_t>::max())}).numbers(),
            "1/0/0/0 of 1");
}

TEST(WindowedInsights, CanBeByTheRecordsTimestamp) {
  const std::string window = "every: 60s, on: {timestamp: true}, count_by: k";
  const Windowed windowed(window, {at("0"), at("1", kNowMs + 20'000)});
  EXPECT_EQ(windowed.numbers(), "2/0/0/0 of 2");
  EXPECT_THAT(windowed.open(), ElementsAre("2024-07-10T23:48:00Z 1"));
  for (const int64_t none : {int64_t{-1}, std::numeric_limits<int64_t>::max(),
                             std::numeric_limits<int64_t>::min(), int64_t{253'402'300'800'000}})
    EXPECT_EQ(Windowed(window, {at("0", none)}).numbers(), "0/1/0/0 of 1") << none;
}

TEST(WindowedInsights, ARecordThatLacksTheFieldIsMissingAndMovesTheTime) {
  const Windowed windowed("every: 60s, on: t, count_by: k",
                          {at("1720655000"),
                           {.value = R"({"t":1720655200})", .timestamp_ms = kNowMs},
                           at("1720655001")});
  EXPECT_EQ(windowed.numbers(), "1/1/1/0 of 3");
}

// Their times mean nothing where another record is asked for.
TEST(WindowedInsights, AreAboutTheRecordsThatTheySay) {
  const std::string steps = "steps:\n  - drop_if: {field: k, equals: b}\n";
  const Given dropped{.value = R"({"k":"b","t":1720655260})", .timestamp_ms = kNowMs};
  const std::vector<Given> records = {at("1720655000"), dropped, at("1720655001")};
  EXPECT_EQ(Windowed("every: 60s, on: t, count: records", records, steps).numbers(),
            "2/0/0/0 of 2");
  EXPECT_EQ(Windowed("every: 60s, on: t, count: records, of: filtered", records, steps).numbers(),
            "1/0/0/0 of 1");
  EXPECT_EQ(Windowed("every: 60s, on: t, count: records, of: consumed", records, steps).numbers(),
            "2/0/1/0 of 3");
  EXPECT_EQ(
      Windowed("every: 60s, on: t, count: records, when: {field: k, equals: a}", records).numbers(),
      "2/0/0/0 of 2");
}

TEST(WindowedInsights, OfDeadLettersThatAreNoJsonHaveNoTime) {
  const Windowed windowed("every: 60s, on: t, count: records, of: consumed",
                          {at("1720655000"), {"{"}, {std::nullopt}});
  EXPECT_EQ(windowed.numbers(), "1/2/0/0 of 3");
  EXPECT_EQ(Windowed("every: 60s, on: {timestamp: true}, count: records, of: consumed",
                     {at("1720655000"), {"{", {}, {}, kNowMs}})
                .numbers(),
            "2/0/0/0 of 2");
}

TEST(WindowedInsights, AfterReadsTheTimeOfTheOutputToo) {
  const std::string steps = "steps:\n  - rename: {t: at}\n  - lowercase: k\n";
  const std::vector<Given> records = {
      {.value = R"({"k":"A","t":1720655200})", .timestamp_ms = kNowMs}};
  const Windowed after("every: 60s, on: at, count_by: k, after: true", records, steps);
  EXPECT_EQ(after.numbers(), "1/0/0/0 of 1");
  EXPECT_THAT(after.json(), HasSubstr(R"("counts":{"a":1})"));
  EXPECT_EQ(Windowed("every: 60s, on: at, count_by: k", records, steps).numbers(), "0/1/0/0 of 1");
  EXPECT_EQ(Windowed("every: 60s, on: t, count_by: k", records, steps).numbers(), "1/0/0/0 of 1");
}

TEST(WindowedInsights, OfEveryKindKeepTheIdentity) {
  const std::vector<Given> records = {
      at("1720655000"),
      at("1720655100"),
      at("1720654000"),
      at("9720655000"),
      at("null"),
      {.value = R"({"t":1720655101})", .timestamp_ms = kNowMs},
      {.value = R"({"t":1720655102,"k":[],"n":"x"})", .timestamp_ms = kNowMs},
      {"{"}};
  for (const char* kind :
       {"count: records", "count_by: k", "count_by: [k, n]", "distinct: k", "distinct: n, by: k",
        "top: {of: k, also: {last: n}}", "hours_of_day: t", "quantiles: n", "sum: n", "min: n",
        "max: n", "mean: n", "first: n, by: k", "last: n, by: k"}) {
    for (const char* window : {"every: 60s", "every: 1h, hop: 60s", "every: 1s, grace: 50m"}) {
      const Windowed windowed(fmt::format("{}, on: t, of: consumed, {}", window, kind), records);
      const insights::Result result = windowed.result();
      EXPECT_EQ(result.selected, records.size());
      EXPECT_EQ(result.selected, result.counted + result.missing + result.late + result.ahead)
          << kind;
      EXPECT_EQ(result.ahead, 1U) << kind;
      EXPECT_GE(result.counted, 2U) << kind;
    }
  }
}

std::vector<insights::Part> parts_of(const std::string& insights) {
  return compile(config_of({.rest = "insights:\n" + insights}))->declaration().parts;
}

TEST(WindowedInsights, ShareWhatTheyReadWhereTheirWindowsAreTheSame) {
  const std::string first = "  - window: {every: 60s, on: t, count_by: k, name: a}\n";
  EXPECT_EQ(
      parts_of(first + "  - window: {every: 1m, hop: 60s, on: t, distinct: k, topic: x}\n").size(),
      1U);
  for (const char* other : {"count_by: k", "window: {every: 2m, on: t, count_by: k}",
                            "window: {every: 60s, hop: 30s, on: t, count_by: k}",
                            "window: {every: 60s, on: u, count_by: k, name: b}",
                            "window: {every: 60s, on: {timestamp: true}, count_by: k, name: b}",
                            "window: {every: 60s, on: t, from: rfc3339, count_by: k, name: b}",
                            "window: {every: 60s, on: t, grace: 1s, count_by: k, name: b}",
                            "window: {every: 60s, on: t, max_ahead: 1s, count_by: k, name: b}",
                            "window: {every: 60s, on: t, after: true, count_by: k, name: b}"}) {
    EXPECT_EQ(parts_of(first + "  - " + other + "\n").size(), 2U) << other;
  }
  // Nothing is read but the time: of the output, or not.
  EXPECT_EQ(parts_of("  - window: {every: 60s, on: t, count: records, name: a}\n"
                     "  - window: {every: 60s, on: t, count: records, after: true}\n")
                .size(),
            2U);
}

TEST(WindowedInsights, WhereAfterReadsTheTimeItChangesSomething) {
  EXPECT_THAT(Plan::compile(config_of({.rest = "insights:\n  - window: {every: 60s, on: t, count: "
                                               "records, after: true}\n"}))
                  .problems,
              IsEmpty());
}

TEST(InsightTopics, AreTheirOwn) {
  const auto plan = compile(
      config_of({.rest = "insights:\n  - {count_by: a, topic: y, every: 5s, as: {c: counts}}\n"
                         "  - window: {every: 60s, on: t, sum: n, topic: x, close_idle_after: 9s}\n"
                         "  - {count: records, topic: y}\n  - distinct: u\n"}));

  EXPECT_THAT(plan->insight_topics(), ElementsAre("x", "y"));
  EXPECT_EQ(plan->output_topics().size(), 2U);  // the output's and the dead letters'
  const auto& insights = plan->declaration().insights;
  EXPECT_EQ(insights[0].output->topic, "y");
  EXPECT_EQ(insights[0].output->every, std::chrono::seconds{5});
  ASSERT_EQ(insights[0].output->members.size(), 1U);
  EXPECT_EQ(insights[0].output->members[0].name, "c");
  EXPECT_EQ(insights[0].output->members[0].source, insights::RecordSource::kCounts);
  EXPECT_FALSE(insights[0].close_idle_after.has_value());
  EXPECT_EQ(insights[1].output->every.count(), 0);
  EXPECT_EQ(insights[1].close_idle_after, std::chrono::seconds{9});
  EXPECT_EQ(insights[2].output->every, std::chrono::seconds{60});
  EXPECT_FALSE(insights[3].output.has_value());
}

TEST(InsightTopics, MembersAreWhatTheyAreCalled) {
  using Source = insights::RecordSource;
  const auto sources = [](const std::string& insight) {
    std::vector<Source> found;
    const auto plan = compile(config_of({.rest = "insights:\n  - " + insight + "\n"}));
    for (const auto& member : plan->declaration().insights[0].output->members)
      found.push_back(member.source);
    return found;
  };
  EXPECT_THAT(
      sources("{distinct: a, topic: t, as: {a: value, b: low, c: high, d: exact, e: "
              "partitions, f: final, g: result, h: pipeline, i: insight}}"),
      ElementsAre(Source::kValue, Source::kLow, Source::kHigh, Source::kExact, Source::kPartitions,
                  Source::kFinal, Source::kResult, Source::kPipeline, Source::kInsight));
  EXPECT_THAT(sources("window: {every: 60s, on: t, distinct: a, by: b, topic: t, as: {a: by, b: "
                      "not_kept, c: topic, d: partition, e: window_start, f: window_end}}"),
              ElementsAre(Source::kBy, Source::kNotKept, Source::kTopic, Source::kPartition,
                          Source::kWindowStart, Source::kWindowEnd));
  EXPECT_THAT(sources("{top: {of: a}, topic: t, as: {a: items}}"), ElementsAre(Source::kItems));
  EXPECT_THAT(sources("{quantiles: a, topic: t, as: {a: values}}"), ElementsAre(Source::kValues));
}

TEST(WindowWords, SayWhatIsCounted) {
  const std::string words =
      compile(
          config_of({.rest = "insights:\n"
                             "  - window: {every: 60s, on: t, count_by: k}\n"
                             "  - window: {every: 1h, hop: 5m, on: user.at, from: rfc3339, grace: "
                             "30s, close_idle_after: 2m, sum: n, topic: sums, when: {field: a, "
                             "equals: 1}, of: consumed}\n"
                             "  - window: {every: 1s, on: {timestamp: true}, count: records}\n"
                             "  - {count_by: d, topic: counts, every: 90s}\n"}))
          ->describe();
  for (const char* line : {
           "count   count_by_k_per_1m: how many records by k, in windows of 1m, by t\n",
           "count   sum_n_per_1h_hop_5m: the sum of n, of all records, in windows of 1h, one every "
           "5m, by user.at (RFC 3339), open 30s longer, closed after 2m without records, if a is "
           "1; to sums\n",
           "count   count_per_1s: how many records, in windows of 1s, by the record's timestamp\n",
           "count   count_by_d: how many records by d; to counts every 90s\n",
       }) {
    EXPECT_THAT(words, HasSubstr(line));
  }
}

}  // namespace
}  // namespace millrace::plan::testing
