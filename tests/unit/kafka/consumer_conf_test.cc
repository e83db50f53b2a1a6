// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/consumer_conf.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "engine/kafka/client_conf.h"

namespace millrace::kafka {
namespace {

std::string value_of(const std::vector<Setting>& settings, const std::string& name) {
  const auto found = std::find_if(settings.begin(), settings.end(),
                                  [&](const Setting& setting) { return setting.name == name; });
  return found == settings.end() ? "(none)" : found->value;
}

int64_t number_of(const std::vector<Setting>& settings, const std::string& name) {
  return std::stoll(value_of(settings, name));
}

TEST(ConsumerConf, PollingMayPauseForTwoTransactionsAndTheReadingOfTheState) {
  ConsumerOptions options;
  EXPECT_EQ(value_of(consumer_defaults(options), "max.poll.interval.ms"), "300000");

  options.transaction_timeout = std::chrono::minutes{10};

  EXPECT_EQ(value_of(consumer_defaults(options), "max.poll.interval.ms"), "1440000");
}

TEST(ConsumerConf, ASessionHasThreeHeartbeatsAndAtMostThreeSecondsBetweenThem) {
  ConsumerOptions options;
  options.session_timeout = std::chrono::seconds{6};
  EXPECT_EQ(value_of(consumer_defaults(options), "heartbeat.interval.ms"), "2000");

  options.session_timeout = std::chrono::seconds{45};

  EXPECT_EQ(value_of(consumer_defaults(options), "session.timeout.ms"), "45000");
  EXPECT_EQ(value_of(consumer_defaults(options), "heartbeat.interval.ms"), "3000");
}

TEST(ConsumerConf, TheShareIsForTheRecordsAndTheirBookkeeping) {
  ConsumerOptions options;
  options.prefetch_bytes = size_t{64} << 20;
  const std::vector<Setting> settings = consumer_promises(options);

  EXPECT_EQ(number_of(settings, "queued.max.messages.kbytes"), 32 * 1024);
  EXPECT_EQ(number_of(settings, "queued.min.messages"), (32 << 20) / 400);
  EXPECT_EQ(number_of(settings, "fetch.max.bytes"), 512 << 10);
  EXPECT_EQ(number_of(settings, "max.partition.fetch.bytes"), 256 << 10);
}

// librdkafka takes them together, too: of the least share and of the largest.
TEST(ConsumerConf, AnyShareIsWithinWhatLibrdkafkaTakes) {
  for (const size_t share : {size_t{0}, size_t{1} << 20, size_t{1} << 40}) {
    ConsumerOptions options;
    options.group = "group";
    options.prefetch_bytes = share;
    const std::vector<Setting> settings = consumer_promises(options);

    EXPECT_TRUE(
        make_conf(plain_config("a:1"), Role::kConsumer, consumer_defaults(options), settings).ok())
        << share;
    EXPECT_GE(number_of(settings, "fetch.max.bytes"), number_of(settings, "message.max.bytes"));
    EXPECT_LE(number_of(settings, "fetch.max.bytes"), 4 << 20);
    EXPECT_GE(number_of(settings, "queued.min.messages"), 1000);
  }
}

TEST(ConsumerConf, HowLongAFetchWaitsIsTheUsersWhereTheySaySo) {
  ConsumerOptions options;
  options.fetch_bytes_min = 100'000;
  options.fetch_wait = std::chrono::milliseconds{10};
  EXPECT_EQ(value_of(consumer_defaults(options), "fetch.min.bytes"), "100000");
  EXPECT_EQ(value_of(consumer_defaults(options), "fetch.wait.max.ms"), "10");
  config::KafkaConfig kafka = plain_config("a:1");
  kafka.consumer = {{{"fetch.min.bytes", {}}, "7"}, {{"fetch.wait.max.ms", {}}, "3"}};

  const auto conf =
      make_conf(kafka, Role::kConsumer, consumer_defaults(options), consumer_promises(options));

  ASSERT_TRUE(conf.ok());
  EXPECT_EQ(get(conf.value().get(), "fetch.min.bytes"), "7");
  EXPECT_EQ(get(conf.value().get(), "fetch.wait.max.ms"), "3");
}

TEST(ConsumerConf, OnlyAMemberWithANameIsStatic) {
  ConsumerOptions options;
  EXPECT_EQ(value_of(consumer_promises(options), "group.instance.id"), "(none)");

  options.instance = "a";

  EXPECT_EQ(value_of(consumer_promises(options), "group.instance.id"), "a");
}

TEST(ConsumerConf, NothingIsCommittedOrResetOrReadBeforeItsTime) {
  const std::vector<Setting> settings = consumer_promises({});

  EXPECT_EQ(value_of(settings, "enable.auto.commit"), "false");
  EXPECT_EQ(value_of(settings, "enable.auto.offset.store"), "false");
  EXPECT_EQ(value_of(settings, "auto.offset.reset"), "error");
  EXPECT_EQ(value_of(settings, "isolation.level"), "read_committed");
}

}  // namespace
}  // namespace millrace::kafka
