// SPDX-License-Identifier: Apache-2.0
// A static member that was cut off and finds its name taken, as only a real Apache Kafka shows it.
// Runs against MILLRACE_TEST_BOOTSTRAP.
#include <atomic>
#include <cstdlib>
#include <netinet/in.h>
#include <random>
#include <sys/socket.h>
#include <thread>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "engine/kafka/client_conf.h"
#include "engine/kafka/current_consumer.h"
#include "engine/kafka/group_membership.h"
#include "engine/kafka/offset_transactions.h"
#include "engine/kafka/rd.h"
#include "tests/unit/kafka/transactions_harness.h"

namespace millrace::kafka {
namespace {

using Kind = io::SourceEvent::Kind;

// Ends every TCP connection that this process has to `port`, as a network may.
void cut_connections(int port) {
  constexpr int kDescriptors = 4096;
  for (int fd = 3; fd < kDescriptors; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the sockets API is like that
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) continue;
    if (peer.sin_family == AF_INET && ntohs(peer.sin_port) == port) shutdown(fd, SHUT_RDWR);
  }
}

class RejoinRealBroker : public ::testing::Test {
 protected:
  void SetUp() override {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment
    const char* bootstrap = std::getenv("MILLRACE_TEST_BOOTSTRAP");
    if (bootstrap == nullptr) GTEST_SKIP() << "MILLRACE_TEST_BOOTSTRAP is not set";
    const std::string address = bootstrap;
    port_ = std::stoi(address.substr(address.rfind(':') + 1));
    kafka_ = plain_config(bootstrap);
    std::random_device random;
    topic_ = "rejoin-" + std::to_string(random()) + std::to_string(random());
    auto admin = Admin::create(kafka_, Side::kInput);
    ASSERT_TRUE(admin.ok());
    auto created = admin.value()->create_topic({topic_, 1, 1}, Patience::at_most(kLong));
    ASSERT_TRUE(created.ok()) << created.message();
    write_numbers(kafka_, topic_, 0, 0, 20);
  }

  std::unique_ptr<Consumer> subscribed(RememberingListener& listener) {
    ConsumerOptions options = quick_options(topic_, topic_);
    options.session_timeout = std::chrono::milliseconds{3000};
    options.instance = "mill-1";
    auto made = Consumer::create(kafka_, options);
    EXPECT_TRUE(made.ok());
    EXPECT_TRUE(made.value()->subscribe(listener).ok());
    return std::move(made.value());
  }

