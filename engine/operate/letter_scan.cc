// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/letter_scan.h"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "engine/kafka/topic_reader.h"

namespace millrace::operate {
namespace {

base::Result<int32_t> partitions_of(const config::KafkaConfig& kafka, const std::string& topic,
                                    const kafka::Patience& patience) {
  auto admin = kafka::Admin::create(kafka, kafka::Side::kInput);
  if (!admin.ok()) return admin.error();
  return admin.value()->partition_count(topic, patience);
}

}  // namespace

config::KafkaConfig output_side(const config::KafkaConfig& kafka) {
  config::KafkaConfig output = kafka;
  output.consumer = kafka.producer;
  return output;
}

base::Result<uint64_t> scan_letters(const ScanOptions& options, const OnScanned& on_record,
                                    const kafka::Patience& patience) {
  const config::KafkaConfig kafka = output_side(options.kafka);
  uint64_t count = 0;
  bool more = true;
  for (const std::string& topic : options.topics) {
    if (!more || patience.stop.stop_requested()) break;
    if (options.only && options.only->topic != topic) continue;
    const auto partitions = partitions_of(kafka, topic, patience);
    if (!partitions.ok()) return partitions.error();
    if (partitions.value() == 0) {
      return base::Error{
          fmt::format("dead-letter topic {} does not exist: nothing was rejected "
                      "yet, or the topic was deleted ('millrace topics create' "
                      "makes it)",
                      topic)};
    }
    kafka::ReadOptions read;
    read.topic = topic;
    read.committed_only = true;
    for (const auto& [id, end] : options.ends)
      if (id.topic == topic) read.ends[id.partition] = end;
    if (options.only) read.partition = options.only->partition;
    if (options.only && options.offset) {
      read.from = kafka::ReadOptions::From::kOffset;
      read.offset = *options.offset;
      read.offset_end = *options.offset + 1;
    }
    auto reader = kafka::TopicReader::create(kafka, read);
    if (!reader.ok()) return reader.error();
    const auto done = reader.value()->read(
        [&](int32_t partition, const record::InputRecord& record) {
          more = on_record({{topic, partition}, record, read_letter(record)});
          return more;
        },
        patience);
    if (!done.ok()) return done.error();
    count += done.value();
  }
  return count;
}

base::Result<ReplayProgress> read_progress(const config::KafkaConfig& kafka,
                                           const std::string& topic,
                                           const kafka::Patience& patience) {
  ReplayProgress progress;
  const config::KafkaConfig side = output_side(kafka);
  const auto partitions = partitions_of(side, topic, patience);
  if (!partitions.ok()) return partitions.error();
  if (partitions.value() == 0) return progress;
  kafka::ReadOptions read;
  read.topic = topic;
  read.committed_only = true;
  auto reader = kafka::TopicReader::create(side, read);
  if (!reader.ok()) return reader.error();
  base::Status taken;
  const auto done = reader.value()->read(
      [&](int32_t /*partition*/, const record::InputRecord& record) {
        taken = progress.take(record.key.view(), record.value.view());
        return taken.ok();
      },
      patience);
  if (!done.ok()) return done.error();
  if (taken.ok() && patience.stop.stop_requested()) return base::Error{"stopped"};
  if (taken.ok()) return progress;
  return base::Error{
      fmt::format("topic {}, where replays note what they have done: {}; is it the "
                  "topic of something else? ('dead_letters.progress_topic')",
                  topic, taken.message())};
}

base::Error made_anew(const base::TopicPartition& partition) {
  return {fmt::format(
      "{}-{} is not the topic that was replayed before: it was deleted and made anew. What the "
      "progress topic says is about the old one; delete that topic, or name another one in "
      "'dead_letters.progress_topic', and all dead letters that are there now can be replayed",
      partition.topic, partition.partition)};
}

base::Result<LogEndOffsets> ends_of(const config::KafkaConfig& kafka,
                                    const std::vector<std::string>& topics,
                                    const kafka::Patience& patience) {
  auto admin = kafka::Admin::create(output_side(kafka), kafka::Side::kInput);
  if (!admin.ok()) return admin.error();
  const auto found = admin.value()->end_offsets(topics, patience);
  if (!found.ok()) return found.error();
  LogEndOffsets ends;
  for (const io::PartitionOffset& end : found.value()) ends[end.id] = end.next.value;
  return ends;
}

base::Status check_progress(const ReplayProgress& progress, const LogEndOffsets& ends) {
  for (const auto& [partition, end] : ends) {
    const auto highest = progress.highest(partition);
    if (highest && *highest >= end) return made_anew(partition);
  }
  return {};
}

}  // namespace millrace::operate
