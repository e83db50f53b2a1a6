// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/lost_offset.h"

#include <fmt/format.h>

namespace millrace::kafka {
namespace {

std::string words(const LogRange& range) {
  if (range.low >= range.high) return fmt::format("is empty (its next offset is {})", range.high);
  return fmt::format("has offsets {} to {}", range.low, range.high - 1);
}

std::string what_is_gone(const base::TopicPartition& id, base::Offset asked,
                         const LogRange& range) {
  const char* const why =
      asked.value < range.low ? "deleted by retention" : "the topic was made anew or truncated";
  return fmt::format("{}-{}: offset {}, the next to read, is not in the log, which {}: {}",
                     id.topic, id.partition, asked.value, words(range), why);
}

}  // namespace

std::string lost_offset(const base::TopicPartition& id, base::Offset asked,
                        const std::optional<LogRange>& range) {
  std::string what = range
                         ? what_is_gone(id, asked, *range)
                         : fmt::format(
                               "{}-{}: offset {}, the next to read, is not in the log (deleted by "
                               "retention, or the topic was made anew)",
                               id.topic, id.partition, asked.value);
  return what + "; input.on_lost_offsets: earliest or latest would go on";
}

base::Offset go_on_from(const LogRange& range, config::OnLostOffsets policy) {
  return base::Offset{policy == config::OnLostOffsets::kLatest ? range.high : range.low};
}

std::string moved_offset(const base::TopicPartition& id, base::Offset asked, const LogRange& range,
                         config::OnLostOffsets policy) {
  const bool latest = policy == config::OnLostOffsets::kLatest;
  const int64_t next = go_on_from(range, policy).value;
  std::string line =
      fmt::format("{}; input.on_lost_offsets: {} goes on from offset {}",
                  what_is_gone(id, asked, range), latest ? "latest" : "earliest", next);
  if (asked.value < range.low) {
    line += fmt::format(", {} offsets are not read", next - asked.value);
  } else if (latest) {
    line += fmt::format(", {} offsets are not read", range.high - range.low);
  } else {
    line += ", what was written before is not read";
  }
  return line;
}

}  // namespace millrace::kafka
