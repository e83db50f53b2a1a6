// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/current_consumer.h"

#include <atomic>
#include <thread>

#include <gtest/gtest.h>

#include "engine/kafka/client.h"
#include "engine/kafka/committed_offsets.h"
#include "engine/kafka/group_committer.h"
#include "tests/unit/kafka/harness.h"

namespace millrace::kafka {
namespace {

// Nobody listens there.
constexpr const char* kNobody = "127.0.0.1:1";

class Current : public ::testing::Test {
 protected:
  rd_kafka_s* make(const std::string& brokers) {
    const std::vector<Setting> fixed = {
        {"bootstrap.servers", brokers}, {"group.id", "g"}, {"session.timeout.ms", "1000"}};
    auto conf = make_conf({}, Role::kConsumer, {}, fixed);
    EXPECT_TRUE(conf.ok());
    auto client = make_client(std::move(conf.value()), Role::kConsumer, events_);
    EXPECT_TRUE(client.ok());
    return client.value().release();
  }

  ClientEvents events_{"The test", "", false};
  const base::TopicPartition id_{"in", 0};
};

TEST_F(Current, WhatIsReplacedLivesUntilItIsLetGoAndAllAreGoneAtTheEnd) {
  {
    CurrentConsumer current;
    EXPECT_EQ(current.get(), nullptr);
    current.put(make(kNobody));
    CurrentConsumer::Handle call = current.get();

    current.put(make(kNobody));

    EXPECT_NE(current.get(), call);
    EXPECT_NE(rd_kafka_name(call.get()), nullptr);
    EXPECT_EQ(call.use_count(), 1);
    call.reset();
    current.put(make(kNobody));
    EXPECT_GT(rd_kafka_thread_cnt(), 0);
  }
  EXPECT_EQ(rd_kafka_thread_cnt(), 0);
}

TEST_F(Current, CommittedOffsetsAreAskedOfTheNextHandleWhereTheFirstIsReplaced) {
  auto broker = start_broker("in", 1);
  CurrentConsumer current;
  current.put(make(kNobody));
  std::atomic<bool> answered{false};
  std::thread asker([&] {
    const auto offsets = committed_offsets(current, std::span(&id_, 1), Patience::at_most(kLong));
    answered = offsets.ok() && offsets.value().size() == 1;
  });
  // It has a handle by now, or will ask the first one in vain.
  while (current.get().use_count() < 3 && !answered) std::this_thread::yield();

  current.put(make(broker->bootstrap_servers()));
  asker.join();

  EXPECT_TRUE(answered);
}

TEST_F(Current, ACommitThatGetsNoAnswerIsRefusedWhereTheHandleIsReplaced) {
  CurrentConsumer current;
  current.put(make(kNobody));
  GroupCommitter committer(current);
  const io::PartitionCommit offset{id_, base::Offset{5}, base::Offset{0}};
  committer.begin_commit(std::span(&offset, 1), 1, {});
  ASSERT_FALSE(committer.poll_commit(std::chrono::milliseconds{100}).has_value());
  const std::weak_ptr<rd_kafka_s> before = current.get();

  current.put(make(kNobody));

  EXPECT_FALSE(before.expired());
  const auto result = committer.poll_commit(std::chrono::milliseconds{0});
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->kind, io::CommitResult::Kind::kRefused);
  EXPECT_TRUE(before.expired()) << "and it is let go";
}

}  // namespace
}  // namespace millrace::kafka
