// SPDX-License-Identifier: Apache-2.0
#include "engine/embedded/generator.h"

#include <map>
#include <set>
#include <vector>

#include <gtest/gtest.h>

#include "engine/embedded/embedded_broker.h"
#include "engine/kafka/topic_reader.h"

namespace millrace::embedded {
namespace {

using Topic = std::map<int32_t, std::vector<std::string>>;

Topic read(const EmbeddedBroker& broker, const std::string& topic) {
  kafka::ReadOptions options;
  options.topic = topic;
  options.fetch_wait = std::chrono::milliseconds{10};
  auto reader = kafka::TopicReader::create(broker.config(), options);
  EXPECT_TRUE(reader.ok());
  Topic records;
  auto count = reader.value()->read(
      [&](int32_t partition, const record::InputRecord& record) {
        records[partition].push_back(std::string(record.key.view()) + "=" +
                                     std::string(record.value.view()));
        return true;
      },
      kafka::Patience::at_most(std::chrono::seconds{20}));
  EXPECT_TRUE(count.ok());
  return records;
}

std::unique_ptr<EmbeddedBroker> start(const std::string& topic, int32_t partitions) {
  auto broker = EmbeddedBroker::start();
  EXPECT_TRUE(broker.ok());
  EXPECT_TRUE(broker.value()->create_topic(topic, partitions).ok());
  return std::move(broker.value());
}

GeneratorOptions options(uint64_t count) {
  GeneratorOptions made;
  made.count = count;
  made.start_time = 1'720'655'268;
  made.records.seed = 7;
  made.records.defects = DefectShares::mixed(100'000);
  return made;
}

GeneratorReport run(const EmbeddedBroker& broker, const GeneratorOptions& options) {
  auto generator = Generator::create(broker.config(), options);
  EXPECT_TRUE(generator.ok());
  auto report = generator.value()->run({});
  EXPECT_TRUE(report.ok()) << (report.ok() ? "" : report.message());
  return report.value();
}

TEST(Generator, ASeedRepeatsEveryPartitionByteForByte) {
  auto first = start("user-login", 3);
  auto second = start("user-login", 3);

  const GeneratorReport report = run(*first, options(3001));
  run(*second, options(3001));

  EXPECT_EQ(report.sent, 3001U);
  uint64_t tallied = 0;
  for (const uint64_t count : report.by_defect) tallied += count;
  EXPECT_EQ(tallied, 3001U);
  const Topic one = read(*first, "user-login");
  EXPECT_EQ(one, read(*second, "user-login"));
  EXPECT_EQ(one.at(0).size(), 1001U);
  EXPECT_EQ(one.at(1).size(), 1000U);
  EXPECT_EQ(one.at(2).size(), 1000U);
}

TEST(Generator, KeepsItsRate) {
  auto broker = start("user-login", 1);
  GeneratorOptions slow = options(200);
  slow.records_per_second = 400;

  const GeneratorReport report = run(*broker, slow);

  // The first record is due at once, the last one 199 / 400 s later.
  EXPECT_GE(report.elapsed, std::chrono::milliseconds{497});
  EXPECT_LT(report.elapsed, std::chrono::seconds{5});
}

TEST(Generator, SendsNoMoreThanItIsAllowed) {
  auto broker = start("user-login", 1);
  GeneratorOptions paced = options(1000);
  uint64_t allowed = 0;
  int asked = 0;
  paced.may_send = [&](uint64_t wanted) -> uint64_t {
    if (++asked % 2 == 0) return 0;
    const uint64_t grant = std::min<uint64_t>(wanted, 100);
    allowed += grant;
    return grant;
  };

  EXPECT_EQ(run(*broker, paced).sent, 1000U);
  EXPECT_EQ(allowed, 1000U);
  EXPECT_GE(asked, 19);
}

TEST(Generator, AStopEndsItAndWhatWasMadeIsSent) {
  auto broker = start("user-login", 1);
  GeneratorOptions endless = options(std::numeric_limits<uint64_t>::max());
  std::stop_source stop;
  uint64_t granted = 0;
  endless.may_send = [&](uint64_t) -> uint64_t {
    if (granted == 500) {
      stop.request_stop();
      return 0;
    }
    granted += 100;
    return 100;
  };
  auto generator = Generator::create(broker->config(), endless);
  ASSERT_TRUE(generator.ok());

  auto report = generator.value()->run(stop.get_token());

  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report.value().sent, 500U);
  EXPECT_EQ(generator.value()->sent(), 500U);
}

}  // namespace
}  // namespace millrace::embedded
