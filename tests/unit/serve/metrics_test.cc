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

// Each number is another one, so that two that are swapped are seen.
report::Vitals some_vitals() {
  report::Vitals vitals;
  vitals.pipeline = "logins";
  vitals.instance = "a";
  vitals.version = "1";
  vitals.guarantee = "exactly_once";
  vitals.phase = report::Phase::kDraining;
  vitals.started_ms = 1'500;
  vitals.polled = 101;
  vitals.consumed = 9'007'199'254'740'991;
  vitals.emitted = 102;
  vitals.filtered = 103;
  vitals.dead_lettered = 104;
  vitals.dead_letters["schema:/required/a\"b"] = 105;
  vitals.outputs = {106, 107, 108, 109};
  vitals.input_bytes = 110;
  vitals.output_bytes = 111;
  vitals.uncommitted = 112;
  vitals.lag = 113;
  report::PartitionVitals partition;
  partition.id = {"in", 3};
  partition.position = base::Offset{114};
  partition.end = base::Offset{115};
  partition.lag = 116;
  partition.emitted = 117;
  partition.filtered = 118;
  partition.dead_lettered = 119;
  partition.status = report::Status::kUnhealthy;
  vitals.partitions.push_back(partition);
  partition.id = {"in", 4};
  partition.ours = false;
  partition.recounting = true;
  partition.emitted = 120;
  partition.filtered = 121;
  partition.dead_lettered = 122;
  partition.status = report::Status::kHealthy;
  vitals.partitions.push_back(partition);
  vitals.health.status = report::Status::kWaiting;
  report::Alert alert;
  alert.rule.name = "many";
  alert.state = report::AlertState::kFiring;
  alert.value = 0.5;
  vitals.alerts.push_back(alert);
  vitals.identity_broken = {"one", "two", "three"};
  for (size_t i = 0; i < report::kStages; ++i) {
    for (size_t n = 0; n <= i; ++n) vitals.stages[i].add(std::chrono::microseconds(200));
    vitals.stages[i].add(std::chrono::seconds(60));
  }
  vitals.batches = 123;
  vitals.batches_processing = 124;
  vitals.batches_queued = 125;
  vitals.batches_unsettled = 126;
  vitals.memory_bytes = 127;
  vitals.batch_memory_bytes = 128;
  vitals.batch_memory_used = 129;
  vitals.state_bytes = 130;
  vitals.budget_spent = true;
  for (int n = 0; n < 7; ++n) vitals.commits.add(std::chrono::seconds(1));
  vitals.commits_failed = 131;
  vitals.since_commit = std::chrono::milliseconds(250);
  vitals.commit_every = std::chrono::milliseconds(750);
  vitals.rebalances = 132;
  vitals.rewinds = 133;
  report::ClientVitals client;
  client.name = "consumer";
  client.brokers_up = 134;
  client.brokers = 135;
  client.queued_messages = 136;
  client.queued_bytes = 137;
  client.sent_bytes = 138;
  client.received_bytes = 139;
  client.requests = 140;
  client.request_timeouts = 141;
  client.request_errors = 142;
  client.round_trip_seconds = 0.125;
  client.throttle_seconds = 0.0625;
  vitals.clients.push_back(client);
  vitals.cpu = std::chrono::milliseconds(3'500);
  vitals.rss_bytes = 143;
  vitals.peak_rss_bytes = 144;
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

// The samples, but for those of the histograms.
std::vector<std::string> samples_of(const std::string& text) {
  std::vector<std::string> samples;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::string name = line.substr(0, line.find_first_of("{ "));
    if (line.starts_with('#') || name == "millrace_batch_stage_seconds_bucket" ||
        name == "millrace_commit_seconds_bucket") {
      continue;
    }
    samples.push_back(line);
  }
  return samples;
}

TEST(Metrics, CarryTheNumbersOfTheVitals) {
  const report::Vitals vitals = some_vitals();
  const auto results = some_results();
  const std::vector<std::string> expected{
      R"(millrace_info{pipeline="logins",copy="a",version="1",guarantee="exactly_once"} 1)",
      "millrace_ready 1",
      R"(millrace_phase{phase="starting"} 0)",
      R"(millrace_phase{phase="running"} 0)",
      R"(millrace_phase{phase="draining"} 1)",
      R"(millrace_phase{phase="finished"} 0)",
      "millrace_run_start_time_seconds 1.5",
      "millrace_records_polled_total 101",
      "millrace_records_consumed_total 9007199254740991",
      R"(millrace_records_total{outcome="emitted"} 102)",
      R"(millrace_records_total{outcome="filtered"} 103)",
      R"(millrace_records_total{outcome="dead_lettered"} 104)",
      R"(millrace_dead_letters_total{rule="schema:/required/a\"b"} 105)",
      "millrace_dead_letters_discarded_total 109",
      "millrace_copies_total 106",
      "millrace_records_exploded_total 107",
      "millrace_pieces_total 108",
      "millrace_input_bytes_total 110",
      "millrace_output_bytes_total 111",
      "millrace_lag_offsets 113",
      "millrace_uncommitted_offsets 112",
      R"(millrace_partition_assigned{topic="in",partition="3"} 1)",
      R"(millrace_partition_assigned{topic="in",partition="4"} 0)",
      R"(millrace_partition_records_total{topic="in",partition="3",outcome="emitted"} 117)",
      R"(millrace_partition_records_total{topic="in",partition="3",outcome="filtered"} 118)",
      R"(millrace_partition_records_total{topic="in",partition="3",outcome="dead_lettered"} 119)",
      R"(millrace_partition_records_total{topic="in",partition="4",outcome="emitted"} 120)",
      R"(millrace_partition_records_total{topic="in",partition="4",outcome="filtered"} 121)",
      R"(millrace_partition_records_total{topic="in",partition="4",outcome="dead_lettered"} 122)",
      // Another member's position is not ours to say.
      R"(millrace_partition_position_offset{topic="in",partition="3"} 114)",
      R"(millrace_partition_end_offset{topic="in",partition="3"} 115)",
      R"(millrace_partition_lag_offsets{topic="in",partition="3"} 116)",
      R"(millrace_partition_health{topic="in",partition="3"} 2)",
      R"(millrace_partition_health{topic="in",partition="4"} 0)",
      R"(millrace_partition_recounting{topic="in",partition="3"} 0)",
      R"(millrace_partition_recounting{topic="in",partition="4"} 1)",
      "millrace_health 1",
      "millrace_identity_broken 3",
      R"(millrace_alert_state{alert="many"} 2)",
      R"(millrace_alert_value{alert="many"} 0.5)",
      R"(millrace_insight_value{insight="users"} 5)",
      R"(millrace_batch_stage_seconds_count{stage="wait"} 2)",
      R"(millrace_batch_stage_seconds_count{stage="process"} 3)",
      R"(millrace_batch_stage_seconds_count{stage="order"} 4)",
      R"(millrace_batch_stage_seconds_count{stage="deliver"} 5)",
      R"(millrace_batch_stage_seconds_count{stage="settle"} 6)",
      R"(millrace_batch_stage_seconds_sum{stage="wait"} 60.0002)",
      R"(millrace_batch_stage_seconds_sum{stage="process"} 60.0004)",
      R"(millrace_batch_stage_seconds_sum{stage="order"} 60.0006)",
      R"(millrace_batch_stage_seconds_sum{stage="deliver"} 60.0008)",
      R"(millrace_batch_stage_seconds_sum{stage="settle"} 60.001)",
      "millrace_batches_settled_total 123",
      R"(millrace_batches{place="processing"} 124)",
      R"(millrace_batches{place="queued"} 125)",
      R"(millrace_batches{place="unsettled"} 126)",
      "millrace_memory_limit_bytes 127",
      "millrace_batch_memory_limit_bytes 128",
      "millrace_batch_memory_bytes 129",
      "millrace_memory_budget_spent 1",
      "millrace_state_bytes 130",
      "millrace_commit_seconds_count 7",
      "millrace_commit_seconds_sum 7",
      "millrace_commits_failed_total 131",
      "millrace_commit_age_seconds 0.25",
      "millrace_commit_interval_seconds 0.75",
      "millrace_rebalances_total 132",
      "millrace_rewinds_total 133",
      R"(millrace_client_brokers{client="consumer"} 135)",
      R"(millrace_client_brokers_up{client="consumer"} 134)",
      R"(millrace_client_queued_messages{client="consumer"} 136)",
      R"(millrace_client_queued_bytes{client="consumer"} 137)",
      R"(millrace_client_sent_bytes_total{client="consumer"} 138)",
      R"(millrace_client_received_bytes_total{client="consumer"} 139)",
      R"(millrace_client_requests_total{client="consumer"} 140)",
      R"(millrace_client_request_timeouts_total{client="consumer"} 141)",
      R"(millrace_client_request_errors_total{client="consumer"} 142)",
      R"(millrace_client_round_trip_seconds{client="consumer"} 0.125)",
      R"(millrace_client_throttle_seconds{client="consumer"} 0.0625)",
      "process_start_time_seconds 1.5",
      "process_cpu_seconds_total 3.5",
      "process_resident_memory_bytes 143",
      "millrace_peak_resident_memory_bytes 144",
  };
  EXPECT_THAT(samples_of(to_metrics(&vitals, &results, true)),
              ::testing::UnorderedElementsAreArray(expected));
}

TEST(Metrics, HaveHistogramsThatPrometheusCanRead) {
  const report::Vitals vitals = some_vitals();
  const std::string text = to_metrics(&vitals, nullptr, true);
  for (const std::string line : {
           "# TYPE millrace_batch_stage_seconds histogram",
           R"(millrace_batch_stage_seconds_bucket{stage="wait",le="0.0001"} 0)",
           R"(millrace_batch_stage_seconds_bucket{stage="wait",le="0.00025"} 1)",
           R"(millrace_batch_stage_seconds_bucket{stage="wait",le="30"} 1)",
           R"(millrace_batch_stage_seconds_bucket{stage="wait",le="+Inf"} 2)",
           R"(millrace_commit_seconds_bucket{le="0.5"} 0)",
           R"(millrace_commit_seconds_bucket{le="1"} 7)",
       }) {
    EXPECT_THAT("\n" + text, HasSubstr("\n" + line + "\n"));
  }
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
