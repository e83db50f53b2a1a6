// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/offsets.h"

#include <algorithm>

#include <fmt/format.h>

#include "engine/insights/utc_text.h"
#include "engine/record/json_writer.h"
#include "engine/record/printable.h"

namespace millrace::operate {
namespace {

using Kind = state::Resume::Kind;

std::string next_words(const Standings& standings, const Standing& standing) {
  if (!standings.durable) return {};
  if (!standings.state_error.empty()) return "insights: not known";
  if (standing.written && !standing.written->error.empty() &&
      standing.resume.kind != Kind::kReset) {
    return "insights: cannot be read; stops";
  }
  switch (standing.resume.kind) {
    case Kind::kAnew:
      return "insights: begin";
    case Kind::kGoesOn:
      return standing.restore_from().valid()
                 ? fmt::format("insights: go on, {} offsets count again",
                               standing.committed.value - standing.restore_from().value)
                 : std::string("insights: go on");
    case Kind::kReset:
      return "insights: begin anew";
    case Kind::kKeep:
      return "insights: go on with what they have";
    case Kind::kMistaken:
      return "insights: do not fit, see state.on_moved_offsets";
  }
  return {};
}

const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::kAnew:
      return "begins";
    case Kind::kGoesOn:
      return "goes_on";
    case Kind::kReset:
      return "reset";
    case Kind::kKeep:
      return "keep";
    case Kind::kMistaken:
      return "does_not_fit";
  }
  return "";
}

void write(record::JsonWriter& json, const Standings& standings, const Standing& standing) {
  json.begin_object();
  json.member("topic", standing.id.topic);
  json.member("partition", standing.id.partition);
  json.member("begin", standing.begin);
  json.member("stable", standing.stable);
  json.member("end", standing.end);
  json.member("committed", standing.committed);
  json.member("lag", standing.lag());
  json.member("next_ms", standing.next_ms);
  json.member("metadata", standing.metadata);
  json.member("error", standing.error);
  json.name("insights");
  if (!standings.durable || !standings.state_error.empty()) {
    json.null();
  } else {
    json.begin_object();
    json.member("then", name_of(standing.resume.kind));
    json.member("why", standing.resume.why);
    json.member("written", standing.written ? standing.written->end : base::Offset());
    json.member("written_ms",
                standing.written ? std::optional(standing.written->written_ms) : std::nullopt);
    json.member("bytes", standing.written ? standing.written->bytes : uint64_t{0});
    json.member("error", standing.written ? standing.written->error : "");
    json.end_object();
  }
  json.end_object();
}

}  // namespace

std::string name_of(const base::TopicPartition& id) {
  return fmt::format("{}/{}", id.topic, id.partition);
}

std::string moment_text(int64_t unix_ms) {
  return insights::utc_text(unix_ms, insights::Precision::kSeconds);
}

std::string age_text(int64_t milliseconds) {
  constexpr int64_t kSecond = 1000;
  constexpr int64_t kMinute = 60 * kSecond;
  constexpr int64_t kHour = 60 * kMinute;
  constexpr int64_t kDay = 24 * kHour;
  if (milliseconds >= 2 * kDay) return fmt::format("{} d", milliseconds / kDay);
  if (milliseconds >= 2 * kHour) return fmt::format("{} h", milliseconds / kHour);
  if (milliseconds >= 2 * kMinute) return fmt::format("{} min", milliseconds / kMinute);
  return fmt::format("{} s", std::max<int64_t>(0, milliseconds) / kSecond);
}

std::string offset_text(base::Offset offset) {
  return offset.valid() ? fmt::format("{}", offset.value) : "-";
}