  // Cuts the connections, and waits until the consumer has another to its coordinator.
  void cut_off(Consumer& consumer) {
    cut_connections(port_);
    const rd::Partitions list = rd::make_partitions(1);
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), 0);
    ASSERT_EQ(rd_kafka_committed(consumer.current().get().get(), list.get(), 20'000),
              RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  // Another member takes the name, and is gone: a member that nobody is has it.
  void take_name() {
    RememberingListener listener;
    auto other = subscribed(listener);
    const auto ignore = [](const io::SourceEvent&) {};
    ASSERT_TRUE(poll_until(*other, ignore, [&] { return listener.assignments == 1; }));
  }

  int port_ = 0;
  config::KafkaConfig kafka_;
  std::string topic_;
};

TEST_F(RejoinRealBroker, AMemberThatWasCutOffComesBackThreeTimesInARow) {
  auto made = OffsetTransactions::create(kafka_, {.transactional_id = topic_}, kLong, {});
  ASSERT_TRUE(made.ok()) << made.message();
  OffsetTransactions& offsets = *made.value();
  RememberingListener listener;
  auto consumer = subscribed(listener);
  offsets.attach(*consumer);
  std::string fatal;
  int64_t last = -1;
  const auto on_event = [&](const io::SourceEvent& event) {
    if (event.kind == Kind::kFatal) fatal = event.message;
    if (event.kind == Kind::kRecord) last = event.record.offset.value;
  };
  const auto read_from_5 = [&](int assignment) {
    return listener.assignments == assignment && last == 19;
  };
  ASSERT_TRUE(poll_until(*consumer, on_event, [&] { return read_from_5(1); }));
  ASSERT_EQ(commit(offsets, part(topic_, 5), 1).kind, io::CommitResult::Kind::kCommitted);
  cut_off(*consumer);
  // Another thread asks for the committed offsets all the time, as one that resolves a commit does.
  std::atomic<bool> end{false};
  std::atomic<int> asked{0};
  std::thread asker([&] {
    for (; !end; ++asked) EXPECT_EQ(committed_offset(offsets, topic_), 5);
  });

  for (int i = 1; i <= 3; ++i) {
    const auto old = static_cast<uint64_t>(i);
    take_name();
    last = -1;
    ASSERT_TRUE(
        poll_until(*consumer, on_event, [&] { return !fatal.empty() || read_from_5(i + 1); }));

    ASSERT_EQ(fatal, "");
    EXPECT_EQ(listener.revocations, i);
    EXPECT_TRUE(listener.last_lost);
    EXPECT_EQ(listener.assigned.at(0).assignment, old + 1);
    EXPECT_EQ(listener.assigned.at(0).start.value, 5) << "what was committed";
    EXPECT_EQ(commit(offsets, part(topic_, 7, 5), old).kind, io::CommitResult::Kind::kRefused);
    const int before = asked;
    ASSERT_TRUE(poll_until(*consumer, on_event, [&] { return asked > before + 2; }));
  }
  end = true;
  asker.join();
  EXPECT_EQ(commit(offsets, part(topic_, 6, 5), 4).kind, io::CommitResult::Kind::kCommitted);

  take_name();
  ASSERT_TRUE(poll_until(*consumer, on_event, [&] { return !fatal.empty(); }));
  EXPECT_NE(fatal.find("another copy runs with the instance name 'mill-1' and took over in group " +
                       topic_ + ", 4 times in a row"),
            std::string::npos)
      << fatal;
  EXPECT_EQ(listener.assignments, 4);
}

TEST_F(RejoinRealBroker, TwoCopiesOfOneNameDoNotFenceEachOtherForEver) {
  RememberingListener first_listener;
  RememberingListener second_listener;
  auto first = subscribed(first_listener);
  const auto ignore = [](const io::SourceEvent&) {};
  ASSERT_TRUE(poll_until(*first, ignore, [&] { return first_listener.assignments == 1; }));
  auto second = subscribed(second_listener);
  ASSERT_TRUE(poll_until(*second, ignore, [&] { return second_listener.assignments == 1; }));
  cut_connections(port_);

  std::string message;
  const auto deadline = std::chrono::steady_clock::now() + kLong;
  io::SourceEvent event;
  bool first_ended = false;
  while (message.empty() && std::chrono::steady_clock::now() < deadline) {
    for (Consumer* consumer : {first.get(), second.get()}) {
      consumer->poll(std::chrono::milliseconds{20}, event);
      if (event.kind != Kind::kFatal) continue;
      message = event.message;
      first_ended = consumer == first.get();
    }
  }

  EXPECT_NE(message.find("4 times in a row: every copy needs an 'instance' of its own"),
            std::string::npos)
      << message;
  // The other one has the partition, and keeps it.
  Consumer& rest = first_ended ? *second : *first;
  RememberingListener& listener = first_ended ? second_listener : first_listener;
  (first_ended ? first : second).reset();
  int64_t last = -1;
  write_numbers(kafka_, topic_, 0, 20, 30);
  ASSERT_TRUE(poll_until(
      rest,
      [&](const io::SourceEvent& seen) {
        EXPECT_NE(seen.kind, Kind::kFatal) << seen.message;
        if (seen.kind == Kind::kRecord) last = seen.record.offset.value;
      },
      [&] { return last == 29; }));
  EXPECT_LE(listener.assignments, 5);
}

}  // namespace
}  // namespace millrace::kafka
