// SPDX-License-Identifier: Apache-2.0
// Replays against the embedded broker, which can be told to fail. It isolates no transactions: what
// was sent in one that was given up stays visible, and that is what these tests look for.
#include "engine/operate/replay.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/embedded/embedded_broker.h"
#include "engine/kafka/record_sender.h"
#include "engine/kafka/topic_reader.h"
#include "engine/operate/input_route.h"

namespace millrace::operate {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;
using End = ReplaySummary::End;

// Of Kafka's protocol.
constexpr int16_t kEndTxn = 26;
constexpr int kDisconnect = -195;
constexpr int kInvalidProducerIdMapping = 49;
constexpr std::chrono::seconds kLong{30};

// Sends each record's value on, or what a test makes of it.
class FakeRoute final : public Route {
 public:
  [[nodiscard]] const std::vector<kafka::ProducerOptions::Topic>& topics() const override {
    if (const auto ask = std::exchange(asked_for_topics, nullptr)) ask();
    return topics_;
  }

  base::Status take(const record::InputRecord& record, const Letter& letter,
                    std::vector<record::OutputRecord>& outputs, record::Arena& arena) override {
    if (taking) taking(letter.offset);
    record::OutputRecord output;
    output.key = record.key;
    output.value = record.value;
    output.headers = record.headers;
    if (letter.offset < too_large_below) {
      output.key = record::Bytes::of(arena.copy(std::string(1'100'000, 'k')));
      output.value = record::Bytes();
    }
    outputs.push_back(output);
    return {};
  }

  void settled(bool committed) override { ++(committed ? committed_ : given_up_); }

  [[nodiscard]] std::vector<std::pair<std::string, uint64_t>> counts() const override { return {}; }

  [[nodiscard]] int given_up() const { return given_up_; }

  [[nodiscard]] int committed() const { return committed_; }

  std::function<void(int64_t offset)> taking;
  mutable std::function<void()> asked_for_topics;
  int64_t too_large_below = 0;  // letters of these offsets become tombstones that no broker takes

 private:
  const std::vector<kafka::ProducerOptions::Topic> topics_{{"in", {1, 1'048'588}}};
  int given_up_ = 0;
  int committed_ = 0;
};

class ReplayTest : public ::testing::Test {
 protected:
  ReplayTest() : broker_(std::move(embedded::EmbeddedBroker::start().value())) {
    for (const char* topic : {"in", "dead", "parking", "progress"})
      EXPECT_TRUE(broker_->create_topic(topic, 1).ok());
    config_.kafka = broker_->config();
    config_.pipeline.value = "p";
    options_.transactional_id = "replay";
    options_.topics = {"dead"};
    options_.parking_topic = "parking";
    options_.progress_topic = "progress";
    options_.settings_wait = std::chrono::milliseconds{20};  // the embedded broker has none
  }

  void write_letters(int count) {
    auto sender = std::move(kafka::RecordSender::create(broker_->config(), "dead").value());
    const kafka::Patience patience = kafka::Patience::at_most(kLong);
    for (int i = 0; i < count; ++i) {
      const std::string number = std::to_string(i);
      const std::vector<record::Header> headers = {
          {"millrace.reason", record::Bytes::of("step:1:x")},
          {"millrace.topic", record::Bytes::of("in")},
          {"millrace.partition", record::Bytes::of("0")},
          {"millrace.offset", record::Bytes::of(number)},
          {"millrace.pipeline", record::Bytes::of("p")}};
      const base::Status sent =
          sender->send(0, record::Bytes::of("k"), record::Bytes::of(number), headers, patience);
      ASSERT_TRUE(sent.ok());
    }
    const base::Status flushed = sender->flush(patience);
    ASSERT_TRUE(flushed.ok());
  }

  ReplaySummary run(FakeRoute& route) { return replay(config_, options_, route, {}); }

  // How often each value was sent to the input.
  std::map<std::string, int> sent() {
    std::map<std::string, int> counts;
    auto reader = std::move(kafka::TopicReader::create(broker_->config(), {.topic = "in"}).value());
    const auto read = reader->read(
        [&](int32_t /*partition*/, const record::InputRecord& record) {
          ++counts[std::string(record.value.view())];
          return true;
        },
        kafka::Patience::at_most(kLong));
    EXPECT_TRUE(read.ok());
    return counts;
  }

