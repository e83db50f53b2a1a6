// SPDX-License-Identifier: Apache-2.0
#include "engine/plan/compile_insight_topic.h"

namespace millrace::plan {
namespace {

insights::RecordSource to_source(config::RecordSource source) {
  using From = config::RecordSource;
  using To = insights::RecordSource;
  switch (source) {
    case From::kCounts:
      return To::kCounts;
    case From::kValue:
      return To::kValue;
    case From::kItems:
      return To::kItems;
    case From::kValues:
      return To::kValues;
    case From::kLow:
      return To::kLow;
    case From::kHigh:
      return To::kHigh;
    case From::kExact:
      return To::kExact;
    case From::kBy:
      return To::kBy;
    case From::kNotKept:
      return To::kNotKept;
    case From::kPipeline:
      return To::kPipeline;
    case From::kInsight:
      return To::kInsight;
    case From::kTopic:
      return To::kTopic;
    case From::kPartition:
      return To::kPartition;
    case From::kPartitions:
      return To::kPartitions;
    case From::kWindowStart:
      return To::kWindowStart;
    case From::kWindowEnd:
      return To::kWindowEnd;
    case From::kFinal:
      return To::kFinal;
    case From::kResult:
      return To::kResult;
  }
  return To::kResult;
}

}  // namespace

insights::TopicOutput compile_insight_topic(const config::InsightConfig& insight) {
  insights::TopicOutput output;
  output.topic = insight.topic->topic.value;
  if (!insight.window) output.every = insight.topic->every;
  for (const auto& [name, source] : insight.topic->as)
    output.members.push_back({name, to_source(source)});
  return output;
}

}  // namespace millrace::plan
