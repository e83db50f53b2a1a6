// SPDX-License-Identifier: Apache-2.0
#include "engine/app/plan_route.h"

#include "engine/base/clock.h"

namespace millrace::app {
namespace {

using Topics = std::vector<kafka::ProducerOptions::Topic>;

plan::OutputLimits limits_of(const Topics& topics) {
  plan::OutputLimits limits;
  for (const auto& topic : topics) limits.push_back(topic.limits);
  return limits;
}

record::Bytes copy(record::Bytes bytes, record::Arena& arena) {
  return bytes.null() ? bytes : record::Bytes::of(arena.copy(bytes.view()));
}

}  // namespace

PlanRoute::PlanRoute(const Pipeline& pipeline, Topics topics)
    : topics_(std::move(topics)),
      processor_(*pipeline.plan, limits_of(topics_)),
      shard_(pipeline.plan->declaration()) {}

base::Result<std::unique_ptr<PlanRoute>> PlanRoute::create(const Pipeline& pipeline, bool dry_run,
                                                           const kafka::Patience& patience) {
  auto admin = kafka::Admin::create(pipeline.config.kafka, kafka::Side::kOutput);
  if (!admin.ok()) return admin.error();
  Topics topics;
  for (const plan::OutputTopicUse& use : pipeline.plan->output_topics()) {
    kafka::ProducerOptions::Topic topic{use.name, {}};
    if (!dry_run) {
      const auto limits = admin.value()->output_limits(use.name, patience);
      if (!limits.ok()) return limits.error();
      topic.limits = limits.value();
    }
    topics.push_back(std::move(topic));
  }
  return std::unique_ptr<PlanRoute>(new PlanRoute(pipeline, std::move(topics)));
}

base::Status PlanRoute::take(const record::InputRecord& record, const operate::Letter& letter,
                             std::vector<record::OutputRecord>& outputs, record::Arena& arena) {
  batch_.reset();
  shard_.clear();
  topic_ = letter.topic;
  batch_.open(record.offset, letter.partition, base::SystemClock().now());
  batch_.append(record);
  processor_.process(batch_, topic_, shard_);
  switch (batch_.outcomes().front()) {
    case record::Outcome::kEmitted:
      ++open_.emitted;
      break;
    case record::Outcome::kFiltered:
      ++open_.filtered;
      break;
    case record::Outcome::kDeadLettered:
      ++open_.dead_lettered;
      break;
    case record::Outcome::kNone:
      break;
  }
  // The batch is for the next one.
  for (record::OutputRecord output : batch_.outputs()) {
    output.key = copy(output.key, arena);
    output.value = copy(output.value, arena);
    auto* headers = arena.take_array<record::Header>(output.headers.size());
    for (size_t i = 0; i < output.headers.size(); ++i)
      headers[i] = {arena.copy(output.headers[i].name), copy(output.headers[i].value, arena)};
    output.headers = {headers, output.headers.size()};
    outputs.push_back(output);
  }
  return {};
}

void PlanRoute::settled(bool committed) {
  if (committed) {
    settled_.emitted += open_.emitted;
    settled_.filtered += open_.filtered;
    settled_.dead_lettered += open_.dead_lettered;
  }
  open_ = {};
}

std::vector<std::pair<std::string, uint64_t>> PlanRoute::counts() const {
  return {{"emitted", settled_.emitted},
          {"filtered", settled_.filtered},
          {"dead_lettered", settled_.dead_lettered}};
}

}  // namespace millrace::app
