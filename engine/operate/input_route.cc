// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/input_route.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/operate/replay_batch.h"
#include "engine/record/printable.h"

namespace millrace::operate {
namespace {

constexpr size_t kTopicsMax = 250;

base::Status demand_one_cluster(const config::PipelineConfig& config, kafka::Admin& input,
                                const kafka::Patience& patience) {
  if (config.kafka.consumer.empty() && config.kafka.producer.empty()) return {};
  auto output = kafka::Admin::create(config.kafka, kafka::Side::kOutput);
  if (!output.ok()) return output.error();
  const auto here = input.cluster_id(patience);
  if (!here.ok()) return here.error();
  const auto there = output.value()->cluster_id(patience);
  if (!there.ok()) return there.error();
  if (here.value() == there.value()) return {};
  return base::Error{fmt::format(
      "the input is on cluster {} and the dead letters are on cluster {}: no transaction spans "
      "both, so that a replay to the input could repeat records; use --through-plan, which writes "
      "to the cluster of the dead letters only",
      here.value(), there.value())};
}

}  // namespace

base::Result<std::unique_ptr<InputRoute>> InputRoute::create(const config::PipelineConfig& config,
                                                             const kafka::Patience& patience) {
  auto made = kafka::Admin::create(config.kafka, kafka::Side::kInput);
  if (!made.ok()) return made.error();
  kafka::Admin& admin = *made.value();
  if (base::Status status = demand_one_cluster(config, admin, patience); !status.ok())
    return base::Error{status.message()};
  std::vector<std::string> names;
  for (const config::Text& topic : config.input.topics) names.push_back(topic.value);
  if (config.input.pattern) {
    const std::vector<std::string> pattern{config.input.pattern->value};
    auto matching = admin.matching(pattern, patience);
    if (!matching.ok()) return matching.error();
    names = std::move(matching.value());
  }
  if (names.size() > kTopicsMax)
    return base::Error{"the input has more than 250 topics: replay with --through-plan"};
  auto route = std::make_unique<InputRoute>();
  for (const std::string& name : names) {
    const auto partitions = admin.partition_count(name, patience);
    if (!partitions.ok()) return partitions.error();
    if (partitions.value() == 0)
      return base::Error{fmt::format("input topic {} does not exist", name)};
    const auto limits = admin.output_limits(name, patience);
    if (!limits.ok()) return limits.error();
    route->topics_.push_back({name, limits.value()});
  }
  return route;
}

base::Status InputRoute::take(const record::InputRecord& record, const Letter& letter,
                              std::vector<record::OutputRecord>& outputs,
                              record::Arena& /*arena*/) {
  const auto found = std::find_if(topics_.begin(), topics_.end(),
                                  [&](const auto& topic) { return topic.name == letter.topic; });
  if (found == topics_.end())
    return base::Error{
        fmt::format("topic {} is no input of the pipeline", record::printable(letter.topic))};
  record::OutputRecord output;
  output.key = record.key;
  output.value = record.value;
  output.headers = record.headers;
  output.topic = static_cast<record::OutputTopic>(found - topics_.begin());
  output.partition = letter.partition % std::max(1, found->limits.partitions);
  if (base::Status status = check_size(output, found->limits); !status.ok()) return status;
  outputs.push_back(output);
  return {};
}

}  // namespace millrace::operate
