// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

#include "engine/record/arena.h"
#include "engine/record/batch.h"

namespace millrace::plan {

// What a dead letter tells about the record besides the record itself.
struct Provenance {
  std::string_view pipeline;
  std::string_view topic;
  int32_t partition = 0;
  std::string_view reason;       // the rule's id; outlives the batch
  std::string_view reason_text;  // may hold the value; copied, cut to a bound
};

// Kafka's cost of one record beyond its key and value, at most: a batch header of 61 bytes and
// variable-length integers (the record format of KIP-98), and per header two such integers.
inline constexpr size_t kRecordOverheadBytes = 128;
inline constexpr size_t kHeaderOverheadBytes = 10;

// The size that the broker holds against max.message.bytes, rounded up.
[[nodiscard]] size_t sent_size(const record::OutputRecord& output) noexcept;

// Makes the dead letter of `input`: its bytes, key and headers as they came, and the headers
// millrace.reason, .reason_text, .topic, .partition, .offset, .timestamp, .pipeline, which replace
// those of an earlier round. What would not fit the topic (`message_bytes_max`) is cut: the value
// first, and the header millrace.truncated then says how long it was; the record that it came from
// is named by the other headers. A letter is never lost for its size.
[[nodiscard]] record::OutputRecord make_dead_letter(const record::InputRecord& input,
                                                    const Provenance& provenance,
                                                    size_t message_bytes_max,
                                                    record::Arena& arena) noexcept;

}  // namespace millrace::plan