std::string columns(const std::vector<std::vector<std::string>>& lines) {
  std::vector<size_t> widths;
  for (const auto& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string text;
  for (const auto& line : lines) {
    std::string row;
    for (size_t i = 0; i < line.size(); ++i) row += fmt::format("{:<{}}  ", line[i], widths[i]);
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + '\n';
  }
  return text;
}

std::string member_words(const kafka::GroupMember& member) {
  const std::string name =
      member.instance.empty() ? std::string() : fmt::format(" (instance {})", member.instance);
  std::string partitions;
  for (const base::TopicPartition& id : member.partitions)
    partitions += (partitions.empty() ? "" : ", ") + name_of(id);
  // What members call themselves is theirs.
  return record::printable(fmt::format("{}{} at {}, which has {}", member.client, name, member.host,
                                       partitions.empty() ? "no partition" : partitions));
}

std::string members_in_the_way(const kafka::GroupState& group, std::chrono::milliseconds session) {
  if (group.members.empty()) return {};
  std::string text = fmt::format("the group has {} member{}, whose offsets nobody else may move:\n",
                                 group.members.size(), group.members.size() == 1 ? "" : "s");
  for (const kafka::GroupMember& member : group.members)
    text += fmt::format("  {}\n", member_words(member));
  text += fmt::format(
      "Stop every copy of the pipeline first. One that was killed, or that has an "
      "'instance' name, counts as a member for {} more.",
      age_text(session.count()));
  return text;
}

std::string mark_words(const Standing& standing) {
  if (!standing.committed.valid()) return "nothing is committed";
  if (!standing.mark) {
    return standing.metadata.empty() ? "a plain commit" : "committed by another program";
  }
  switch (standing.mark->moved) {
    case state::CommitMark::Moved::kReset:
      return "moved by 'offsets rewind'";
    case state::CommitMark::Moved::kKeep:
      return "moved by 'offsets rewind --keep-insights'";
    case state::CommitMark::Moved::kNo:
      break;
  }
  return standing.mark->state.valid()
             ? fmt::format("state written up to {}", standing.mark->state.value)
             : std::string("no state written yet");
}

std::string to_text(const Standings& standings) {
  std::string text =
      fmt::format("Group: {}, {} member{}\n", standings.group.state, standings.group.members.size(),
                  standings.group.members.size() == 1 ? "" : "s");
  for (const kafka::GroupMember& member : standings.group.members)
    text += fmt::format("  {}\n", member_words(member));
  std::vector<std::vector<std::string>> lines{
      {"partition", "begin", "end", "committed", "lag", "age", "commit says", "then"}};
  for (const Standing& standing : standings.partitions) {
    const auto lag = standing.lag();
    lines.push_back({name_of(standing.id), offset_text(standing.begin), offset_text(standing.end),
                     offset_text(standing.committed), lag ? fmt::format("{}", *lag) : "-",
                     standing.next_ms ? age_text(standings.now_ms - *standing.next_ms) : "-",
                     mark_words(standing),
                     standing.error.empty() ? next_words(standings, standing)
                                            : record::printable(standing.error)});
  }
  text += columns(lines);
  for (const Standing& standing : standings.partitions) {
    if (standing.resume.kind == Kind::kMistaken)
      text += fmt::format("{}: {}\n", name_of(standing.id), record::printable(standing.resume.why));
    if (standing.written && !standing.written->error.empty())
      text +=
          fmt::format("{}: {}\n", name_of(standing.id), record::printable(standing.written->error));
  }
  if (!standings.state_error.empty())
    text += fmt::format("The insights' state cannot be read: {}\n", standings.state_error);
  return text;
}

std::string to_json(const Standings& standings) {
  record::JsonWriter json;
  json.begin_object();
  json.member("version", 1);
  json.member("time_ms", standings.now_ms);
  json.name("group");
  json.begin_object();
  json.member("state", standings.group.state);
  json.name("members");
  json.begin_array();
  for (const kafka::GroupMember& member : standings.group.members) {
    json.begin_object();
    json.member("client", member.client);
    json.member("host", member.host);
    json.member("instance", member.instance);
    json.name("partitions");
    json.begin_array();
    for (const base::TopicPartition& id : member.partitions) json.string(name_of(id));
    json.end_array();
    json.end_object();
  }
  json.end_array();
  json.end_object();
  json.name("partitions");
  json.begin_array();
  for (const Standing& standing : standings.partitions) write(json, standings, standing);
  json.end_array();
  json.end_object();
  return json.take() + '\n';
}

}  // namespace millrace::operate
