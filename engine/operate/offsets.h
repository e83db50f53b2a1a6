// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "engine/operate/standings.h"

namespace millrace::operate {

// A table: how the group stands in each partition, and what becomes of its insights.
[[nodiscard]] std::string to_text(const Standings& standings);

// The same as JSON: {"version":1,"group":{…},"partitions":[…]}; docs/offsets.md has the members.
[[nodiscard]] std::string to_json(const Standings& standings);

// What the metadata of the committed offset says, in words.
[[nodiscard]] std::string mark_words(const Standing& standing);

// Why nobody may move the group's offsets now, and who it is; empty where nobody is in the way.
// `session` is how long a copy with a name stays after it stopped.
[[nodiscard]] std::string members_in_the_way(const kafka::GroupState& group,
                                             std::chrono::milliseconds session);

// "consumer millrace at 127.0.0.1 with 3 partitions".
[[nodiscard]] std::string member_words(const kafka::GroupMember& member);

// "orders/3".
[[nodiscard]] std::string name_of(const base::TopicPartition& id);

// "2024-07-10T23:47:48Z", Unix milliseconds.
[[nodiscard]] std::string moment_text(int64_t unix_ms);

// "12 s", "5 min", "3 h", "9 d"; "0 s" below a second and below zero.
[[nodiscard]] std::string age_text(int64_t milliseconds);

// An offset, or "-".
[[nodiscard]] std::string offset_text(base::Offset offset);

// Lines of cells, each column as wide as its widest cell; the last one as it is.
[[nodiscard]] std::string columns(const std::vector<std::vector<std::string>>& lines);

}  // namespace millrace::operate
