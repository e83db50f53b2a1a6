// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/committed_offsets.h"

#include <algorithm>
#include <cstring>

#include "engine/base/check.h"
#include "engine/base/log.h"
#include "engine/base/pause.h"
#include "engine/kafka/error_class.h"

namespace millrace::kafka {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kAttempt{1000};
constexpr std::chrono::milliseconds kBetween{100};
constexpr std::chrono::seconds kSilent{2};

// The error of the request, or else of any partition in it.
rd_kafka_resp_err_t ask(const CurrentConsumer& consumer, rd_kafka_topic_partition_list_t* list,
                        std::chrono::milliseconds timeout) {
  const CurrentConsumer::Handle handle = consumer.get();
  rd_kafka_resp_err_t error = rd_kafka_committed(handle.get(), list, rd::to_ms(timeout));
  for (int i = 0; error == RD_KAFKA_RESP_ERR_NO_ERROR && i < list->cnt; ++i) {
    error = list->elems[i].err;
  }
  return error;
}

}  // namespace

std::string metadata_of(const rd_kafka_topic_partition_t& entry) {
  if (entry.metadata == nullptr) return {};
  return {static_cast<const char*>(entry.metadata), entry.metadata_size};
}

rd::Partitions commit_list(std::span<const io::PartitionCommit> offsets) {
  rd::Partitions list = rd::make_partitions(offsets.size());
  for (const io::PartitionCommit& offset : offsets) {
    rd_kafka_topic_partition_t& entry = *rd_kafka_topic_partition_list_add(
        list.get(), offset.id.topic.c_str(), offset.id.partition);
    entry.offset = offset.next.value;
    const std::string& metadata = offset.metadata;
    if (metadata.empty()) continue;
    MILLRACE_CHECK(metadata.size() <= io::kMetadataBytesMax);
    entry.metadata = rd_kafka_mem_malloc(nullptr, metadata.size());
    std::memcpy(entry.metadata, metadata.data(), metadata.size());
    entry.metadata_size = metadata.size();
  }
  return list;
}

base::Result<std::vector<Committed>> committed_offsets(
    const CurrentConsumer& consumer, std::span<const base::TopicPartition> partitions,
    const Patience& patience) {
  std::vector<Committed> offsets;
  if (partitions.empty()) return offsets;
  const rd::Partitions list = rd::make_partitions(partitions.size());
  for (const base::TopicPartition& id : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), id.topic.c_str(), id.partition);
  }
  const auto say_at = Clock::now() + kSilent;
  bool said = false;
  while (true) {
    const auto began = Clock::now();
    const auto left = patience.until - std::min(began, patience.until);
    const rd_kafka_resp_err_t error =
        ask(consumer, list.get(),
            left < kAttempt ? std::chrono::ceil<std::chrono::milliseconds>(left) : kAttempt);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) break;
    if (patience.over() || classify(error) == ErrorClass::kFatal) {
      return base::Error{sentence(error, "reading the committed offsets back")};
    }
    if (!said && Clock::now() >= say_at) {
      said = true;
      base::log::info(
          "Waiting for the committed offsets; offsets of a transaction may be pending ({}).",
          sentence(error, ""));
    }
    base::pause_until(began + kBetween, patience.stop);
  }
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& entry = list->elems[i];
    offsets.push_back({{entry.topic, entry.partition},
                       base::Offset{entry.offset >= 0 ? entry.offset : base::Offset::kInvalid},
                       metadata_of(entry)});
  }
  return offsets;
}

base::Result<std::vector<io::PartitionOffset>> read_offsets_back(
    const CurrentConsumer& consumer, std::span<const base::TopicPartition> partitions,
    const Patience& patience) {
  auto committed = committed_offsets(consumer, partitions, patience);
  if (!committed.ok()) return committed.error();
  std::vector<io::PartitionOffset> offsets;
  offsets.reserve(committed.value().size());
  for (const Committed& one : committed.value()) offsets.push_back({one.id, one.next});
  return offsets;
}

}  // namespace millrace::kafka
