// SPDX-License-Identifier: Apache-2.0
#include "engine/app/latency_settings.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace millrace::app {
namespace {

using std::chrono::milliseconds;

// A broker answers a fetch that asks for one byte as soon as there is a record, so that a long wait
// costs no latency, and few requests while nothing comes. One that asks for more makes each record
// wait, so that its wait is short; but not shorter than an idle pipeline can ask again and again.
// Where brokers gather, what comes is together already: a poll and the producer need wait for
// little more.
LatencySettings preset(config::Latency latency) {
  switch (latency) {
    case config::Latency::kLow:
      return {.batch_wait = milliseconds{1},
              .linger = milliseconds{1},
              .fetch_bytes_min = 1,
              .fetch_wait = milliseconds{500}};
    case config::Latency::kRelaxed:
      return {.batch_wait = milliseconds{2},
              .linger = milliseconds{2},
              .fetch_bytes_min = 60'000,
              .fetch_wait = milliseconds{20}};
    case config::Latency::kBalanced:
      break;
  }
  return {.batch_wait = milliseconds{5},
          .linger = milliseconds{2},
          .fetch_bytes_min = 1,
          .fetch_wait = milliseconds{500}};
}

std::string_view name_of(config::Latency latency) {
  switch (latency) {
    case config::Latency::kLow:
      return "low";
    case config::Latency::kRelaxed:
      return "relaxed";
    case config::Latency::kBalanced:
      break;
  }
  return "balanced";
}

bool is_set(const config::KafkaConfig& kafka, const std::vector<config::KafkaProperty>& own,
            std::initializer_list<std::string_view> names) {
  const auto among = [&names](const config::KafkaProperty& property) {
    return std::find(names.begin(), names.end(), property.name.value) != names.end();
  };
  return std::any_of(kafka.common.begin(), kafka.common.end(), among) ||
         std::any_of(own.begin(), own.end(), among);
}

}  // namespace

LatencySettings latency_settings(const config::PipelineConfig& config) {
  LatencySettings settings = preset(config.latency);
  if (config.input.batch_wait) settings.batch_wait = *config.input.batch_wait;
  return settings;
}

std::string describe_latency(const config::PipelineConfig& config) {
  const LatencySettings settings = latency_settings(config);
  const config::KafkaConfig& kafka = config.kafka;
  const bool own_linger = is_set(kafka, kafka.producer, {"linger.ms", "queue.buffering.max.ms"});
  const bool own_bytes = is_set(kafka, kafka.consumer, {"fetch.min.bytes"});
  const bool own_wait = is_set(kafka, kafka.consumer, {"fetch.wait.max.ms"});
  const auto either = [](bool own, std::string_view property, std::string number) {
    return own ? fmt::format("'{}'", property) : std::move(number);
  };
  return fmt::format(
      "{}: poll {} ms, linger {}, fetch {} or {}", name_of(config.latency),
      settings.batch_wait.count(),
      either(own_linger, "linger.ms", fmt::format("{} ms", settings.linger.count())),
      either(own_bytes, "fetch.min.bytes",
             fmt::format("{} {}", settings.fetch_bytes_min,
                         settings.fetch_bytes_min == 1 ? "byte" : "bytes")),
      either(own_wait, "fetch.wait.max.ms", fmt::format("{} ms", settings.fetch_wait.count())));
}

}  // namespace millrace::app
