// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/kafka/admin.h"
#include "engine/operate/letter.h"
#include "engine/operate/replay_progress.h"
#include "engine/record/batch.h"

namespace millrace::operate {

// The first offset that a reader of committed records does not see.
using LogEndOffsets = std::map<base::TopicPartition, int64_t>;

// A record of a dead-letter topic. Valid during the call that gets it.
struct Scanned {
  base::TopicPartition at;
  const record::InputRecord& record;
  std::optional<Letter> letter;  // none: it is no dead letter of Millrace
};

struct ScanOptions {
  config::KafkaConfig kafka;        // the pipeline's
  std::vector<std::string> topics;  // of dead letters
  LogEndOffsets ends = {};          // where reading ends; empty: at the ends as they are now
  std::optional<base::TopicPartition> only = {};
  std::optional<int64_t> offset = {};  // with `only`: the one offset
};

// Reads the dead letters that are committed now, without a group: nothing is joined and nothing is
// committed. Those of one partition come in order. False from `on_record` ends it. Returns how many
// were read; a topic that does not exist is an error that says so.
using OnScanned = std::function<bool(const Scanned& scanned)>;
[[nodiscard]] base::Result<uint64_t> scan_letters(const ScanOptions& options,
                                                  const OnScanned& on_record,
                                                  const kafka::Patience& patience);

// The connection of the pipeline's output, to be read with: dead letters are there.
[[nodiscard]] config::KafkaConfig output_side(const config::KafkaConfig& kafka);

// What was replayed so far, as the progress topic says now; nothing where there is no such topic.
[[nodiscard]] base::Result<ReplayProgress> read_progress(const config::KafkaConfig& kafka,
                                                         const std::string& topic,
                                                         const kafka::Patience& patience);

// Of the topics that exist.
[[nodiscard]] base::Result<LogEndOffsets> ends_of(const config::KafkaConfig& kafka,
                                                  const std::vector<std::string>& topics,
                                                  const kafka::Patience& patience);

// An error where the dead-letter topics are others than those that were replayed: they end before
// what was noted. What `contradicts` finds has the same words.
[[nodiscard]] base::Status check_progress(const ReplayProgress& progress,
                                          const LogEndOffsets& ends);
[[nodiscard]] base::Error made_anew(const base::TopicPartition& partition);

}  // namespace millrace::operate
