// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/letter_groups.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/operate/letter_text.h"
#include "engine/operate/masked_value.h"
#include "engine/record/json_writer.h"
#include "engine/record/printable.h"
#include "engine/record/value_text.h"

namespace millrace::operate {
namespace {

constexpr size_t kPartitionsShown = 8;
constexpr size_t kValueShownMax = 2000;
// What pipelines have stays below these; headers of letters may say anything.
constexpr size_t kGroupsMax = 10'000;
constexpr size_t kReasonBytesMax = 1024;
constexpr size_t kTopicBytesMax = 249;
constexpr uint64_t kAttemptsMax = 1000;
constexpr size_t kCountsMax = 100'000;  // of all groups
constexpr std::string_view kOthers = "(others)";

std::string partitions_text(const LetterGroup& group) {
  std::string text;
  size_t shown = 0;
  for (const auto& [id, count] : group.partitions) {
    if (shown++ == kPartitionsShown) {
      return text + fmt::format(", and {} more", group.partitions.size() - kPartitionsShown);
    }
    text += fmt::format("{}{}-{} ({})", text.empty() ? "" : ", ", record::printable(id.topic),
                        id.partition, count);
  }
  return text;
}

std::string attempts_text(const LetterGroup& group) {
  std::string text;
  for (const auto& [attempts, count] : group.attempts) {
    if (attempts > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, times_text(attempts));
  }
  return text;
}

// The most frequent first.
std::vector<std::pair<std::string, const LetterGroup*>> by_count(const LetterGroups& groups) {
  std::vector<std::pair<std::string, const LetterGroup*>> sorted;
  for (const auto& [reason, group] : groups.groups()) sorted.emplace_back(reason, &group);
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& left, const auto& right) {
    return left.second->count > right.second->count;
  });
  return sorted;
}

void append_group(const std::string& reason, const LetterGroup& group, std::string& text) {
  text += fmt::format("\n{}\n", record::printable(reason));
  text += fmt::format("  letters     {}, of which {} replayed or parked and {} left\n", group.count,
                      group.replayed, group.count - group.replayed);
  text +=
      fmt::format("  time        {} to {}\n", time_text(group.first_ms), time_text(group.last_ms));
  text += fmt::format("  input       {}\n", partitions_text(group));
  if (const std::string attempts = attempts_text(group); !attempts.empty())
    text += fmt::format("  replayed    {} before\n", attempts);
  text += fmt::format("  newest      {}-{} at {} (in {}-{} at {})\n",
                      record::printable(group.from.topic), group.from.partition, group.from_offset,
                      group.at.topic, group.at.partition, group.offset);
  if (!group.reason_text.empty())
    text += fmt::format("              {}\n", record::printable(group.reason_text));
  text += fmt::format("              {}\n",
                      record::printable(group.value.empty() ? group.masked : group.value));
}

void write_group(const std::string& reason, const LetterGroup& group, record::JsonWriter& json) {
  json.begin_object();
  json.member("reason", reason);
  json.member("count", group.count);
  json.member("replayed", group.replayed);
  json.member("left", group.count - group.replayed);
  json.member("first", time_text(group.first_ms));
  json.member("last", time_text(group.last_ms));
  json.name("partitions");
  json.begin_array();
  for (const auto& [id, count] : group.partitions) {
    json.begin_object();
    json.member("topic", id.topic);
    json.member("partition", id.partition);
    json.member("count", count);
    json.end_object();
  }
  json.end_array();
  json.name("attempts");
  json.begin_object();
  for (const auto& [attempts, count] : group.attempts) {
    json.member(std::to_string(attempts), count);
  }
  json.end_object();
  json.name("sample");
  json.begin_object();
  json.member("topic", group.from.topic);
  json.member("partition", group.from.partition);
  json.member("offset", group.from_offset);
  json.member("letter", fmt::format("{}-{}@{}", group.at.topic, group.at.partition, group.offset));
  json.member("masked", group.masked);
  if (!group.value.empty()) {
    json.member("value", group.value);
    json.member("reason_text", group.reason_text);
  }
  json.end_object();
  json.end_object();
}

}  // namespace

LetterGroup& LetterGroups::group_of(std::string_view reason) {
  const auto known = groups_.find(reason);
  if (known != groups_.end()) return known->second;
  return groups_[std::string(groups_.size() < kGroupsMax ? reason : kOthers)];
}

template <typename Key>
void LetterGroups::count(std::map<Key, uint64_t>& counts, const Key& key, const Key& others) {
  const auto known = counts.find(key);
  if (known != counts.end()) {
    ++known->second;
  } else if (++counts_ <= kCountsMax) {
    counts.emplace(key, 1);
  } else {
    ++counts[others];
  }
}

void LetterGroups::add(const Scanned& scanned, bool replayed) {
  const Letter& letter = *scanned.letter;
  LetterGroup& group = group_of(record::cut_text(letter.reason, kReasonBytesMax));
  const std::string topic(record::cut_text(letter.topic, kTopicBytesMax));
  const int64_t died_ms = scanned.record.timestamp_ms;
  ++count_;
  group.replayed += replayed ? 1 : 0;
  if (group.count++ == 0) group.first_ms = group.last_ms = died_ms;
  group.first_ms = std::min(group.first_ms, died_ms);
  count(group.partitions, {topic, letter.partition}, {std::string(kOthers), 0});
  count(group.attempts, std::min(letter.attempts, kAttemptsMax), kAttemptsMax);
  if (died_ms < group.last_ms) return;
  group.last_ms = died_ms;
  group.at = scanned.at;
  group.offset = scanned.record.offset.value;
  group.from = {topic, letter.partition};
  group.from_offset = letter.offset;
  group.masked = masked_value(scanned.record.value, names_);
  if (!show_values_) return;
  group.value = std::string(scanned.record.value.view().substr(0, kValueShownMax));
  group.reason_text = std::string(letter.reason_text.substr(0, kValueShownMax));
}

std::string to_text(const LetterGroups& groups, const ListTotals& totals) {
  std::string text =
      fmt::format("{} dead letters of pipeline {} in {}{}\n", groups.count(), totals.pipeline,
                  fmt::join(totals.topics, ", "), totals.complete ? "" : " (not all were read)");
  for (const auto& [reason, group] : by_count(groups)) append_group(reason, *group, text);
  const auto line = [&text](uint64_t count, const char* what) {
    if (count > 0) text += fmt::format("\n{} {}", count, what);
  };
  line(totals.not_matching, "others, which the filter leaves out");
  line(totals.other_pipelines, "of other pipelines");
  line(totals.foreign, "records that are no dead letters of Millrace");
  return text.ends_with('\n') ? text : text + "\n";
}

std::string to_json(const LetterGroups& groups, const ListTotals& totals) {
  record::JsonWriter json(2);
  json.begin_object();
  json.member("pipeline", totals.pipeline);
  json.name("topics");
  json.begin_array();
  for (const std::string& topic : totals.topics) json.string(topic);
  json.end_array();
  json.member("complete", totals.complete);
  json.member("read", totals.read);
  json.member("count", groups.count());
  json.member("not_matching", totals.not_matching);
  json.member("other_pipelines", totals.other_pipelines);
  json.member("foreign", totals.foreign);
  json.name("groups");
  json.begin_array();
  for (const auto& [reason, group] : by_count(groups)) write_group(reason, *group, json);
  json.end_array();
  json.end_object();
  return json.take() + "\n";
}

}  // namespace millrace::operate
