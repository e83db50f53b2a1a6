// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "engine/config/sections.h"
#include "engine/config/topic_pattern.h"

namespace millrace::config {
namespace {

bool is_input_topic(const InputConfig& input, const std::string& topic) {
  const auto same = [&topic](const Text& name) { return name.value == topic; };
  if (std::any_of(input.topics.begin(), input.topics.end(), same)) return true;
  if (!input.pattern) return false;
  const auto pattern = TopicPattern::compile(input.pattern->value);
  return pattern.ok() && pattern.value().matches(topic);
}

}  // namespace

OutputConfig read_output(const Field& field) {
  OutputConfig output;
  auto map = field.map();
  if (!map) return output;
  map->not_yet({"partition", "headers", "timestamp", "encoding", "spacing", "max_expansion"});
  set_if(output.topic, map->require("topic", "write the topic that good records go to").topic());
  set_if(output.key, map->take("key").member());
  map->finish();
  return output;
}

DeadLettersConfig read_dead_letters(const Field& field) {
  static constexpr std::string_view kExpectation =
      "'discard' (rejected records are counted, and gone) or a map with the key 'topic'";
  DeadLettersConfig dead_letters;
  if (field.is(NodeKind::kScalar)) {
    const auto word = field.text(kExpectation);
    dead_letters.discard = word && word->value == "discard";
    if (word && !dead_letters.discard) field.expected(kExpectation);
    return dead_letters;
  }
  auto map = field.map(kExpectation);
  if (!map) return dead_letters;
  map->not_yet({"stop_above", "format", "key", "mask", "reason_text"});
  set_if(dead_letters.topic,
         map->require("topic", "write the topic that rejected records go to").topic());
  map->finish();
  return dead_letters;
}

DeliveryConfig read_delivery(const Field& field, const Context& context) {
  static constexpr std::string_view kHint =
      "write 'at_least_once'; exactly once is going to be the default and is not supported yet";
  DeliveryConfig delivery;
  auto map = field.map();
  if (!map) return delivery;
  map->not_yet({"on_failure", "timeout", "instance"});
  const Field guarantee = map->require("guarantee", kHint);
  if (const auto word = guarantee.text("at_least_once")) {
    if (word->value == "exactly_once") {
      add_not_yet(context.problems, word->place, "'delivery.guarantee': 'exactly_once'");
    } else if (word->value != "at_least_once") {
      guarantee.expected("at_least_once");
    }
  }
  set_if(delivery.commit_every,
         map->take("commit_every").duration(std::chrono::milliseconds{10}, std::chrono::hours{1}));
  map->finish();
  return delivery;
}

void check_loops(const PipelineConfig& config, Problems& problems) {
  const Text& output = config.output.topic;
  const Text& dead_letters = config.dead_letters.topic;
  const auto loop = [&problems](const Text& topic, const std::string& key) {
    problems.add(topic.place, "'" + key + "' is " + in_quotes(topic.value) +
                                  ", which is an input topic too; its records would go round for "
                                  "ever");
  };
  if (!output.value.empty() && is_input_topic(config.input, output.value)) {
    loop(output, "output.topic");
  }
  if (dead_letters.value.empty()) return;
  if (is_input_topic(config.input, dead_letters.value)) loop(dead_letters, "dead_letters.topic");
  if (dead_letters.value == output.value) {
    problems.add(dead_letters.place, "'dead_letters.topic' is " + in_quotes(dead_letters.value) +
                                         ", which is the output topic too; rejected records would "
                                         "stand among the good ones");
  }
}

}  // namespace millrace::config