  std::unique_ptr<embedded::EmbeddedBroker> broker_;
  config::PipelineConfig config_;
  ReplayOptions options_;
};

// The end of the first group was asked for twice, so that the second one needs a new writer; before
// that another replay has the id, and does all that is left.
TEST_F(ReplayTest, WhatAnotherReplayDidMeanwhileIsNotRepeated) {
  write_letters(20);
  options_.rate = 10;  // groups of ten
  FakeRoute rival;
  bool rival_ran = false;
  FakeRoute route;
  route.taking = [&](int64_t offset) {
    if (offset == 0) broker_->fail_requests(kEndTxn, {kDisconnect});
    if (offset != 15 || std::exchange(rival_ran, true)) return;
    const ReplaySummary other = run(rival);
    EXPECT_EQ(other.replayed, 10U) << other.message;
  };

  const ReplaySummary summary = run(route);

  EXPECT_EQ(summary.end, End::kComplete) << summary.message;
  EXPECT_EQ(summary.replayed, 10U);
  EXPECT_EQ(summary.already, 10U);
  EXPECT_THAT(sent(), SizeIs(20));
  EXPECT_THAT(sent(), Each(Pair(::testing::_, 1)));
}

// Whatever an earlier replay has under way ends when its id is taken over; only then its notes are
// the last word.
TEST_F(ReplayTest, NotesAreReadOnceTheEarlierReplayCannotGoOn) {
  write_letters(10);
  FakeRoute rival;
  FakeRoute route;
  route.asked_for_topics = [&] { EXPECT_EQ(run(rival).replayed, 10U); };

  const ReplaySummary summary = run(route);

  EXPECT_EQ(summary.already, 10U) << summary.message;
  EXPECT_THAT(sent(), Each(Pair(::testing::_, 1)));
}

// The embedded broker shows the notes of a transaction that it was told to fail, as a broker does
// whose answer to the commit was lost.
TEST_F(ReplayTest, ACommitWithoutAnAnswerIsLookedUp) {
  write_letters(10);
  FakeRoute route;
  route.taking = [&](int64_t offset) {
    if (offset == 0) broker_->fail_requests(kEndTxn, {kInvalidProducerIdMapping});
  };

  const ReplaySummary summary = run(route);

  EXPECT_EQ(summary.end, End::kComplete) << summary.message;
  EXPECT_EQ(summary.replayed, 10U);
  EXPECT_EQ(summary.already, 0U);
  EXPECT_EQ(route.committed(), 1);
  EXPECT_EQ(route.given_up(), 0);
}

TEST_F(ReplayTest, LettersThatAreRefusedAreLeftOutTogether) {
  write_letters(10);
  FakeRoute route;
  route.too_large_below = 3;

  const ReplaySummary summary = run(route);

  EXPECT_EQ(summary.end, End::kComplete) << summary.message;
  EXPECT_EQ(summary.refused, 3U);
  EXPECT_EQ(summary.replayed, 7U);
  EXPECT_EQ(route.given_up(), 1) << "a pass for each of them";
  EXPECT_THAT(sent(), SizeIs(7));
}

TEST_F(ReplayTest, TheInputTakesNoRecordThatIsTooLargeForIt) {
  config_.input.topics.push_back({"in", {}});
  const auto route = InputRoute::create(config_, kafka::Patience::at_most(kLong));
  ASSERT_TRUE(route.ok()) << route.message();
  const std::string large(size_t{2} << 20, 'v');
  record::InputRecord record;
  record.value = record::Bytes::of(large);
  Letter letter;
  letter.topic = "in";
  std::vector<record::OutputRecord> outputs;
  record::Arena arena;

  const base::Status status = route.value()->take(record, letter, outputs, arena);

  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.message(), HasSubstr("above the topic's limit of 1048588"));
}

TEST_F(ReplayTest, NoTransactionSpansTwoClusters) {
  const auto other = std::move(embedded::EmbeddedBroker::start().value());
  config_.input.topics.push_back({"in", {}});
  config_.kafka.consumer = config_.kafka.common;
  const kafka::Patience patience = kafka::Patience::at_most(kLong);
  EXPECT_TRUE(InputRoute::create(config_, patience).ok()) << "the same one by another way";

  config_.kafka.producer = other->config().common;

  const auto split = InputRoute::create(config_, patience);
  ASSERT_FALSE(split.ok());
  EXPECT_THAT(split.message(), HasSubstr("no transaction spans both"));
}

}  // namespace
}  // namespace millrace::operate
