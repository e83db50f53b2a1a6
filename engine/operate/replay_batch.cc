// SPDX-License-Identifier: Apache-2.0
#include "engine/operate/replay_batch.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "engine/record/letter_headers.h"

namespace millrace::operate {

base::Status check_size(const record::OutputRecord& output, const record::TopicLimits& limits) {
  const size_t size = record::sent_size(output);
  if (size <= limits.message_bytes_max) return {};
  return base::Error{
      fmt::format("{} bytes are above the topic's limit of {}", size, limits.message_bytes_max)};
}

record::Bytes ReplayBatch::copy(record::Bytes bytes) {
  return bytes.null() ? bytes : record::Bytes::of(arena_.copy(bytes.view()));
}

record::InputRecord ReplayBatch::copy(const record::InputRecord& record) {
  record::InputRecord copied = record;
  copied.key = copy(record.key);
  copied.value = copy(record.value);
  auto* headers = arena_.take_array<record::Header>(record.headers.size());
  for (size_t i = 0; i < record.headers.size(); ++i)
    headers[i] = {arena_.copy(record.headers[i].name), copy(record.headers[i].value)};
  copied.headers = {headers, record.headers.size()};
  return copied;
}

base::Status ReplayBatch::replay(const base::TopicPartition& at, const record::InputRecord& record,
                                 const Letter& letter, LetterFormat format, Route& route) {
  const auto found = original_of(record, letter, format, arena_);
  if (!found.ok()) return found.error();
  record::InputRecord original = copy(found.value());
  auto* headers = arena_.take_array<record::Header>(original.headers.size() + 1);
  std::copy(original.headers.begin(), original.headers.end(), headers);
  const std::string attempts = std::to_string(letter.attempts + 1);
  headers[original.headers.size()] = {record::kAttemptsHeader,
                                      record::Bytes::of(arena_.copy(attempts))};
  original.headers = {headers, original.headers.size() + 1};
  const size_t before = outputs_.size();
  if (base::Status status = route.take(original, letter, outputs_, arena_); !status.ok()) {
    outputs_.resize(before);
    return status;
  }
  taken_.push_back({at, record.offset.value, record.timestamp_ms, false, outputs_.size()});
  return {};
}

base::Status ReplayBatch::park(const base::TopicPartition& at, const record::InputRecord& record,
                               record::OutputTopic topic, const record::TopicLimits& limits) {
  const record::InputRecord letter = copy(record);
  record::OutputRecord output;
  output.key = letter.key;
  output.value = letter.value;
  output.headers = letter.headers;
  output.topic = topic;
  output.partition = at.partition % std::max(1, limits.partitions);
  if (base::Status status = check_size(output, limits); !status.ok()) return status;
  outputs_.push_back(output);
  taken_.push_back({at, record.offset.value, record.timestamp_ms, true, outputs_.size()});
  return {};
}

void ReplayBatch::add(std::string_view key, std::string_view value, record::OutputTopic topic) {
  record::OutputRecord output;
  output.key = record::Bytes::of(arena_.copy(key));
  output.value = record::Bytes::of(arena_.copy(value));
  output.topic = topic;
  outputs_.push_back(output);
}

void ReplayBatch::clear() {
  arena_.reset();
  taken_.clear();
  outputs_.clear();
}

}  // namespace millrace::operate
