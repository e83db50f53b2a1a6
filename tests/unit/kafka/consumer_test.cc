// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/consumer.h"

#include <map>
#include <thread>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "engine/kafka/client_conf.h"
#include "engine/kafka/group_committer.h"
#include "engine/kafka/group_membership.h"
#include "tests/unit/kafka/harness.h"

namespace millrace::kafka {
namespace {

using Kind = io::SourceEvent::Kind;

io::CommitResult commit(GroupCommitter& committer, std::span<const io::PartitionCommit> offsets) {
  committer.begin_commit(offsets, 1, {});
  std::optional<io::CommitResult> result;
  while (!result) result = committer.poll_commit(std::chrono::milliseconds{100});
  return *result;
}

// Joining takes 3 s at the embedded broker of librdkafka 2.0.2, so that one test does several
// things with one membership.
TEST(Consumer, ReadsRecordsInOrderTellsEndsRewindsAndStops) {
  auto broker = start_broker("in", 2);
  write_numbers(broker->config(), "in", 0, 0, 500);
  write_numbers(broker->config(), "in", 1, 0, 10);
  auto consumer = Consumer::create(broker->config(), quick_options("in", "g"));
  ASSERT_TRUE(consumer.ok());
  RememberingListener listener;
  ASSERT_TRUE(consumer.value()->subscribe(listener).ok());

  std::map<uint32_t, std::vector<int64_t>> offsets;
  std::map<uint32_t, int64_t> ends;
  const auto on_event = [&](const io::SourceEvent& event) {
    if (event.kind == Kind::kRecord) {
      EXPECT_EQ(event.record.value.view(), std::to_string(event.record.offset.value));
      EXPECT_TRUE(event.record.key.null());
      EXPECT_GT(event.record.timestamp_ms, 0);
      offsets[event.slot].push_back(event.record.offset.value);
    }
    if (event.kind == Kind::kEnd) ends[event.slot] = event.end.value;
  };
  ASSERT_TRUE(poll_until(*consumer.value(), on_event, [&] { return ends.size() == 2; }));

  ASSERT_EQ(listener.assigned.size(), 2U);
  for (const io::AssignedPartition& partition : listener.assigned) {
    EXPECT_EQ(partition.assignment, 1U);
    const int64_t size = partition.id.partition == 0 ? 500 : 10;
    EXPECT_EQ(partition.id.topic, "in");
    EXPECT_EQ(partition.start.value, 0);
    EXPECT_FALSE(partition.committed);
    EXPECT_EQ(ends[partition.slot], size);
    ASSERT_EQ(offsets[partition.slot].size(), static_cast<size_t>(size));
    for (int64_t i = 0; i < size; ++i) {
      EXPECT_EQ(offsets[partition.slot][static_cast<size_t>(i)], i);
    }
  }

  // Back to 123, and exactly to it.
  const uint32_t slot = listener.assigned[0].id.partition == 0 ? 0 : 1;
  offsets.clear();
  ends.clear();
  ASSERT_TRUE(consumer.value()->rewind(slot, base::Offset{123}).ok());
  ASSERT_TRUE(poll_until(*consumer.value(), on_event, [&] { return ends.contains(slot); }));
  ASSERT_EQ(offsets[slot].size(), 377U);
  EXPECT_EQ(offsets[slot].front(), 123);
  EXPECT_EQ(offsets[slot].back(), 499);

  // In the middle of reading, with records prefetched.
  for (int round = 0; round < 20; ++round) {
    offsets.clear();
    ends.clear();
    ASSERT_TRUE(consumer.value()->rewind(slot, base::Offset{round}).ok());
    ASSERT_TRUE(
        poll_until(*consumer.value(), on_event, [&] { return offsets[slot].size() >= 100; }));
    EXPECT_EQ(offsets[slot].front(), round);
    EXPECT_EQ(offsets[slot].back(), round + 99);
  }

  // A stopped partition is silent, the other one goes on.
  consumer.value()->stop_partition(slot);
  offsets.clear();
  write_numbers(broker->config(), "in", 0, 500, 510);
  write_numbers(broker->config(), "in", 1, 10, 12);
  ASSERT_TRUE(
      poll_until(*consumer.value(), on_event, [&] { return offsets[1 - slot].size() == 2; }));
  EXPECT_TRUE(offsets[slot].empty());

  consumer.value()->close();
  EXPECT_EQ(listener.revocations, 1);
  EXPECT_FALSE(listener.last_lost);
}

TEST(Consumer, CommitsReadsBackAndBeginsAtTheCommit) {
  auto broker = start_broker("in", 2);
  write_numbers(broker->config(), "in", 0, 0, 20);
  const std::vector<base::TopicPartition> ids = {{"in", 0}, {"in", 1}};
  {
    auto consumer = Consumer::create(broker->config(), quick_options("in", "g"));
    ASSERT_TRUE(consumer.ok());
    GroupCommitter committer(*consumer.value());
    RememberingListener listener;
    ASSERT_TRUE(consumer.value()->subscribe(listener).ok());
    ASSERT_TRUE(poll_until(
        *consumer.value(), [](const auto&) {}, [&] { return listener.assignments == 1; }));

    const std::vector<io::PartitionCommit> offsets = {{{"in", 0}, base::Offset{7}, {}, "mark 1"}};
    const io::CommitResult done = commit(committer, offsets);
    EXPECT_EQ(done.kind, io::CommitResult::Kind::kCommitted) << done.message;

    auto read = committer.read_back(ids, kLong);
    ASSERT_TRUE(read.ok());
    ASSERT_EQ(read.value().size(), 2U);
    EXPECT_EQ(read.value()[0].next.value, 7);
    EXPECT_FALSE(read.value()[1].next.valid());

    // An error of one partition is the commit's error.
    broker->fail_requests(8, {RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE});
    EXPECT_NE(commit(committer, offsets).kind, io::CommitResult::Kind::kCommitted);
    consumer.value()->close();
  }
  auto consumer = Consumer::create(broker->config(), quick_options("in", "g"));
  ASSERT_TRUE(consumer.ok());
  RememberingListener listener;
  // One of them is set back.
  listener.during_choice = [&](std::span<io::AssignedPartition> partitions) {
    EXPECT_EQ(listener.assignments, 0);
    for (io::AssignedPartition& partition : partitions) {
      EXPECT_EQ(partition.start, partition.resume);
      if (partition.id.partition == 0) partition.start = base::Offset{3};
    }
  };
  ASSERT_TRUE(consumer.value()->subscribe(listener).ok());
  int64_t first = -1;
  ASSERT_TRUE(poll_until(
      *consumer.value(),
      [&](const io::SourceEvent& event) {
        if (event.kind == Kind::kRecord && first < 0) first = event.record.offset.value;
      },
      [&] { return first >= 0; }));
  EXPECT_EQ(first, 3);
  for (const io::AssignedPartition& partition : listener.assigned) {
    const bool set_back = partition.id.partition == 0;
    EXPECT_EQ(partition.committed, set_back);
    EXPECT_EQ(partition.start.value, set_back ? 3 : 0);
    EXPECT_EQ(partition.resume.value, set_back ? 7 : 0);
    EXPECT_EQ(partition.metadata, set_back ? "mark 1" : "");
  }
}

TEST(Consumer, AStopWhileItIsChosenWhereToBeginGivesTheAssignmentUp) {
  auto broker = start_broker("in", 1);
  auto consumer = Consumer::create(broker->config(), quick_options("in", "g"));
  ASSERT_TRUE(consumer.ok());
  RememberingListener listener;
  bool chosen = false;
  listener.during_choice = [&](std::span<io::AssignedPartition> /*partitions*/) {
    chosen = true;
    consumer.value()->cancel_waits();
  };
  ASSERT_TRUE(consumer.value()->subscribe(listener).ok());

  ASSERT_TRUE(poll_until(
      *consumer.value(),
      [](const io::SourceEvent& event) { EXPECT_NE(event.kind, Kind::kFatal) << event.message; },
      [&] { return chosen; }));

  consumer.value()->close();
  EXPECT_EQ(listener.assignments, 0);
  EXPECT_EQ(listener.revocations, 0) << "nobody heard of it";
  EXPECT_EQ(consumer.value()->membership()->of(1), nullptr);
}

TEST(Consumer, ShowsKeysHeadersNullsAndLargeValuesAsTheyWereWritten) {
  auto broker = start_broker("in", 1);
  const std::vector<Owned> records = {
      {"k", "v", {{"a", "1"}, {"b", std::nullopt}, {"a", ""}}},
      {std::nullopt, "v", {}},
      {"k", std::nullopt, {{"h", "x"}}},
      {"", "", {}},
      {"big", std::string(900'000, 'x'), {}},
      {std::string("\0k", 2), std::string("\0\xff", 2), {}},
  };
  auto sender = RecordSender::create(broker->config(), "in");
  ASSERT_TRUE(sender.ok());
  for (const Owned& record : records) {
    std::vector<record::Header> headers;
    for (const auto& [name, value] : record.headers) headers.push_back({name, lend(value)});
    const base::Status sent = sender.value()->send(0, lend(record.key), lend(record.value), headers,
                                                   Patience::at_most(kLong));
    ASSERT_TRUE(sent.ok());
  }
  ASSERT_TRUE(sender.value()->flush(Patience::at_most(kLong)).ok());
  auto consumer = Consumer::create(broker->config(), quick_options("in", "g"));
  ASSERT_TRUE(consumer.ok());
  RememberingListener listener;
  ASSERT_TRUE(consumer.value()->subscribe(listener).ok());

  std::vector<Owned> read;
  ASSERT_TRUE(poll_until(
      *consumer.value(),
      [&](const io::SourceEvent& event) {
        if (event.kind == Kind::kRecord) read.push_back(own(event.record));
      },
      [&] { return read.size() == records.size(); }));

  EXPECT_EQ(read, records);
}

TEST(Consumer, ACommitWorksFromWithinTheRevocation) {
  auto broker = start_broker("in", 1);
  write_numbers(broker->config(), "in", 0, 0, 5);
  auto consumer = Consumer::create(broker->config(), quick_options("in", "g"));
  ASSERT_TRUE(consumer.ok());
  GroupCommitter committer(*consumer.value());
  RememberingListener listener;
  std::optional<io::CommitResult> result;
  bool fenced_by_it = false;
  listener.during_revoke = [&] {
    fenced_by_it = consumer.value()->membership()->of(1) != nullptr;
    std::thread deliver([&] {
      const std::vector<io::PartitionCommit> offsets = {{{"in", 0}, base::Offset{3}, {}}};
      result = commit(committer, offsets);
    });
    deliver.join();
  };
  ASSERT_TRUE(consumer.value()->subscribe(listener).ok());
  ASSERT_TRUE(poll_until(
      *consumer.value(), [](const auto&) {}, [&] { return listener.assignments == 1; }));

  const std::shared_ptr<GroupMembership> membership = consumer.value()->membership();
  EXPECT_NE(membership->of(1), nullptr);
  EXPECT_EQ(membership->of(2), nullptr);
  consumer.value()->close();

  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->kind, io::CommitResult::Kind::kCommitted) << result->message;
  // The commit of the cut belongs to the assignment, and nothing after it does.
  EXPECT_TRUE(fenced_by_it);
  EXPECT_EQ(membership->of(1), nullptr);
}

TEST(Consumer, LatestBeginsAtTheEnd) {
  auto broker = start_broker("in", 1);
  write_numbers(broker->config(), "in", 0, 0, 5);
  ConsumerOptions options = quick_options("in", "g");
  options.start = config::Start::kLatest;
  auto consumer = Consumer::create(broker->config(), options);
  ASSERT_TRUE(consumer.ok());
  RememberingListener listener;
  ASSERT_TRUE(consumer.value()->subscribe(listener).ok());

  ASSERT_TRUE(poll_until(
      *consumer.value(), [](const auto&) {}, [&] { return listener.assignments == 1; }));

  ASSERT_EQ(listener.assigned.size(), 1U);
  EXPECT_EQ(listener.assigned[0].start.value, 5);
}

// What comes of asking for offset 1000 of a log of five; with the policies that move, how it goes
// on from there. The other partition notices nothing of it.
void ask_for_a_lost_offset(config::OnLostOffsets policy, io::SourceEvent& found,
                           std::vector<int64_t>& read) {
  auto broker = start_broker("in", 2);
  write_numbers(broker->config(), "in", 0, 0, 5);
  write_numbers(broker->config(), "in", 1, 0, 400);
  ConsumerOptions options = quick_options("in", "g");
  options.on_lost_offsets = policy;
  auto made = Consumer::create(broker->config(), options);
  ASSERT_TRUE(made.ok());
  Consumer& consumer = *made.value();
  RememberingListener listener;
  ASSERT_TRUE(consumer.subscribe(listener).ok());
  int64_t other = 0;
  const auto count_other = [&](const io::SourceEvent& event) {
    if (event.kind != Kind::kRecord || listener.assigned[event.slot].id.partition == 0) return;
    EXPECT_EQ(event.record.offset.value, other);
    ++other;
  };
  ASSERT_TRUE(poll_until(consumer, count_other, [&] { return other == 100; }));
  const uint32_t slot = listener.assigned[0].id.partition == 0 ? 0 : 1;

  ASSERT_TRUE(consumer.rewind(slot, base::Offset{1000}).ok());
  found.kind = Kind::kNone;
  ASSERT_TRUE(poll_until(
      consumer,
      [&](const io::SourceEvent& event) {
        count_other(event);
        if (event.kind == Kind::kPartitionError || event.kind == Kind::kMoved) found = event;
      },
      [&] { return found.kind != Kind::kNone; }));
  EXPECT_EQ(found.slot, slot);
  if (found.kind == Kind::kMoved) {
    ASSERT_TRUE(consumer.rewind(slot, found.end).ok());
  }
  write_numbers(broker->config(), "in", 0, 5, 7);
  ASSERT_TRUE(poll_until(
      consumer,
      [&](const io::SourceEvent& event) {
        EXPECT_NE(event.kind, Kind::kMoved);
        count_other(event);
        if (event.kind == Kind::kRecord && event.slot == slot) {
          read.push_back(event.record.offset.value);
        }
      },
      [&] {
        const bool ended = !read.empty() && read.back() == 6;
        return other == 400 && (ended || found.kind == Kind::kPartitionError);
      }));
}

TEST(Consumer, AnOffsetThatIsGoneStopsItsPartitionWithASentence) {
  io::SourceEvent event;
  std::vector<int64_t> read;
  ask_for_a_lost_offset(config::OnLostOffsets::kStop, event, read);

  EXPECT_EQ(event.kind, Kind::kPartitionError);
  EXPECT_EQ(event.message,
            "in-0: offset 1000, the next to read, is not in the log, which has offsets 0 to 4: the "
            "topic was made anew or truncated; input.on_lost_offsets: earliest or latest would go "
            "on");
}

TEST(Consumer, ALostOffsetGoesOnFromTheStartWhereThePipelineSaysSo) {
  io::SourceEvent event;
  std::vector<int64_t> read;
  ask_for_a_lost_offset(config::OnLostOffsets::kEarliest, event, read);

  EXPECT_EQ(event.kind, Kind::kMoved);
  EXPECT_EQ(event.end.value, 0);
  EXPECT_EQ(read, (std::vector<int64_t>{0, 1, 2, 3, 4, 5, 6}));
}

TEST(Consumer, ALostOffsetGoesOnFromTheEndWhereThePipelineSaysSo) {
  io::SourceEvent event;
  std::vector<int64_t> read;
  ask_for_a_lost_offset(config::OnLostOffsets::kLatest, event, read);

  EXPECT_EQ(event.kind, Kind::kMoved);
  EXPECT_EQ(event.end.value, 5);
  EXPECT_EQ(read, (std::vector<int64_t>{5, 6}));
}

// A new leader may lag for a moment.
TEST(Consumer, AnOffsetThatTheLogHasAfterAllIsReadAgain) {
  auto broker = start_broker("in", 1);
  write_numbers(broker->config(), "in", 0, 0, 5);
  constexpr int16_t kFetch = 1;
  broker->fail_requests(kFetch, {RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE});
  auto consumer = Consumer::create(broker->config(), quick_options("in", "g"));
  ASSERT_TRUE(consumer.ok());
  RememberingListener listener;
  ASSERT_TRUE(consumer.value()->subscribe(listener).ok());

  std::vector<int64_t> read;
  ASSERT_TRUE(poll_until(
      *consumer.value(),
      [&](const io::SourceEvent& event) {
        EXPECT_NE(event.kind, Kind::kPartitionError) << event.message;
        if (event.kind == Kind::kRecord) read.push_back(event.record.offset.value);
      },
      [&] { return read.size() == 5; }));
  EXPECT_EQ(read, (std::vector<int64_t>{0, 1, 2, 3, 4}));
}

TEST(Consumer, AnotherCopyWithTheSameInstanceNameIsFatalAndNamed) {
  auto broker = start_broker("in", 1);
  constexpr int16_t kJoinGroup = 11;
  broker->fail_requests(kJoinGroup, {RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID});
  ConsumerOptions options = quick_options("in", "g");
  options.instance = "mill-1";
  auto consumer = Consumer::create(broker->config(), options);
  ASSERT_TRUE(consumer.ok());
  RememberingListener listener;
  ASSERT_TRUE(consumer.value()->subscribe(listener).ok());

  std::string message;
  ASSERT_TRUE(poll_until(
      *consumer.value(),
      [&](const io::SourceEvent& event) {
        if (event.kind == Kind::kFatal) message = event.message;
      },
      [&] { return !message.empty(); }));
  EXPECT_NE(message.find("another copy runs with the instance name 'mill-1'"), std::string::npos)
      << message;
}

TEST(Consumer, TellsWhyAPartitionDoesNotMove) {
  auto broker = start_broker("in", 1);
  write_numbers(broker->config(), "in", 0, 0, 5);
  auto made = Consumer::create(broker->config(), quick_options("in", "g"));
  ASSERT_TRUE(made.ok());
  Consumer& consumer = *made.value();
  RememberingListener listener;
  ASSERT_TRUE(consumer.subscribe(listener).ok());
  EXPECT_TRUE(consumer.watch().look().rebalancing);
  bool ended = false;
  const auto on_event = [&](const io::SourceEvent& event) { ended |= event.kind == Kind::kEnd; };
  ASSERT_TRUE(poll_until(consumer, on_event, [&] { return ended; }));

  PartitionWatch::View view = consumer.watch().look();
  EXPECT_FALSE(view.rebalancing);
  EXPECT_EQ(view.away, "");
  ASSERT_EQ(view.partitions.size(), 1U);
  EXPECT_EQ(view.partitions[0].id, (base::TopicPartition{"in", 0}));
  EXPECT_EQ(view.partitions[0].log_end.value, 5);
  EXPECT_EQ(view.partitions[0].stable_end.value, 5);
  EXPECT_EQ(view.partitions[0].error, "");

  constexpr int16_t kFetch = 1;
  broker->fail_requests(kFetch, {RD_KAFKA_RESP_ERR_INVALID_REQUEST});
  ASSERT_TRUE(poll_until(consumer, on_event,
                         [&] { return !consumer.watch().look().partitions[0].error.empty(); }));
  view = consumer.watch().look();
  EXPECT_NE(view.partitions[0].error.find("reading in-0"), std::string::npos)
      << view.partitions[0].error;
  EXPECT_LE(view.partitions[0].error_at, PartitionWatch::Clock::now());

  // A record ends both.
  write_numbers(broker->config(), "in", 0, 5, 6);
  bool read = false;
  ASSERT_TRUE(poll_until(
      consumer, [&](const io::SourceEvent& event) { read |= event.kind == Kind::kRecord; },
      [&] { return read; }));
  EXPECT_EQ(consumer.watch().look().partitions[0].error, "");
  EXPECT_FALSE(consumer.watch().look().partitions[0].stable_end.valid());
  consumer.close();
  EXPECT_TRUE(consumer.watch().look().rebalancing);
}

TEST(Consumer, DestructionWithoutCloseTellsNobody) {
  auto broker = start_broker("in", 1);
  RememberingListener listener;
  {
    auto consumer = Consumer::create(broker->config(), quick_options("in", "g"));
    ASSERT_TRUE(consumer.ok());
    ASSERT_TRUE(consumer.value()->subscribe(listener).ok());
  }
  EXPECT_EQ(listener.revocations, 0);
}

TEST(Consumer, AnUnknownPropertyIsAnErrorThatNamesIt) {
  config::KafkaConfig kafka = plain_config("127.0.0.1:1");
  kafka.consumer.push_back({{"no.such", {}}, "1"});

  auto consumer = Consumer::create(kafka, quick_options("in", "g"));

  ASSERT_FALSE(consumer.ok());
  EXPECT_NE(consumer.message().find("no.such"), std::string::npos);
}

}  // namespace
}  // namespace millrace::kafka
