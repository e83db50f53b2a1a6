// SPDX-License-Identifier: Apache-2.0
#include "engine/app/topic_needs.h"

#include <limits>
#include <string>

#include "engine/app/alert_rules.h"
#include "engine/app/dead_letter_limit.h"
#include "engine/kafka/state_topic_setup.h"
#include "engine/operate/replay_topics.h"

namespace millrace::app {
namespace {

using operate::TopicNeed;
using Use = TopicNeed::Use;

// What is written down there is about the present only while nothing of it is deleted.
TopicNeed own(const kafka::NewTopic& topic, std::string what, kafka::Side side) {
  TopicNeed need{.name = topic.name,
                 .what = std::move(what),
                 .use = Use::kOwn,
                 .side = side,
                 .partitions = topic.partitions,
                 .settings = topic.settings};
  need.required = {{"cleanup.policy", "compact"}};
  return need;
}

}  // namespace

std::vector<TopicNeed> topic_needs(const Pipeline& pipeline) {
  const config::PipelineConfig& config = pipeline.config;
  std::vector<TopicNeed> needs;
  for (const config::Text& topic : config.input.topics)
    needs.push_back({.name = topic.value,
                     .what = "input topic",
                     .use = Use::kInput,
                     .side = kafka::Side::kInput});
  for (const plan::OutputTopicUse& use : pipeline.plan->output_topics()) {
    if (use.name.empty()) continue;
    TopicNeed need{.name = use.name, .what = "output topic"};
    if (!use.records) {
      need.what = "dead-letter topic";
      need.use = Use::kDeadLetters;
    }
    if (use.dead_letters) need.message_bytes_min = static_cast<int64_t>(kDeadLetterBytesMin);
    needs.push_back(std::move(need));
  }
  if (!config.dead_letters.progress_topic.value.empty()) {
    needs.push_back({.name = config.dead_letters.parking_topic.value,
                     .what = "parking topic of dead letters",
                     .use = Use::kDeadLetters});
    needs.push_back(own(operate::progress_topic(config.dead_letters.progress_topic.value),
                        "progress topic of replays", kafka::Side::kOutput));
  }
  for (const std::string& topic : pipeline.plan->insight_topics())
    needs.push_back({.name = topic, .what = "topic of insights"});
  for (const std::string& topic : alert_topics(config))
    needs.push_back({.name = topic, .what = "topic of alerts", .partitions = 1});
  if (config.state.durable) {
    const kafka::NewTopic state =
        kafka::new_state_topic(config.state.topic.value, std::numeric_limits<int32_t>::max());
    needs.push_back(own(state, "state topic", kafka::Side::kInput));
    needs.back().partitions = 0;
    needs.back().partitions_max = state.partitions;
  }
  return needs;
}

}  // namespace millrace::app
