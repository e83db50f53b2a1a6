// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/replay_topics.h"

#include <chrono>
#include <memory>

#include <fmt/format.h>

#include "engine/base/log.h"

namespace millrace::operate {
namespace {

// The number of partitions, once it is there.
base::Status ensure(kafka::Admin& admin, const kafka::NewTopic& topic,
                    const kafka::Patience& patience) {
  const auto partitions = admin.partition_count(topic.name, patience);
  if (!partitions.ok()) return partitions.error();
  if (partitions.value() > 0) return {};
  const auto made = admin.create_topic(topic, patience);
  if (!made.ok()) return made.error();
  if (made.value()) base::log::info("Made topic {}.", topic.name);
  return {};
}

base::Status check_kept(kafka::Admin& admin, const std::string& topic,
                        std::chrono::milliseconds wait) {
  const auto settings = admin.topic_settings(topic, wait);
  if (!settings.ok()) return {};  // not permitted, perhaps; then it is taken for compacted
  const auto value = [&settings](const char* name) {
    const auto found = settings.value().find(name);
    return found == settings.value().end() ? std::string() : found->second;
  };
  const std::string policy = value("cleanup.policy");
  const bool for_ever = value("retention.ms") == "-1" && value("retention.bytes") == "-1";
  if (policy.empty() || for_ever || policy.find("delete") == std::string::npos) return {};
  return base::Error{fmt::format(
      "topic {}, where replays note what they have done, has cleanup.policy={}: the brokers would "
      "delete that, and dead letters would be replayed again; set cleanup.policy=compact "
      "(kafka-configs --alter --entity-type topics --entity-name {} --add-config "
      "cleanup.policy=compact)",
      topic, policy, topic)};
}

}  // namespace

kafka::NewTopic progress_topic(const std::string& name) {
  return {.name = name, .partitions = 1, .settings = {{"cleanup.policy", "compact"}}};
}

base::Result<ReplayTopics> ensure_replay_topics(const config::KafkaConfig& kafka,
                                                const std::string& parking,
                                                const std::string& progress,
                                                const std::string& dead_letters,
                                                const kafka::Patience& patience,
                                                std::chrono::milliseconds settings_wait) {
  auto made = kafka::Admin::create(kafka, kafka::Side::kOutput);
  if (!made.ok()) return made.error();
  kafka::Admin& admin = *made.value();
  const auto partitions = admin.partition_count(dead_letters, patience);
  if (!partitions.ok()) return partitions.error();
  const kafka::NewTopic park{.name = parking, .partitions = std::max(1, partitions.value())};
  for (const kafka::NewTopic& topic : {park, progress_topic(progress)})
    if (base::Status status = ensure(admin, topic, patience); !status.ok())
      return base::Error{status.message()};
  if (base::Status status = check_kept(admin, progress, settings_wait); !status.ok())
    return base::Error{status.message()};
  auto parking_limits = admin.output_limits(parking, patience, settings_wait);
  if (!parking_limits.ok()) return parking_limits.error();
  auto progress_limits = admin.output_limits(progress, patience, settings_wait);
  if (!progress_limits.ok()) return progress_limits.error();
  return ReplayTopics{{parking, parking_limits.value()}, {progress, progress_limits.value()}};
}

}  // namespace millrace::operate
