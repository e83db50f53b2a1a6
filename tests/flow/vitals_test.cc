// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/flow/letter_samples.h"
#include "engine/flow/settled_batches.h"
#include "tests/flow/flow_fixture.h"

namespace millrace::tests {
namespace {

using report::DeadLetterSample;
using report::Phase;
using report::Stage;
using std::chrono::milliseconds;
using Time = std::chrono::steady_clock::time_point;

TEST(SettledBatches, StageTimesAddUpToTheWholeLife) {
  const insights::Declaration declaration;
  flow::BatchInFlight batch(declaration);
  const Time begin{std::chrono::hours{1}};
  batch.read = begin;
  batch.begun = begin + milliseconds{1};
  batch.processed = begin + milliseconds{3};
  batch.handed_over = begin + milliseconds{7};
  batch.taken = begin + milliseconds{15};
  batch.output_bytes = 40;
  flow::SettledBatches settled;
  settled.add(batch, begin + milliseconds{31});
  settled.add(batch, begin + milliseconds{31});

  const std::vector<double> each{0.001, 0.002, 0.004, 0.008, 0.016};
  double sum = 0;
  for (size_t stage = 0; stage < report::kStages; ++stage) {
    EXPECT_EQ(settled.stages[stage].count(), 2U);
    EXPECT_NEAR(settled.stages[stage].sum_seconds, 2 * each[stage], 1e-9) << stage;
    sum += settled.stages[stage].sum_seconds;
  }
  EXPECT_NEAR(sum, 2 * 0.031, 1e-9);
  EXPECT_EQ(settled.batches, 2U);
  EXPECT_EQ(settled.output_bytes, 80U);
}

// Of a run over fakes, by either guarantee.
void check_counts(FlowFixture& fixture) {
  size_t input_bytes = 0;
  std::vector<FakeRecord> all = records(0, 500, 10);
  for (const FakeRecord& record : all) input_bytes += record.value->size();
  fixture.add(0, std::move(all));
  const Time begin = std::chrono::steady_clock::now();
  fixture.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;

  const flow::FlowVitals vitals = fixture.flow().vitals();
  EXPECT_EQ(vitals.phase, Phase::kFinished);
  EXPECT_GE(vitals.settled.batches, 500U / 16);
  EXPECT_EQ(vitals.batches_processed, vitals.settled.batches);
  for (const report::Durations& stage : vitals.settled.stages) {
    EXPECT_EQ(stage.count(), vitals.settled.batches);
    EXPECT_LE(stage.sum_seconds, took.count() * static_cast<double>(vitals.settled.batches));
  }
  EXPECT_GT(vitals.settled.stages[static_cast<size_t>(Stage::kProcess)].sum_seconds, 0.0);
  size_t output_bytes = 0;
  for (const auto& [place, sent] : fixture.sink.delivered()) {
    for (const FakeSink::Sent& one : sent)
      output_bytes += one.key.value_or("").size() + one.value.value_or("").size();
  }
  EXPECT_EQ(vitals.settled.input_bytes, input_bytes);
  EXPECT_EQ(vitals.settled.output_bytes, output_bytes);
  EXPECT_EQ(vitals.batches_processing + vitals.batches_queued + vitals.batches_unsettled, 0U);
  EXPECT_EQ(vitals.memory_charged, 0U);
  EXPECT_EQ(vitals.memory_limit, fixture.options.batch_memory);
  EXPECT_GE(vitals.commits.times.count(), 1U);
  EXPECT_EQ(vitals.commits.failed, 0U);
  EXPECT_TRUE(vitals.commits.last);
  EXPECT_EQ(vitals.rebalances, 1U);
  EXPECT_EQ(vitals.rewinds, 0U);
  // The accounts outlive the run, for who looks then.
  EXPECT_EQ(fixture.flow().accounts().accounts.at(0).consumed, 500U);
}

TEST(FlowVitals, OfAtLeastOnceCountWhatSettled) {
  FlowFixture fixture;
  check_counts(fixture);
}

TEST(FlowVitals, OfExactlyOnceCountWhatSettled) {
  FlowFixture fixture;
  fixture.exactly_once();
  check_counts(fixture);
}

TEST(FlowVitals, OfABatchThatIsReadAgainCountItOnce) {
  FlowFixture fixture;
  fixture.sink.fail_value("\"n\":250,", 1);
  fixture.add(0, records(0, 500));
  fixture.run();

  const flow::FlowVitals vitals = fixture.flow().vitals();
  EXPECT_EQ(vitals.rewinds, 1U);
  size_t input_bytes = 0;
  for (const FakeRecord& record : records(0, 500)) input_bytes += record.value->size();
  EXPECT_EQ(vitals.settled.input_bytes, input_bytes);
}

TEST(FlowVitals, CountCommitsThatFailed) {
  FlowFixture fixture;
  fixture.committer.fail_next = 2;
  fixture.add(0, records(0, 100));
  fixture.run();

  const flow::FlowVitals vitals = fixture.flow().vitals();
  EXPECT_EQ(vitals.commits.failed, 2U);
  EXPECT_GE(vitals.commits.times.count(), 1U);
}

TEST(FlowVitals, TimeCommitsUntilTheirAnswer) {
  FlowFixture fixture;
  std::optional<Time> asked;
  std::chrono::duration<double> waited{0};
  fixture.committer.on_poll = [&] {
    if (waited >= milliseconds{20}) return;  // of the first one
    const Time now = std::chrono::steady_clock::now();
    if (!asked) asked = now;
    waited = now - *asked;
    fixture.committer.mute = waited < milliseconds{20};
  };
  fixture.add(0, records(0, 100));
  fixture.run();

  const flow::FlowVitals vitals = fixture.flow().vitals();
  EXPECT_GE(waited, milliseconds{20});
  EXPECT_GE(vitals.commits.times.sum_seconds, waited.count());
}

TEST(FlowVitals, CountRebalances) {
  FlowFixture fixture;
  fixture.options.until.reset();
  fixture.source.add_partition("in", 0, records(0, 200));
  fixture.start();
  fixture.sink.wait_for_sent(200);
  fixture.source.rebalance();
  while (fixture.flow().vitals().rebalances < 2) std::this_thread::yield();
  fixture.flow().stop("SIGINT");
  fixture.finish();

  EXPECT_EQ(fixture.flow().vitals().rebalances, 2U);
}

TEST(FlowVitals, WhileItDrainsShowWhatIsLeft) {
  FlowFixture fixture;
  fixture.options.until.reset();
  fixture.sink.cork();
  fixture.source.add_partition("in", 0, records(0, 160));
  fixture.start();
  fixture.sink.wait_for_sent(160);
  EXPECT_EQ(fixture.flow().vitals().phase, Phase::kRunning);
  fixture.flow().stop("SIGINT");
  while (fixture.flow().vitals().phase == Phase::kRunning) std::this_thread::yield();

  const flow::FlowVitals draining = fixture.flow().vitals();
  EXPECT_EQ(draining.phase, Phase::kDraining);
  EXPECT_GE(draining.batches_unsettled, 10U);
  EXPECT_GT(draining.memory_charged, 0U);
  EXPECT_EQ(draining.settled.batches, 0U);
  EXPECT_GE(draining.batches_processed, 10U);  // the workers did their part
  EXPECT_FALSE(draining.commits.last);
  fixture.sink.uncork();
  fixture.finish();

  const flow::FlowVitals finished = fixture.flow().vitals();
  EXPECT_EQ(finished.phase, Phase::kFinished);
  EXPECT_EQ(finished.batches_unsettled, 0U);
  EXPECT_GE(finished.settled.batches, 10U);
}

TEST(FlowVitals, CanBeLookedAtAllTheTime) {
  FlowFixture fixture;
  fixture.exactly_once();
  fixture.durable();
  fixture.add(0, records(0, 3000, 3));
  fixture.add(1, records(1, 3000, 3));
  fixture.start();
  uint64_t batches = 0;
  while (fixture.flow().vitals().phase != Phase::kFinished) {
    const flow::FlowVitals vitals = fixture.flow().vitals();
    EXPECT_GE(vitals.settled.batches, batches);
    batches = vitals.settled.batches;
    static_cast<void>(fixture.flow().state_bytes());
  }
  fixture.finish();

  EXPECT_EQ(fixture.broken(), "");
}

TEST(FlowVitals, ShowDeadLettersMasked) {
  FlowFixture fixture;
  fixture.add(3, records(3, 100, 5));
  fixture.run();

  const std::vector<DeadLetterSample> samples = fixture.flow().vitals().samples;
  ASSERT_FALSE(samples.empty());
  EXPECT_LE(samples.size(), flow::LetterSamples::kOfRuleMax);
  EXPECT_EQ(samples[0].from, (base::TopicPartition{"in", 3}));
  EXPECT_EQ(samples[0].offset.value % 5, 4);
  EXPECT_EQ(samples[0].rule, "schema:/required/n");
  EXPECT_GT(samples[0].time_ms, 0);
  // `m` is no name of the pipeline's.
  const std::string digits(std::to_string(samples[0].offset.value).size(), '0');
  EXPECT_EQ(samples[0].masked, "{\"\u2022\u2022\u2022\":" + digits +
                                   ",\"device\":\"\u2022\u2022\u2022\","
                                   "\"user\":\"\u2022\u2022\u2022\"}");
}

// Batches of dead letters, one rule each.
class LetterSamplesTest : public ::testing::Test {
 protected:
  LetterSamplesTest() {
    names_.intern("n");
    for (int rule = 0; rule < 100; ++rule)
      declaration_.rules.push_back("rule:" + std::to_string(rule));
  }

