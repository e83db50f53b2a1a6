// SPDX-License-Identifier: Apache-2.0
#include "engine/config/insight_topic.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::config {
namespace {

using Source = RecordSource;
using std::chrono::milliseconds;

constexpr size_t kMembersMax = 50;
constexpr milliseconds kEveryMin = std::chrono::seconds{1};
constexpr milliseconds kEveryMax = std::chrono::hours{24};
// Says of a record that was cut how much is missing.
constexpr std::string_view kReserved = "not_shown";

constexpr std::array<std::pair<std::string_view, Source>, 18> kSources = {{
    {"counts", Source::kCounts},
    {"value", Source::kValue},
    {"items", Source::kItems},
    {"values", Source::kValues},
    {"low", Source::kLow},
    {"high", Source::kHigh},
    {"exact", Source::kExact},
    {"by", Source::kBy},
    {"not_kept", Source::kNotKept},
    {"pipeline", Source::kPipeline},
    {"insight", Source::kInsight},
    {"topic", Source::kTopic},
    {"partition", Source::kPartition},
    {"partitions", Source::kPartitions},
    {"window_start", Source::kWindowStart},
    {"window_end", Source::kWindowEnd},
    {"final", Source::kFinal},
    {"result", Source::kResult},
}};

// Which members the result of a kind has.
std::vector<Source> sources_of_result(const InsightConfig& insight) {
  switch (insight.kind) {
    case InsightKind::kCountBy:
      return {Source::kCounts, Source::kNotKept};
    case InsightKind::kHoursOfDay:
      return {Source::kCounts};
    case InsightKind::kTop:
      return {Source::kItems};
    case InsightKind::kQuantiles:
      return {Source::kValues};
    case InsightKind::kFirst:
    case InsightKind::kLast:
      return {Source::kValues, Source::kNotKept};
    case InsightKind::kDistinct:
      if (!insight.by.empty()) return {Source::kBy, Source::kNotKept};
      return {Source::kValue, Source::kLow, Source::kHigh, Source::kExact};
    case InsightKind::kCount:
    case InsightKind::kSum:
    case InsightKind::kMin:
    case InsightKind::kMax:
    case InsightKind::kMean:
    case InsightKind::kRate:
      return {Source::kValue};
  }
  return {};
}

// All that a record of this insight can show.
std::vector<Source> sources_of(const InsightConfig& insight) {
  std::vector<Source> sources = sources_of_result(insight);
  sources.push_back(Source::kResult);
  sources.push_back(Source::kPipeline);
  sources.push_back(Source::kInsight);
  sources.push_back(Source::kFinal);
  if (insight.window) {
    for (const Source source :
         {Source::kTopic, Source::kPartition, Source::kWindowStart, Source::kWindowEnd})
      sources.push_back(source);
  } else {
    sources.push_back(Source::kPartitions);
  }
  return sources;
}

std::string_view word_of(Source source) {
  for (const auto& [word, one] : kSources) {
    if (one == source) return word;
  }
  return "";
}

void read_member(const Field& value, const InsightConfig& insight, const std::string& name,
                 InsightTopicConfig& topic) {
  std::vector<std::string_view> words;
  for (const auto& [word, source] : kSources) words.push_back(word);
  const auto text = value.text(one_of(words));
  if (!text) return;
  const auto* const found =
      std::find_if(kSources.begin(), kSources.end(),
                   [&text](const auto& source) { return source.first == text->value; });
  if (found == kSources.end()) return value.expected(one_of(words));
  const std::vector<Source> sources = sources_of(insight);
  if (std::find(sources.begin(), sources.end(), found->second) == sources.end()) {
    std::vector<std::string_view> of_kind;
    for (const Source source : sources) of_kind.push_back(word_of(source));
    value.problem("is " + in_quotes(text->value) + ", which this insight does not have; it has " +
                  one_of(of_kind));
    return;
  }
  topic.as.emplace_back(name, found->second);
}

void read_as(const Field& field, const InsightConfig& insight, Problems& problems,
             InsightTopicConfig& topic) {
  const auto map = field.map("a map such as {device_type_counts: counts}");
  if (!map) return;
  const std::vector<NodeMember>& members = field.node().members;
  if (members.empty()) field.problem("is empty; write {device_type_counts: counts}");
  if (members.size() > kMembersMax) field.problem("has more than 50 members");
  for (const NodeMember& member : members) {
    const Field value(member.value.get(), field.path(), member.key.place, problems);
    if (member.key.value == kReserved) {
      problems.add(member.key.place,
                   "'" + field.path() +
                       "' names a member 'not_shown', which says "
                       "how much was left out of a record that would be too large");
    } else {
      read_member(value, insight, member.key.value, topic);
    }
  }
}

// A key that means nothing without a topic.
void refuse_without_topic(const Field& field, std::string_view says, Problems& problems) {
  if (!field.present()) return;
  problems.add(field.key_place(), "'" + field.path() + "' says " + std::string(says) +
                                      ", and there is no key 'topic'");
}

}  // namespace

void read_topic_keys(MapReader& map, Problems& problems, InsightConfig& insight) {
  const Field name = map.take("topic");
  const Field as = map.take("as");
  const Field every = insight.window ? Field(nullptr, "", {}, problems) : map.take("every");
  if (!name.present()) {
    refuse_without_topic(every, "how often the insight is written to a topic", problems);
    refuse_without_topic(as, "what is written to a topic", problems);
    return;
  }
  InsightTopicConfig topic;
  auto text = name.topic();
  if (text) topic.topic = std::move(*text);
  set_if(topic.every, every.duration(kEveryMin, kEveryMax));
  read_as(as, insight, problems, topic);
  if (text) insight.topic = std::move(topic);
}

}  // namespace millrace::config
