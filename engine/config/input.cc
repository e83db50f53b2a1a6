// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "engine/config/names.h"
#include "engine/config/sections.h"
#include "engine/config/topic_pattern.h"

namespace millrace::config {
namespace {

void read_topic_list(const Field& field, InputConfig& input) {
  std::set<std::string> seen;
  for (const Field& item : field.items("a list of topics")) {
    auto topic = item.topic();
    if (!topic) continue;
    if (!seen.insert(topic->value).second) {
      item.problem("names the topic " + in_quotes(topic->value) + " twice");
      continue;
    }
    input.topics.push_back(std::move(*topic));
  }
}

void read_pattern(const Field& field, InputConfig& input) {
  auto pattern = field.text("a pattern of topic names that begins with '^'");
  if (!pattern) return;
  const auto compiled = TopicPattern::compile(pattern->value);
  if (compiled.ok()) {
    input.pattern = std::move(*pattern);
  } else {
    field.problem(compiled.message());
  }
}

void read_topics(MapReader& map, InputConfig& input, Problems& problems) {
  const Field topic = map.take("topic");
  const Field topics = map.take("topics");
  const Field pattern = map.take("topic_pattern");
  const int given =
      (topic.present() ? 1 : 0) + (topics.present() ? 1 : 0) + (pattern.present() ? 1 : 0);
  if (given != 1) {
    problems.add(map.place(), std::string("'input' needs exactly one of the keys 'topic', "
                                          "'topics' and 'topic_pattern', and has ") +
                                  (given == 0 ? "none" : "several"));
  }
  if (auto name = topic.topic()) input.topics.push_back(std::move(*name));
  read_topic_list(topics, input);
  read_pattern(pattern, input);
}

void read_batch(const Field& field, InputConfig& input) {
  auto map = field.map();
  if (!map) return;
  set_if(input.batch_records_max, map->take("max_records").count(1, 100'000));
  input.batch_wait =
      map->take("max_wait").duration(std::chrono::milliseconds{0}, std::chrono::seconds{10});
  map->finish();
}

}  // namespace

InputConfig read_input(const Field& field, const Context& context) {
  InputConfig input;
  auto map = field.map();
  if (!map) return input;
  map->not_yet({"gaps", "partitions", "max_expansion"});
  read_topics(*map, input, context.problems);

  const Field group = map->require("group", "write the consumer group's name");
  if (auto name = group.text("the name of a consumer group")) {
    if (name->value.size() > kGroupBytesMax) group.problem("is longer than 255 bytes");
    input.group = std::move(*name);
  }
  set_if(input.start, map->take("start").choice<Start>(
                          {{"earliest", Start::kEarliest}, {"latest", Start::kLatest}}));
  set_if(input.on_lost_offsets, map->take("on_lost_offsets")
                                    .choice<OnLostOffsets>({{"stop", OnLostOffsets::kStop},
                                                            {"earliest", OnLostOffsets::kEarliest},
                                                            {"latest", OnLostOffsets::kLatest}}));
  read_batch(map->take("batch"), input);
  set_if(input.tombstones, map->take("tombstones")
                               .choice<Tombstones>({{"dead_letter", Tombstones::kDeadLetter},
                                                    {"pass", Tombstones::kPass},
                                                    {"filter", Tombstones::kFilter}}));
  set_if(input.duplicate_members,
         map->take("duplicate_members")
             .choice<DuplicateMembers>({{"last_wins", DuplicateMembers::kLastWins},
                                        {"dead_letter", DuplicateMembers::kDeadLetter}}));
  set_if(input.values, map->take("values").choice<Values>(
                           {{"objects", Values::kObjects}, {"any", Values::kAny}}));
  map->finish();
  return input;
}

}  // namespace millrace::config
