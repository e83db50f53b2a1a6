// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/rewind.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "engine/kafka/group_admin.h"
#include "engine/operate/offsets.h"

namespace millrace::operate {
namespace {

using Kind = RewindTarget::Kind;

bool matches(const PartitionName& name, const base::TopicPartition& id) {
  return name.partition == id.partition && (name.topic.empty() || name.topic == id.topic);
}

// Where a reader of committed records goes on behind what is there now.
base::Offset last_of(const Standing& standing) {
  return standing.stable.valid() ? standing.stable : standing.end;
}

Move place(const Standing& standing, const RewindTarget& target, base::Offset at_time) {
  Move move{standing.id, standing.committed, {}, {}};
  switch (target.kind) {
    case Kind::kEarliest:
      move.to = standing.begin;
      break;
    case Kind::kLatest:
      move.to = last_of(standing);
      break;
    case Kind::kOffset: {
      const base::Offset wanted{target.value};
      move.to = std::clamp(wanted, standing.begin, std::max(standing.begin, standing.end));
      if (move.to != wanted)
        move.note = fmt::format("the log has no {}: the nearest that it has", wanted.value);
      break;
    }
    case Kind::kTime:
      move.to = at_time.valid() ? std::max(at_time, standing.begin) : last_of(standing);
      if (!at_time.valid()) move.note = "no record of that time or later: the end";
      break;
  }
  return move;
}

std::string range_words(const Move& move) {
  if (move.stays()) return "stays";
  if (!move.from.valid()) return "the group had none";
  const int64_t distance = move.to.value - move.from.value;
  return distance < 0 ? fmt::format("{} offsets are read again", -distance)
                      : fmt::format("{} offsets are skipped", distance);
}

}  // namespace

std::optional<PartitionName> PartitionName::parse(const std::string& text) {
  PartitionName name;
  const size_t slash = text.rfind('/');
  const std::string number = slash == std::string::npos ? text : text.substr(slash + 1);
  if (slash != std::string::npos) {
    name.topic = text.substr(0, slash);
    if (name.topic.empty()) return std::nullopt;
  }
  const char* const end = number.data() + number.size();
  const auto read = std::from_chars(number.data(), end, name.partition);
  if (read.ec != std::errc() || read.ptr != end || name.partition < 0) return std::nullopt;
  return name;
}

base::Status check_names(const Standings& standings, const std::vector<PartitionName>& names) {
  for (const PartitionName& name : names) {
    const bool known = std::any_of(standings.partitions.begin(), standings.partitions.end(),
                                   [&](const Standing& one) { return matches(name, one.id); });
    if (!known) {
      return base::Error{fmt::format("the input has no partition {}{}{}", name.topic,
                                     name.topic.empty() ? "" : "/", name.partition)};
    }
  }
  return {};
}

base::Result<std::vector<Move>> plan_moves(const Standings& standings, const RewindTarget& target,
                                           const std::vector<PartitionName>& names,
                                           const std::vector<base::Offset>& at_time) {
  std::vector<Move> moves;
  for (size_t i = 0; i < standings.partitions.size(); ++i) {
    const Standing& standing = standings.partitions[i];
    const bool wanted =
        names.empty() || std::any_of(names.begin(), names.end(), [&](const PartitionName& name) {
          return matches(name, standing.id);
        });
    if (!wanted) continue;
    if (!standing.begin.valid() || !standing.end.valid()) {
      return base::Error{fmt::format("{}: what its log has is not known: {}", name_of(standing.id),
                                     standing.error)};
    }
    moves.push_back(place(standing, target, i < at_time.size() ? at_time[i] : base::Offset()));
  }
  if (moves.empty()) return base::Error{"the input has no partitions"};
  return moves;
}

std::vector<io::PartitionCommit> commits_of(const std::vector<Move>& moves, bool durable,
                                            bool keep_insights, const std::string& id) {
  std::vector<io::PartitionCommit> commits;
  for (const Move& move : moves) {
    if (move.stays()) continue;
    io::PartitionCommit& commit = commits.emplace_back();
    commit.id = move.id;
    commit.next = move.to;
    commit.previous = move.from;
    if (!durable) continue;
    state::CommitMark mark;
    mark.commit = id;
    mark.moved = keep_insights ? state::CommitMark::Moved::kKeep : state::CommitMark::Moved::kReset;
    commit.metadata = mark.to_text();
  }
  return commits;
}

std::string describe(const std::vector<Move>& moves, const Standings& standings,
                     bool keep_insights) {
  std::vector<std::vector<std::string>> lines{{"partition", "now", "then", ""}};
  bool moving = false;
  for (const Move& move : moves) {
    std::string words = range_words(move);
    if (!move.note.empty()) words += fmt::format(" ({})", move.note);
    lines.push_back({name_of(move.id), offset_text(move.from), offset_text(move.to), words});
    moving = moving || !move.stays();
  }
  std::string text = columns(lines);
  if (!moving) return text + "Nothing moves.\n";
  text += "What is read again is sent again, under exactly_once too.\n";
  if (!standings.durable) return text;
  return text +
         (keep_insights
              ? "The insights of these partitions go on there with what they have: what is "
                "read again counts twice, what is skipped not at all.\n"
              : "The insights of these partitions begin anew there: what they have counted "
                "is dropped with the next run's first commit. (--keep-insights keeps it.)\n");
}

base::Result<std::vector<base::Offset>> offsets_at_time(const config::PipelineConfig& config,
                                                        const Standings& standings,
                                                        const RewindTarget& target,
                                                        std::chrono::milliseconds wait) {
  std::vector<base::Offset> offsets;
  if (target.kind != Kind::kTime) return offsets;
  auto group = kafka::GroupAdmin::create(config.kafka, config.input.group.value);
  if (!group.ok()) return group.error();
  std::vector<base::TopicPartition> ids;
  for (const Standing& standing : standings.partitions) ids.push_back(standing.id);
  const auto found = group.value()->offsets_at(ids, target.value, wait);
  if (!found.ok()) return base::Error{found.message()};
  for (const io::PartitionOffset& one : found.value()) offsets.push_back(one.next);
  return offsets;
}

base::Status move_offsets(const config::PipelineConfig& config,
                          const std::vector<io::PartitionCommit>& commits,
                          std::chrono::milliseconds wait) {
  auto group = kafka::GroupAdmin::create(config.kafka, config.input.group.value);
  if (!group.ok()) return group.error();
  const base::Status moved = group.value()->move(commits, wait);
  std::vector<base::TopicPartition> ids;
  for (const io::PartitionCommit& commit : commits) ids.push_back(commit.id);
  // What the group says counts, whatever the answer was.
  const auto committed = group.value()->committed(ids, wait);
  if (!committed.ok()) {
    return base::Error{
        fmt::format("{}; whether the offsets were moved is not known: look with 'offsets show'",
                    moved.ok() ? committed.message() : moved.message())};
  }
  size_t there = 0;
  for (size_t i = 0; i < commits.size(); ++i) {
    const kafka::GroupOffset& now = committed.value()[i];
    if (now.next == commits[i].next && now.metadata == commits[i].metadata) ++there;
  }
  if (there == commits.size()) return {};
  const std::string why = moved.ok() ? "somebody has moved them since" : moved.message();
  return base::Error{
      there == 0 ? fmt::format("nothing was moved: {}", why)
                 : fmt::format("{} of {} partitions were moved: {}", there, commits.size(), why)};
}

}  // namespace millrace::operate
