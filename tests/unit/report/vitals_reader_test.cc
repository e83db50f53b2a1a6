// SPDX-License-Identifier: Apache-2.0
#include "engine/report/vitals_reader.h"

#include <string>

#include <gtest/gtest.h>

namespace millrace::report {
namespace {

// Every member has a value of its own.
Vitals example() {
  Vitals vitals;
  vitals.pipeline = "p\"\x1b\n登录";
  vitals.instance = "i";
  vitals.version = "0.1.0";
  vitals.guarantee = "exactly_once";
  vitals.phase = Phase::kDraining;
  vitals.time_ms = 1'700'000'000'001;
  vitals.started_ms = 1'690'000'000'002;
  vitals.elapsed = std::chrono::duration<double>(12.5);
  vitals.polled = UINT64_MAX;
  vitals.consumed = 21;
  vitals.emitted = 22;
  vitals.filtered = 23;
  vitals.dead_lettered = 24;
  vitals.outputs = {.copies = 25, .exploded = 26, .pieces = 27, .letters_discarded = 28};
  vitals.input_bytes = 29;
  vitals.output_bytes = 30;
  vitals.uncommitted = 31;
  vitals.dead_letters = {{"parse:syntax", 32}, {"a\"b", 33}};
  PartitionVitals partition;
  partition.id = {"t", 3};
  partition.ours = false;
  partition.position = {34};
  partition.end = base::Offset{35};
  partition.lag = 36;
  partition.consumed = 37;
  partition.emitted = 38;
  partition.filtered = 39;
  partition.dead_lettered = 40;
  partition.status = Status::kWaiting;
  partition.reason = "why";
  partition.recounting = true;
  vitals.partitions = {partition, PartitionVitals{}};
  vitals.lag = 41;
  vitals.health.status = Status::kUnhealthy;
  vitals.health.instance = "all of it";
  PartitionHealth health;
  health.id = {"t", 3};
  health.status = Status::kUnhealthy;
  health.reason = "because";
  health.position = {42};
  health.lag = 43;
  health.still_for = std::chrono::milliseconds(44'500);
  vitals.health.partitions = {health};
  Alert alert;
  alert.rule.name = "many";
  alert.state = AlertState::kFiring;
  alert.value = 0.5;
  vitals.alerts = {alert};
  vitals.identity_broken = {"no"};
  vitals.samples = {{.from = {"t", 3}, .offset = {45}, .time_ms = 46, .rule = "r", .masked = "{}"}};
  uint64_t number = 47;
  for (Durations& stage : vitals.stages) {
    for (uint64_t& count : stage.counts) count = number++;
    stage.sum_seconds = static_cast<double>(number++);
  }
  for (uint64_t& count : vitals.commits.counts) count = number++;
  vitals.commits.sum_seconds = 0.25;
  vitals.batches = number++;
  vitals.batches_processing = number++;
  vitals.batches_queued = number++;
  vitals.batches_unsettled = number++;
  vitals.memory_bytes = number++;
  vitals.batch_memory_bytes = number++;
  vitals.batch_memory_used = number++;
  vitals.state_bytes = number++;
  vitals.budget_spent = true;
  vitals.commits_failed = number++;
  vitals.since_commit = std::chrono::duration<double>(0.125);
  vitals.commit_every = std::chrono::duration<double>(0.1);
  vitals.rebalances = number++;
  vitals.rewinds = number++;
  ClientVitals client;
  client.name = "consumer";
  client.brokers_up = number++;
  client.brokers = number++;
  client.queued_messages = number++;
  client.queued_bytes = number++;
  client.sent_bytes = number++;
  client.received_bytes = number++;
  client.requests = number++;
  client.request_timeouts = number++;
  client.request_errors = number++;
  client.round_trip_seconds = 0.5;
  client.throttle_seconds = 0.75;
  vitals.clients = {client};
  vitals.cpu = std::chrono::duration<double>(7.5);
  vitals.rss_bytes = number++;
  vitals.peak_rss_bytes = number++;
  return vitals;
}

TEST(VitalsReader, ReadsAllThatIsWritten) {
  const std::string json = to_json(example());

  auto read = read_vitals(json);

  ASSERT_TRUE(read.ok()) << read.message();
  EXPECT_EQ(to_json(read.value()), json);
  EXPECT_EQ(read.value().pipeline, example().pipeline);
}

TEST(VitalsReader, ReadsWhatIsEmpty) {
  const std::string json = to_json(Vitals{});
  auto read = read_vitals(json);
  ASSERT_TRUE(read.ok()) << read.message();
  EXPECT_EQ(to_json(read.value()), json);
}

TEST(VitalsReader, RefusesWhatAreNoVitals) {
  for (const char* text : {"", "[]", "null", "{", "{}", R"({"version":2,"totals":{}})",
                           R"({"version":1})", R"({"version":1,"totals":[]})", "\xFF"})
    EXPECT_FALSE(read_vitals(text).ok()) << text;
}

TEST(VitalsReader, PassesOverWhatItDoesNotKnow) {
  auto read = read_vitals(
      R"({"version":1,"new":[{}],"totals":{"consumed":"x","emitted":-1,"filtered":1e99},)"
      R"("phase":"asleep","partitions":[1,{"lag":7,"partition":99999999999}],"seconds":-1})");
  ASSERT_TRUE(read.ok()) << read.message();
  EXPECT_EQ(read.value().consumed, 0U);
  EXPECT_EQ(read.value().emitted, 0U);
  EXPECT_EQ(read.value().elapsed.count(), 0);
  ASSERT_EQ(read.value().partitions.size(), 2U);
  EXPECT_EQ(read.value().partitions[1].lag, 7U);
  EXPECT_EQ(read.value().partitions[1].id.partition, 0);
}

TEST(VitalsReader, CountsBetweenOtherBoundsSayNothing) {
  std::string json = to_json(example());
  const size_t at = json.find("\"bounds\":[") + 10;
  json.insert(at, "0.00001,");
  auto read = read_vitals(json);
  ASSERT_TRUE(read.ok()) << read.message();
  EXPECT_EQ(read.value().commits.count(), 0U);
  EXPECT_EQ(read.value().consumed, 21U);
}

// Every cut of a text, as a connection that broke leaves it.
TEST(VitalsReader, NoStartOfATextIsTakenForTheWhole) {
  const std::string json = to_json(example());
  for (size_t size = 0; size < json.size(); ++size)
    EXPECT_FALSE(read_vitals(std::string_view(json).substr(0, size)).ok()) << size;
}

}  // namespace
}  // namespace millrace::report
