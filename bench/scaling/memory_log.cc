// SPDX-License-Identifier: Apache-2.0
#include "bench/scaling/memory_log.h"

#include <algorithm>
#include <utility>

#include "bench/scaling/check.h"

namespace millrace::bench {
namespace {

constexpr const char* kInput = "logins";
constexpr const char* kGroup = "logins-group";
// What `run` makes (engine/kafka/state_topic_setup.cc).
constexpr int32_t kLogPartitionsMax = 8;

}  // namespace

state::StateTopic state_topic(int32_t input_partitions) {
  return {"logins.state", kGroup, std::clamp(input_partitions, 1, kLogPartitionsMax)};
}

Written write_down(const insights::State& state) {
  state::StateWriter writer(state_topic(1), {kInput, 0});
  Written written;
  for (io::CarriedRecord& record : writer.write(state, 1'000)) {
    const auto key = state::StateKey::parse(kGroup, record.key);
    check(key && record.value, "a first write has something else than values");
    written.emplace_back(*key, std::make_shared<const std::string>(*std::move(record.value)));
  }
  return written;
}

uint64_t bytes_of(const Written& written) {
  uint64_t bytes = 0;
  for (const auto& [key, value] : written) bytes += key.to_text(kGroup).size() + value->size();
  return bytes;
}

MemoryLog::MemoryLog(state::StateTopic topic)
    : topic_(std::move(topic)), partitions_(static_cast<size_t>(topic_.partitions)) {}

void MemoryLog::put(const base::TopicPartition& id, const Written& written) {
  auto& records = partitions_[static_cast<size_t>(state::log_partition(id, topic_.partitions))];
  for (const auto& [key, value] : written) {
    state::StateKey own = key;
    own.id = id;
    records.push_back({own.to_text(topic_.group), value});
  }
}

void MemoryLog::append(const std::vector<io::CarriedRecord>& records) {
  for (const io::CarriedRecord& record : records) {
    std::shared_ptr<const std::string> value;
    if (record.value) value = std::make_shared<const std::string>(*record.value);
    partitions_.at(static_cast<size_t>(record.partition.value()))
        .push_back({record.key, std::move(value)});
  }
}

base::Status MemoryLog::read(std::span<const int32_t> partitions, const OnRecord& on_record) {
  for (const int32_t partition : partitions) {
    for (const Record& record : partitions_[static_cast<size_t>(partition)]) {
      bytes_read_ += record.key.size() + (record.value ? record.value->size() : 0);
      on_record(record.key,
                record.value ? std::optional<std::string_view>(*record.value) : std::nullopt);
    }
  }
  return {};
}

std::vector<base::TopicPartition> input_partitions(int32_t count) {
  std::vector<base::TopicPartition> ids;
  for (int32_t i = 0; i < count; ++i) ids.push_back({kInput, i});
  return ids;
}

}  // namespace millrace::bench