  // A dead letter of each of these rules, at consecutive offsets.
  void send(const std::vector<int>& rules, Time now, const std::string& value = R"({"n":12})",
            bool tombstone = false) {
    flow::BatchInFlight batch(declaration_);
    batch.lease = lease_;
    batch.batch.open(base::Offset{offset_}, 0, {});
    std::vector<record::Header> headers;
    headers.reserve(rules.size());
    for (const int rule : rules) {
      record::InputRecord record;
      record.offset = base::Offset{offset_++};
      if (!tombstone) record.value = record::Bytes::of(value);
      batch.batch.append(record);
      batch.shard.count_dead_letter(static_cast<size_t>(rule));
      headers.push_back(
          {"millrace.reason", record::Bytes::of(declaration_.rules[static_cast<size_t>(rule)])});
      record::OutputRecord letter;
      letter.role = record::OutputRole::kDeadLetter;
      letter.input = static_cast<uint32_t>(batch.batch.records().size() - 1);
      letter.headers = {&headers.back(), 1};
      batch.batch.outputs().push_back(letter);
    }
    samples_.look_at(batch, now);
  }

  // Nothing was ever looked at before.
  static constexpr Time kBegin{std::chrono::hours{1}};

  insights::Declaration declaration_;
  record::NameTable names_;
  flow::LetterSamples samples_{names_};
  std::shared_ptr<settlement::Lease> lease_ =
      std::make_shared<settlement::Lease>(base::TopicPartition{"in", 0}, 0, base::Offset{0});
  int64_t offset_ = 0;
};

TEST_F(LetterSamplesTest, AreAFewASecondOneOfEachRule) {
  std::vector<int> rules(50);
  std::iota(rules.begin(), rules.end(), 0);
  for (int i = 0; i < 10; ++i) send(rules, kBegin + milliseconds{100} * i);
  EXPECT_EQ(samples_.newest().size(), flow::LetterSamples::kPerSecond);

  send({7, 7, 7, 7}, kBegin + milliseconds{1000});
  EXPECT_EQ(samples_.newest().size(), flow::LetterSamples::kPerSecond + 1);
}

TEST_F(LetterSamplesTest, AreLookedForOnceInAWhileOnly) {
  send({1}, kBegin);
  send({2}, kBegin + flow::LetterSamples::kLookEvery - milliseconds{1});
  EXPECT_EQ(samples_.newest().size(), 1U);
}

// Where many are alike, a batch is not searched to its end for another.
TEST_F(LetterSamplesTest, AreAmongTheFirstLettersOfABatch) {
  std::vector<int> rules(1000, 1);
  rules.push_back(2);
  send(rules, kBegin);
  ASSERT_EQ(samples_.newest().size(), 1U);
  EXPECT_EQ(samples_.newest()[0].rule, "rule:1");
}

TEST_F(LetterSamplesTest, AreTheNewestOfARule) {
  for (int second = 0; second < 10; ++second) send({1}, kBegin + std::chrono::seconds{second});

  const std::vector<DeadLetterSample> newest = samples_.newest();
  ASSERT_EQ(newest.size(), flow::LetterSamples::kOfRuleMax);
  EXPECT_EQ(newest.back().offset, base::Offset{9});
  EXPECT_EQ(newest.front().offset, base::Offset{7});
}

TEST_F(LetterSamplesTest, AreOfSoManyRulesAtMost) {
  for (int rule = 0; rule < 100; ++rule) send({rule}, kBegin + std::chrono::seconds{rule});

  const std::vector<DeadLetterSample> newest = samples_.newest();
  EXPECT_EQ(newest.size(), flow::LetterSamples::kRulesMax);
  EXPECT_EQ(newest.back().rule, "rule:99");
}

TEST_F(LetterSamplesTest, AreNotTakenTwiceOfOneRecord) {
  send({1}, kBegin);
  offset_ = 0;  // it is read again
  send({1}, kBegin + std::chrono::seconds{2});
  EXPECT_EQ(samples_.newest().size(), 1U);
}

TEST_F(LetterSamplesTest, SayWhatIsNoJson) {
  send({1}, kBegin, "alice,17");
  send({2}, kBegin + std::chrono::seconds{1}, std::string(20'000, 'x'));
  send({3}, kBegin + std::chrono::seconds{2}, "", true);
  send({4}, kBegin + std::chrono::seconds{3}, R"({"n":12})");

  const std::vector<DeadLetterSample> newest = samples_.newest();
  ASSERT_EQ(newest.size(), 4U);
  std::vector<std::string> masked(5);
  for (const DeadLetterSample& sample : newest)
    masked.at(static_cast<size_t>(sample.rule.back() - '0')) = sample.masked;
  EXPECT_EQ(masked[1], "8 bytes that are no JSON");
  EXPECT_EQ(masked[2], "20000 bytes");
  EXPECT_EQ(masked[3], "no value");
  EXPECT_EQ(masked[4], R"({"n":00})");
}

}  // namespace
}  // namespace millrace::tests
