// SPDX-License-Identifier: Apache-2.0
#include "engine/serve/metrics.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::serve {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

report::Vitals some_vitals() {
  report::Vitals vitals;
  vitals.pipeline = "logins";
  vitals.instance = "a";
  vitals.version = "1";
  vitals.guarantee = "exactly_once";
  vitals.started_ms = 1'500;
  vitals.consumed = 9'007'199'254'740'991;
  vitals.emitted = 7;
  vitals.filtered = 2;
  vitals.dead_lettered = 1;
  vitals.dead_letters["schema:/required/a\"b"] = 1;
  vitals.lag = 12;
  report::PartitionVitals partition;
  partition.id = {"in", 3};
  partition.position = base::Offset{40};
  partition.end = base::Offset{52};
  partition.lag = 12;
  partition.emitted = 7;
  partition.status = report::Status::kUnhealthy;
  vitals.partitions.push_back(partition);
  partition.id = {"in", 4};
  partition.ours = false;
  vitals.partitions.push_back(partition);
  report::Alert alert;
  alert.rule.name = "many";
  alert.state = report::AlertState::kFiring;
  alert.value = 0.5;
  vitals.alerts.push_back(alert);
  vitals.stages[0].add(std::chrono::microseconds(200));
  vitals.stages[0].add(std::chrono::seconds(60));
  vitals.since_commit = std::chrono::milliseconds(250);
  vitals.clients.push_back({});
  vitals.clients.back().name = "consumer";
  return vitals;
}

std::vector<insights::Result> some_results() {
  static const insights::Insight users = [] {
    insights::Insight insight;
    insight.name = "users";
    return insight;
  }();
  insights::Result result;
  result.insight = &users;
  result.value = insights::CountResult{5};
  return {result};
}

TEST(Metrics, CarryTheNumbersOfTheVitals) {
  const report::Vitals vitals = some_vitals();
  const auto results = some_results();
  const std::string text = to_metrics(&vitals, &results, true);
  for (const std::string line : {
           "# TYPE millrace_records_total counter",
           R"(millrace_info{pipeline="logins",copy="a",version="1",guarantee="exactly_once"} 1)",
           "millrace_ready 1",
           "millrace_run_start_time_seconds 1.5",
           "millrace_records_consumed_total 9007199254740991",
           R"(millrace_records_total{outcome="emitted"} 7)",
           R"(millrace_records_total{outcome="filtered"} 2)",
           R"(millrace_records_total{outcome="dead_lettered"} 1)",
           R"(millrace_dead_letters_total{rule="schema:/required/a\"b"} 1)",
           "millrace_lag_offsets 12",
           R"(millrace_partition_lag_offsets{topic="in",partition="3"} 12)",
           R"(millrace_partition_health{topic="in",partition="3"} 2)",
           R"(millrace_partition_assigned{topic="in",partition="4"} 0)",
           R"(millrace_alert_state{alert="many"} 2)",
           R"(millrace_alert_value{alert="many"} 0.5)",
           R"(millrace_insight_value{insight="users"} 5)",
           R"(millrace_batch_stage_seconds_bucket{stage="wait",le="0.0001"} 0)",
           R"(millrace_batch_stage_seconds_bucket{stage="wait",le="0.00025"} 1)",
           R"(millrace_batch_stage_seconds_bucket{stage="wait",le="30"} 1)",
           R"(millrace_batch_stage_seconds_bucket{stage="wait",le="+Inf"} 2)",
           R"(millrace_batch_stage_seconds_count{stage="wait"} 2)",
           "millrace_commit_age_seconds 0.25",
           R"(millrace_phase{phase="running"} 1)",
           R"(millrace_phase{phase="starting"} 0)",
       }) {
    EXPECT_THAT("\n" + text, HasSubstr("\n" + line + "\n"));
  }
  // Another member's position is not ours to say.
  EXPECT_THAT(text,
              Not(HasSubstr(R"(millrace_partition_position_offset{topic="in",partition="4"})")));
}

TEST(Metrics, OfWhatHasNotStartedSayThat) {
  const std::string text = to_metrics(nullptr, nullptr, false);
  EXPECT_THAT(text, HasSubstr("millrace_phase{phase=\"starting\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("millrace_ready 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("millrace_records")));
}

// So that nobody reads of a metric here that never comes out.
TEST(Metrics, AllOfTheTableComeOut) {
  const report::Vitals vitals = some_vitals();
  const auto results = some_results();
  std::istringstream lines(to_metrics(&vitals, &results, true));
  std::set<std::string> seen;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("# TYPE ", 0) == 0) seen.insert(line.substr(7, line.rfind(' ') - 7));
  }
  std::set<std::string> known;
  for (const Metric& metric : metrics()) known.emplace(metric.name);
  EXPECT_EQ(seen, known);
  EXPECT_EQ(known.size(), metrics().size());
}

TEST(Metrics, HaveNamesAsPrometheusWantsThem) {
  for (const Metric& metric : metrics()) {
    const std::string name(metric.name);
    EXPECT_EQ(name.ends_with("_total"), metric.type == MetricType::kCounter) << name;
    EXPECT_TRUE(std::regex_match(name, std::regex("(millrace|process)(_[a-z]+)+"))) << name;
    EXPECT_TRUE(metric.help.ends_with(".")) << name;
  }
}

// docs/metrics.md and the code hold each other: every row is a metric, and every metric a row.
TEST(Metrics, AreThoseOfTheDocument) {
  std::ifstream file(MILLRACE_DOCS_DIR "/metrics.md");
  ASSERT_TRUE(file.is_open());
  std::map<std::string, std::string> documented;
  const std::regex row(R"(\| `([a-z_]+)` \| (\w+) \| (.*?) \| (.*) \|)");
  for (std::string line; std::getline(file, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) continue;
    EXPECT_FALSE(documented.contains(match[1])) << match[1] << " stands there twice";
    documented[match[1]] = match[2].str() + "; " + match[3].str() + "; " + match[4].str();
  }
  std::map<std::string, std::string> coded;
  for (const Metric& metric : metrics()) {
    std::string labels;
    std::istringstream names{std::string(metric.labels)};
    for (std::string name; std::getline(names, name, ',');)
      labels += (labels.empty() ? "`" : ", `") + name + "`";
    coded[std::string(metric.name)] =
        std::string(name_of(metric.type)) + "; " + labels + "; " + std::string(metric.help);
  }
  EXPECT_EQ(documented, coded);
}

}  // namespace
}  // namespace millrace::serve
