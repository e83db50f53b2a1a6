// SPDX-License-Identifier: Apache-2.0
// A member that is fenced by what it did itself, as far as the embedded broker can show it.
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "engine/kafka/current_consumer.h"
#include "engine/kafka/group_membership.h"
#include "engine/kafka/rd.h"
#include "tests/unit/kafka/harness.h"

namespace millrace::kafka {
namespace {

using Kind = io::SourceEvent::Kind;

constexpr int16_t kJoinGroup = 11;
constexpr int16_t kHeartbeat = 12;
constexpr int kDisconnect = RD_KAFKA_RESP_ERR__TRANSPORT;
constexpr int kFenced = RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;

class Rejoin : public ::testing::Test {
 protected:
  Rejoin() : broker_(start_broker("in", 1)) { write_numbers(broker_->config(), "in", 0, 0, 5); }

  void subscribe() {
    ConsumerOptions options = quick_options("in", "g");
    options.instance = "mill-1";
    options.session_timeout = std::chrono::milliseconds{4000};
    auto made = Consumer::create(broker_->config(), options);
    ASSERT_TRUE(made.ok());
    consumer_ = std::move(made.value());
    ASSERT_TRUE(consumer_->subscribe(listener_).ok());
  }

  bool poll_until_done(const std::function<bool()>& done) {
    return poll_until(
        *consumer_,
        [this](const io::SourceEvent& event) {
          if (event.kind == Kind::kRecord) read_.push_back(event.record.offset.value);
          if (event.kind == Kind::kFatal) fatal_ = event.message;
        },
        [&] { return done() || !fatal_.empty(); });
  }

  std::unique_ptr<embedded::EmbeddedBroker> broker_;
  RememberingListener listener_;
  std::unique_ptr<Consumer> consumer_;
  std::vector<int64_t> read_;
  std::string fatal_;
};

TEST_F(Rejoin, AMemberThatIsFencedAfterACutOffLosesItsAssignmentAndGetsAnother) {
  // The answer to the first request to join is lost, so that a late one may fence.
  broker_->fail_requests(kJoinGroup, {kDisconnect, kFenced});
  subscribe();
  ASSERT_TRUE(poll_until_done([&] { return read_.size() == 5; }));
  ASSERT_EQ(fatal_, "");
  EXPECT_EQ(listener_.assignments, 1);
  EXPECT_EQ(listener_.revocations, 0) << "there was no assignment to lose";

  // A heartbeat finds the member fenced.
  const CurrentConsumer::Handle before = consumer_->current().get();
  const std::shared_ptr<GroupMembership> membership = consumer_->membership();
  broker_->fail_requests(kHeartbeat, {kFenced});
  bool ended_inside = true;
  listener_.during_revoke = [&] { ended_inside = membership->of(1) == nullptr; };
  read_.clear();
  ASSERT_TRUE(poll_until_done([&] { return listener_.revocations > 0; }));

  ASSERT_EQ(fatal_, "");
  EXPECT_TRUE(listener_.last_lost);
  EXPECT_FALSE(ended_inside);
  EXPECT_EQ(membership->of(1), nullptr);
  EXPECT_NE(consumer_->current().get(), before);
  EXPECT_TRUE(consumer_->watch().look().rebalancing);

  // What was replaced can be used until it is let go, and is of no use.
  const rd::Partitions list = rd::make_partitions(1);
  rd_kafka_topic_partition_list_add(list.get(), "in", 0);
  static_cast<void>(rd_kafka_committed(before.get(), list.get(), 100));

  ASSERT_TRUE(poll_until_done([&] { return read_.size() == 5; }));
  EXPECT_EQ(fatal_, "");
  EXPECT_EQ(listener_.assignments, 2);
  EXPECT_EQ(listener_.revocations, 1);
  EXPECT_EQ(listener_.assigned.at(0).assignment, 2U);
  EXPECT_EQ(membership->of(1), nullptr);
  EXPECT_NE(membership->of(2), nullptr);
  EXPECT_EQ(read_.front(), 0);
}

TEST_F(Rejoin, TheFourthFenceInARowIsFatalAndNamed) {
  broker_->fail_requests(kJoinGroup, {kDisconnect, kFenced, kFenced, kFenced, kFenced});
  subscribe();

  ASSERT_TRUE(poll_until_done([&] { return listener_.assignments > 0; }));

  EXPECT_NE(fatal_.find("another copy runs with the instance name 'mill-1' and took over in group "
                        "g, 4 times in a row"),
            std::string::npos)
      << fatal_;
  EXPECT_EQ(listener_.assignments, 0);
}

TEST_F(Rejoin, AnIdleConnectionThatIsClosedExplainsNoFence) {
  subscribe();
  ASSERT_TRUE(poll_until_done([&] { return read_.size() == 5; }));
  constexpr int16_t kFetch = 1;
  broker_->fail_requests(kFetch, {kDisconnect});
  broker_->fail_requests(kHeartbeat, {kFenced});

  ASSERT_TRUE(poll_until_done([&] { return listener_.assignments > 1; }));

  EXPECT_NE(fatal_.find("another copy runs with the instance name 'mill-1'"), std::string::npos)
      << fatal_;
  EXPECT_EQ(listener_.assignments, 1);
}

}  // namespace
}  // namespace millrace::kafka
