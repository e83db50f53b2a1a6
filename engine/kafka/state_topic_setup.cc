// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/state_topic_setup.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <string_view>

#include <fmt/format.h>

#include "engine/base/log.h"
#include "engine/base/pause.h"
#include "engine/kafka/error_class.h"

namespace millrace::kafka {
namespace {

constexpr int32_t kPartitionsMax = 8;
constexpr std::chrono::milliseconds kSettingsMax{5000};
constexpr std::chrono::milliseconds kBetween{200};
// A batch of chunks is about so large (librdkafka's batch.size).
constexpr size_t kMessageBytesMin = 1'000'000;

std::string setting(const TopicSettings& settings, const std::string& name) {
  const auto found = settings.find(name);
  return found == settings.end() ? std::string() : found->second;
}

// Whether it is one of the policies; they are separated by commas.
bool has(std::string_view policies, std::string_view policy) {
  return policies.find(policy) != std::string_view::npos;
}

base::Error unfit(const std::string& topic, const std::string& what) {
  return {
      fmt::format("topic {}, for the state of insights, {} "
                  "(kafka-configs --alter --entity-type topics --entity-name {} --add-config "
                  "...), or name another topic in 'state: {{topic: ...}}'",
                  topic, what, topic)};
}

base::Status check_policy(const std::string& topic, const TopicSettings& settings) {
  const std::string policy = setting(settings, "cleanup.policy");
  if (policy.empty()) return {};
  const bool keeps =
      setting(settings, "retention.ms") == "-1" && setting(settings, "retention.bytes") == "-1";
  if (has(policy, "compact") && (!has(policy, "delete") || keeps)) return {};
  return unfit(topic, fmt::format("has cleanup.policy={}, so that the brokers would delete state "
                                  "that is still needed: set cleanup.policy=compact",
                                  policy));
}

base::Result<size_t> message_bytes_max(const std::string& topic, const TopicSettings& settings) {
  const std::string text = setting(settings, "max.message.bytes");
  size_t bytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return StateTopicLimits().message_bytes_max;
  }
  if (bytes >= kMessageBytesMin) return bytes;
  return unfit(topic, fmt::format("has max.message.bytes={}, and what is written down of it may be "
                                  "larger: set max.message.bytes={}",
                                  bytes, StateTopicLimits().message_bytes_max));
}

// What went wrong, and what to do about it where the brokers do not let us.
base::Error problem(const Admin& admin, const std::string& topic, const std::string& doing,
                    const std::string& message) {
  return needs_person(admin.last_error()) ? state_topic_denied(topic, doing) : base::Error{message};
}

base::Status create(Admin& admin, const NewTopic& topic, const Patience& patience) {
  while (true) {
    auto made = admin.create_topic(topic, patience);
    if (made.ok()) {
      if (made.value()) {
        base::log::info("Made topic {} for the state of insights: compacted, partitions={}.",
                        topic.name, topic.partitions);
      }
      return {};
    }
    const ErrorClass kind = classify(admin.last_error());
    const bool passes = kind == ErrorClass::kRetriable || kind == ErrorClass::kUnknown;
    if (!passes || patience.over()) return problem(admin, topic.name, "create", made.message());
    base::pause_until(std::chrono::steady_clock::now() + kBetween, patience.stop);
  }
}

}  // namespace

NewTopic new_state_topic(const std::string& name, int32_t input_partitions) {
  return {.name = name,
          .partitions = std::clamp(input_partitions, 1, kPartitionsMax),
          .settings = {{"cleanup.policy", "compact"},
                       // What is read back is mostly what compaction did not get to yet.
                       {"segment.bytes", "67108864"},
                       {"min.cleanable.dirty.ratio", "0.1"}}};
}

base::Result<size_t> check_state_settings(const std::string& name, const TopicSettings& settings) {
  const base::Status status = check_policy(name, settings);
  if (!status.ok()) return base::Error{status.message()};
  return message_bytes_max(name, settings);
}

base::Error state_topic_denied(const std::string& topic, const std::string& doing) {
  return {fmt::format(
      "the brokers do not permit to {} topic {}, where the state of insights is kept: grant this "
      "pipeline Describe, DescribeConfigs, Read and Write on it, and Create unless it is made by "
      "hand (cleanup.policy=compact), or, with guarantee: at_least_once, do without "
      "('state: {{durable: false}}')",
      doing, topic)};
}

base::Result<StateTopicLimits> ensure_state_topic(const config::KafkaConfig& kafka,
                                                  const std::string& name, int32_t input_partitions,
                                                  const Patience& patience) {
  auto made = Admin::create(kafka, Side::kInput);
  if (!made.ok()) return made.error();
  Admin& admin = *made.value();
  auto partitions = admin.partition_count(name, patience);
  if (partitions.ok() && partitions.value() == 0) {
    base::Status status = create(admin, new_state_topic(name, input_partitions), patience);
    if (!status.ok()) return base::Error{status.message()};
    partitions = admin.partition_count(name, patience);
  }
  if (!partitions.ok()) return problem(admin, name, "look at", partitions.message());
  StateTopicLimits limits{.partitions = std::max(1, partitions.value())};
  const auto settings = admin.topic_settings(name, kSettingsMax, patience.stop);
  if (!settings.ok()) {
    base::log::info("The settings of topic {} cannot be read ({}); taking it for compacted.", name,
                    settings.message());
    return limits;
  }
  const auto bytes = check_state_settings(name, settings.value());
  if (!bytes.ok()) return bytes.error();
  limits.message_bytes_max = bytes.value();
  return limits;
}

}  // namespace millrace::kafka
