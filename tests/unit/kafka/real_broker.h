// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include "engine/kafka/client.h"
#include "engine/kafka/client_conf.h"
#include "engine/kafka/message.h"
#include "engine/kafka/topic_reader.h"
#include "tests/unit/kafka/harness.h"

// What tests against a real Apache Kafka (MILLRACE_TEST_BOOTSTRAP) share.
namespace millrace::kafka {

class OnRealBroker : public ::testing::Test {
 protected:
  using Settings = std::vector<std::pair<std::string, std::string>>;

  void SetUp() override {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment
    const char* bootstrap = std::getenv("MILLRACE_TEST_BOOTSTRAP");
    if (bootstrap == nullptr) GTEST_SKIP() << "MILLRACE_TEST_BOOTSTRAP is not set";
    kafka_ = plain_config(bootstrap);
    auto admin = Admin::create(kafka_, Side::kInput);
    ASSERT_TRUE(admin.ok());
    admin_ = std::move(admin.value());
  }

  // A name that no other run used.
  static std::string fresh(const std::string& what) {
    std::random_device random;
    return what + "-" + std::to_string(random()) + std::to_string(random());
  }

  std::string create(const std::string& what, int32_t partitions = 1,
                     const Settings& settings = {}) {
    std::string name = fresh(what);
    auto created = admin_->create_topic({name, partitions, 1, settings}, Patience::at_most(kLong));
    EXPECT_TRUE(created.ok()) << (created.ok() ? "" : created.message());
    return name;
  }

  // What a reader of committed records sees, partition after partition.
  std::vector<Owned> read(const std::string& topic, bool committed_only = true) {
    std::vector<Owned> found;
    auto reader = TopicReader::create(kafka_, {.topic = topic, .committed_only = committed_only});
    EXPECT_TRUE(reader.ok());
    auto count = reader.value()->read(
        [&](auto, const record::InputRecord& record) {
          found.push_back(own(record));
          return true;
        },
        Patience::at_most(kLong));
    EXPECT_TRUE(count.ok()) << (count.ok() ? "" : count.message());
    return found;
  }

  config::KafkaConfig kafka_;
  std::unique_ptr<Admin> admin_;
};

// A transaction that the test begins and ends by itself.
class OpenTransaction {
 public:
  OpenTransaction(const config::KafkaConfig& kafka, const std::string& topic,
                  int timeout_ms = 60'000) {
    const std::vector<Setting> fixed = {{"transactional.id", topic + "-open"},
                                        {"transaction.timeout.ms", std::to_string(timeout_ms)}};
    auto conf = make_conf(kafka, Role::kProducer, {}, fixed);
    EXPECT_TRUE(conf.ok());
    auto client = make_client(std::move(conf.value()), Role::kProducer, events_);
    EXPECT_TRUE(client.ok());
    handle_ = std::move(client.value());
    EXPECT_EQ(rd_kafka_init_transactions(handle_.get(), 20'000), nullptr);
    EXPECT_EQ(rd_kafka_begin_transaction(handle_.get()), nullptr);
    topic_.reset(rd_kafka_topic_new(handle_.get(), topic.c_str(), nullptr));
  }

  OpenTransaction(const OpenTransaction&) = delete;
  OpenTransaction& operator=(const OpenTransaction&) = delete;
  ~OpenTransaction() = default;

  // The broker has it when this returns.
  void write(int32_t partition, const std::string& key, const std::optional<std::string>& value) {
    EXPECT_EQ(produce(handle_.get(), {.topic = topic_.get(),
                                      .partition = partition,
                                      .key = record::Bytes::of(key),
                                      .value = lend(value),
                                      .flags = RD_KAFKA_MSG_F_COPY}),
              RD_KAFKA_RESP_ERR_NO_ERROR);
    EXPECT_EQ(rd_kafka_flush(handle_.get(), 20'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  void commit() {
    const rd::Error error(rd_kafka_commit_transaction(handle_.get(), -1));
    EXPECT_EQ(error, nullptr);
  }

  void abort() {
    const rd::Error error(rd_kafka_abort_transaction(handle_.get(), -1));
    EXPECT_EQ(error, nullptr);
  }

 private:
  ClientEvents events_{"The test", "", false};
  rd::Handle handle_;
  rd::Topic topic_;  // goes before the handle
};

}  // namespace millrace::kafka
