// SPDX-License-Identifier: Apache-2.0
#include "engine/app/latency_settings.h"

#include <gtest/gtest.h>

namespace millrace::app {
namespace {

using std::chrono::milliseconds;

config::PipelineConfig with(config::Latency latency) {
  config::PipelineConfig config;
  config.latency = latency;
  return config;
}

config::KafkaProperty property(const std::string& name, const std::string& value) {
  return {{name, {}}, value};
}

TEST(LatencySettings, LowWaitsForNothingButAFewRecordsMore) {
  const LatencySettings low = latency_settings(with(config::Latency::kLow));

  EXPECT_EQ(low.batch_wait, milliseconds(1));
  EXPECT_EQ(low.linger, milliseconds(1));
  EXPECT_EQ(low.fetch_bytes_min, 1U);
}

TEST(LatencySettings, BalancedIsTheDefault) {
  const LatencySettings balanced = latency_settings({});

  EXPECT_EQ(balanced.batch_wait, milliseconds(5));
  EXPECT_EQ(balanced.linger, milliseconds(2));
  EXPECT_EQ(balanced.fetch_bytes_min, 1U);
}

// What waits for many bytes must not wait for long, as a single record is held by all of it; nor
// for less, as that is how often an idle pipeline asks.
TEST(LatencySettings, RelaxedHasBrokersGatherRecords) {
  const LatencySettings relaxed = latency_settings(with(config::Latency::kRelaxed));

  EXPECT_EQ(relaxed.batch_wait, milliseconds(2));
  EXPECT_EQ(relaxed.linger, milliseconds(2));
  EXPECT_EQ(relaxed.fetch_bytes_min, 60'000U);
  EXPECT_EQ(relaxed.fetch_wait, milliseconds(20));
}

TEST(LatencySettings, TheWaitOfTheInputsOwnCounts) {
  for (const auto latency :
       {config::Latency::kLow, config::Latency::kBalanced, config::Latency::kRelaxed}) {
    config::PipelineConfig config = with(latency);
    config.input.batch_wait = milliseconds(17);

    EXPECT_EQ(latency_settings(config).batch_wait, milliseconds(17));
    EXPECT_EQ(latency_settings(config).linger, latency_settings(with(latency)).linger);
  }
}

TEST(LatencySettings, AreDescribedInOneLine) {
  EXPECT_EQ(describe_latency({}), "balanced: poll 5 ms, linger 2 ms, fetch 1 byte or 500 ms");
  EXPECT_EQ(describe_latency(with(config::Latency::kLow)),
            "low: poll 1 ms, linger 1 ms, fetch 1 byte or 500 ms");
  EXPECT_EQ(describe_latency(with(config::Latency::kRelaxed)),
            "relaxed: poll 2 ms, linger 2 ms, fetch 60000 bytes or 20 ms");
}

// Their values win, and are librdkafka's to read.
TEST(LatencySettings, ThePropertiesOfTheUserAreNamedInTheirPlaces) {
  config::PipelineConfig config;
  config.kafka.producer = {property("linger.ms", "0.5")};
  config.kafka.common = {property("fetch.wait.max.ms", "7")};
  EXPECT_EQ(describe_latency(config),
            "balanced: poll 5 ms, linger 'linger.ms', fetch 1 byte or 'fetch.wait.max.ms'");

  config.kafka.producer = {property("queue.buffering.max.ms", "1")};
  config.kafka.common.clear();
  config.kafka.consumer = {property("fetch.min.bytes", "9")};
  EXPECT_EQ(describe_latency(config),
            "balanced: poll 5 ms, linger 'linger.ms', fetch 'fetch.min.bytes' or 500 ms");
}

}  // namespace
}  // namespace millrace::app
