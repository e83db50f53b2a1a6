// SPDX-License-Identifier: Apache-2.0
#include "engine/report/vitals.h"

#include <string>

#include <gtest/gtest.h>
#include <simdjson.h>

namespace millrace::report {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Durations, CountsUpToAndWithABound) {
  Durations durations;
  durations.add(microseconds{100});  // the first bound
  durations.add(microseconds{101});
  durations.add(milliseconds{-1});  // a clock that went backwards
  durations.add(seconds{31});       // above them all

  EXPECT_EQ(durations.counts.front(), 2U);
  EXPECT_EQ(durations.counts[1], 1U);
  EXPECT_EQ(durations.counts.back(), 1U);
  EXPECT_EQ(durations.count(), 4U);
  EXPECT_DOUBLE_EQ(durations.sum_seconds, 31.000'201);
}

TEST(Durations, AddUp) {
  Durations one;
  one.add(milliseconds{1});
  Durations other;
  other.add(milliseconds{1});
  other.add(seconds{2});
  one.add(other);

  EXPECT_EQ(one.count(), 3U);
  EXPECT_EQ(one.counts[3], 2U);
  EXPECT_DOUBLE_EQ(one.sum_seconds, 2.002);
}

TEST(Durations, QuantileIsTheBoundWhereTheShareEnds) {
  Durations durations;
  for (int i = 0; i < 98; ++i) durations.add(milliseconds{2});
  durations.add(milliseconds{60});
  durations.add(milliseconds{200});

  EXPECT_EQ(durations.quantile(0), 0.0025);
  EXPECT_EQ(durations.quantile(0.5), 0.0025);
  EXPECT_EQ(durations.quantile(0.98), 0.0025);
  EXPECT_EQ(durations.quantile(0.99), 0.1);
  EXPECT_EQ(durations.quantile(1), 0.25);
}

TEST(Durations, QuantileOfNothingIsNothingAndOfTheUnboundedTheLastBound) {
  Durations durations;
  EXPECT_EQ(durations.quantile(0.5), 0.0);
  durations.add(seconds{3'000});
  EXPECT_EQ(durations.quantile(0.5), Durations::kBounds.back());
}

TEST(VitalsJson, OfNothingSaysWhatIsNotKnown) {
  Vitals vitals;
  vitals.pipeline = "p";

  const std::string none = R"({"count":0,"sum_seconds":0,"p50":0,"p99":0,)"
                           R"("counts":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]})";
  EXPECT_EQ(to_json(vitals),
            R"({"version":1,"pipeline":"p","instance":null,"program":"","guarantee":"",)"
            R"("phase":"running","time_ms":0,"started_ms":0,"seconds":0,)"
            R"("totals":{"polled":0,"consumed":0,"emitted":0,"filtered":0,"dead_lettered":0,)"
            R"("copies":0,"exploded":0,"pieces":0,"dead_letters_discarded":0,)"
            R"("input_bytes":0,"output_bytes":0,"uncommitted":0},"dead_letters":{},"lag":null,)"
            R"("partitions":[],"health":{"status":"healthy","instance":null,"partitions":[]},)"
            R"("alerts":[],"identity_broken":[],"samples":[],)"
            R"("bounds":[1e-04,0.00025,5e-04,0.001,0.0025,0.005,0.01,0.025,0.05,0.1,0.25,0.5,)"
            R"(1,2.5,5,10,30],"stages":{"wait":)" +
                none + R"(,"process":)" + none + R"(,"order":)" + none + R"(,"deliver":)" + none +
                R"(,"settle":)" + none +
                R"(},"batches":{"settled":0,"processing":0,"queued":0,"unsettled":0},)"
                R"("memory":{"limit_bytes":0,"batch_bytes":0,"batch_used_bytes":0,"state_bytes":0,)"
                R"("budget_spent":false,"rss_bytes":0,"peak_rss_bytes":0},"commits":)" +
                none.substr(0, none.size() - 1) +
                R"(,"failed":0,"since_seconds":null,"every_seconds":0},)"
                R"("rebalances":0,"rewinds":0,"clients":[],"cpu_seconds":0})");
}

Vitals example() {
  Vitals vitals;
  vitals.pipeline = "a \"pipeline\"\n\xFF";
  vitals.instance = "engine-0";
  vitals.version = "0.1.0";
  vitals.guarantee = "exactly_once";
  vitals.phase = Phase::kDraining;
  vitals.time_ms = 1'700'000'001'500;
  vitals.started_ms = 1'700'000'000'000;
  vitals.elapsed = milliseconds{1'500};
  vitals.polled = 110;
  vitals.consumed = 100;
  vitals.emitted = 90;
  vitals.filtered = 3;
  vitals.dead_lettered = 7;
  vitals.outputs = {.copies = 1, .exploded = 2, .pieces = 5, .letters_discarded = 4};
  vitals.input_bytes = 20'000;
  vitals.output_bytes = 30'000;
  vitals.uncommitted = 12;
  vitals.dead_letters = {{"parse:syntax", 7}};
  vitals.partitions.push_back({.id = {"in", 3},
                               .ours = true,
                               .position = base::Offset{100},
                               .end = base::Offset{142},
                               .lag = 42,
                               .consumed = 100,
                               .emitted = 90,
                               .filtered = 3,
                               .dead_lettered = 7,
                               .status = Status::kWaiting,
                               .reason = "an open transaction",
                               .recounting = true});
  vitals.lag = 42;
  vitals.health.status = Status::kWaiting;
  vitals.identity_broken = {"in/3: 1 and 2"};
  vitals.samples.push_back({.from = {"in", 3},
                            .offset = base::Offset{17},
                            .time_ms = 1'700'000'001'000,
                            .rule = "parse:syntax",
                            .masked = "12 bytes that are no JSON"});
  vitals.batches = 4;
  vitals.batches_processing = 3;
  vitals.batches_queued = 2;
  vitals.batches_unsettled = 1;
  vitals.memory_bytes = 1'000;
  vitals.batch_memory_bytes = 500;
  vitals.batch_memory_used = 50;
  vitals.state_bytes = 7;
  vitals.budget_spent = true;
  vitals.stages[static_cast<size_t>(Stage::kOrder)].add(microseconds{1'500});
  vitals.commits.add(milliseconds{20});
  vitals.commits_failed = 1;
  vitals.since_commit = milliseconds{80};
  vitals.commit_every = milliseconds{100};
  vitals.rebalances = 2;
  vitals.rewinds = 3;
  vitals.clients.push_back({.name = "consumer",
                            .brokers_up = 1,
                            .brokers = 2,
                            .queued_messages = 3,
                            .queued_bytes = 4,
                            .sent_bytes = 5,
                            .received_bytes = 6,
                            .requests = 7,
                            .request_timeouts = 8,
                            .request_errors = 9,
                            .round_trip_seconds = 0.25,
                            .throttle_seconds = 0.5});
  vitals.cpu = milliseconds{750};
  vitals.rss_bytes = 60;
  vitals.peak_rss_bytes = 70;
  return vitals;
}

TEST(VitalsJson, SaysEverything) {
  const std::string json = to_json(example());
  const auto has = [&json](const std::string& part) {
    EXPECT_NE(json.find(part), std::string::npos) << part << "\nis not in\n" << json;
  };
  has(R"("pipeline":"a \"pipeline\"\n)"
      "\uFFFD"
      R"(","instance":"engine-0","program":"0.1.0","guarantee":"exactly_once",)"
      R"("phase":"draining","time_ms":1700000001500,"started_ms":1700000000000,"seconds":1.5,)"
      R"("totals":{"polled":110,"consumed":100,"emitted":90,"filtered":3,"dead_lettered":7,)"
      R"("copies":1,"exploded":2,"pieces":5,"dead_letters_discarded":4,)"
      R"("input_bytes":20000,"output_bytes":30000,"uncommitted":12},)"
      R"("dead_letters":{"parse:syntax":7},"lag":42,"partitions":[)"
      R"({"topic":"in","partition":3,"ours":true,"position":100,"end":142,"lag":42,)"
      R"("consumed":100,"emitted":90,"filtered":3,"dead_lettered":7,"status":"waiting",)"
      R"("reason":"an open transaction","recounting":true}],"health":{"status":"waiting")");
  has(R"("identity_broken":["in/3: 1 and 2"],"samples":[{"topic":"in","partition":3,"offset":17,)"
      R"("time_ms":1700000001000,"rule":"parse:syntax","masked":"12 bytes that are no JSON"}],)");
  has(R"("order":{"count":1,"sum_seconds":0.0015,"p50":0.0025,"p99":0.0025,)"
      R"("counts":[0,0,0,0,1,0,0,0,0,0,0,0,0,0,0,0,0,0]})");
  has(R"("batches":{"settled":4,"processing":3,"queued":2,"unsettled":1},)"
      R"("memory":{"limit_bytes":1000,"batch_bytes":500,"batch_used_bytes":50,"state_bytes":7,)"
      R"("budget_spent":true,"rss_bytes":60,"peak_rss_bytes":70},)"
      R"("commits":{"count":1,"sum_seconds":0.02,"p50":0.025,"p99":0.025,)"
      R"("counts":[0,0,0,0,0,0,0,1,0,0,0,0,0,0,0,0,0,0],)"
      R"("failed":1,"since_seconds":0.08,"every_seconds":0.1},"rebalances":2,"rewinds":3,)"
      R"("clients":[{"name":"consumer","brokers_up":1,"brokers":2,"queued_messages":3,)"
      R"("queued_bytes":4,"sent_bytes":5,"received_bytes":6,"requests":7,"request_timeouts":8,)"
      R"("request_errors":9,"round_trip_seconds":0.25,"throttle_seconds":0.5}],)"
      R"("cpu_seconds":0.75})");
}

TEST(VitalsJson, IsOneLineThatReadsBack) {
  const std::string json = to_json(example());
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  ASSERT_EQ(parser.parse(json).get(root), simdjson::SUCCESS) << json;

  EXPECT_EQ(json.find('\n'), std::string::npos);
  EXPECT_EQ(simdjson::dom::array{root["bounds"]}.size() + 1,
            simdjson::dom::array{root["commits"]["counts"]}.size());
}

}  // namespace
}  // namespace millrace::report
