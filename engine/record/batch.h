// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/ids.h"
#include "engine/record/arena.h"
#include "engine/record/bytes.h"
#include "engine/record/outcome.h"

namespace millrace::record {

// A record as it came in. Key, value and headers lie in the batch's arena.
struct InputRecord {
  base::Offset offset;
  int64_t timestamp_ms = -1;  // Kafka's, -1 where it has none
  Bytes key;
  Bytes value;  // null: a tombstone
  std::span<const Header> headers;
};

// Where an output record goes: an index into the plan's list of output topics, of which there are
// at most base::limits::kOutputTopicsMax.
using OutputTopic = uint8_t;

// What an output record is to its input.
enum class OutputRole : uint8_t {
  kRecord,  // the emitted record itself
  kPiece,   // one of those that an emitted record was exploded into
  kCopy,    // a copy on the way (the step `emit`), whatever becomes of the record
  kDeadLetter,
};

// The producer's clock, when the record is sent.
inline constexpr int64_t kTimestampNow = -1;

// A record to send. Key, value and headers lie in the batch's arena (or are the plan's constants)
// and stay until the batch is reset.
struct OutputRecord {
  Bytes key;
  Bytes value;
  std::span<const Header> headers;
  int64_t timestamp_ms = kTimestampNow;
  uint32_t input = 0;  // index of the input record that it came from
  int32_t partition = 0;
  OutputTopic topic = 0;
  OutputRole role = OutputRole::kRecord;
};

// A record whose outputs were refused for good when they were sent before.
struct Undeliverable {
  uint32_t record = 0;      // its index in the batch
  std::string_view reason;  // a sentence without any of the record's content, in the batch's arena
};

// Consecutive records of one partition, the unit of parallel work: filled by the poll thread,
// processed by one worker, handed over by the deliver thread, recycled when settled.
//
// The range [range_begin, range_end) is what committing the batch moves past: the records and the
// gaps (control records, compacted records) before, between and, for a batch that ends at a
// partition's end, after them. A batch may hold a range and no records.
//
// Threading: one owner at a time. Lifetime: reset() gives everything back for the next use.
class Batch {
 public:
  Batch() = default;
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  // Poll thread: starts the range. Requires: a fresh or reset batch.
  void open(base::Offset range_begin, int32_t partition, base::WallTime now);

  // Poll thread: copies one record in and moves the range's end past it.
  // Requires: record.offset >= range_end().
  void append(const InputRecord& record);

  // Moves the range's end over a gap. Requires: end >= range_end().
  void extend(base::Offset end);

  // Poll thread: process shall make this record a dead letter that says `reason` (copied) and send
  // nothing else of it. Requires: a record of the batch, behind those marked before.
  void mark_undeliverable(uint32_t record_index, std::string_view reason);

  // By record; usually none.
  [[nodiscard]] std::span<const Undeliverable> undeliverable() const { return undeliverable_; }

  void reset();

  [[nodiscard]] std::span<const InputRecord> records() const { return records_; }

  [[nodiscard]] base::Offset range_begin() const { return range_begin_; }

  [[nodiscard]] base::Offset range_end() const { return range_end_; }

  // Offsets in the range that hold no record.
  [[nodiscard]] uint64_t gaps() const {
    return static_cast<uint64_t>(range_end_.value - range_begin_.value) - records_.size();
  }

  [[nodiscard]] int32_t partition() const { return partition_; }

  // The time of day when the batch was opened: what `now` means in its records.
  [[nodiscard]] base::WallTime now() const { return now_; }

  // Bytes of keys, values and headers copied in.
  [[nodiscard]] size_t input_bytes() const { return input_bytes_; }

  // Bytes held from the system, idle capacity included.
  [[nodiscard]] size_t footprint() const;

  // Worker: the outputs in input order, and one outcome per record.
  [[nodiscard]] std::vector<OutputRecord>& outputs() { return outputs_; }

  [[nodiscard]] const std::vector<OutputRecord>& outputs() const { return outputs_; }

  [[nodiscard]] std::vector<Outcome>& outcomes() { return outcomes_; }

  [[nodiscard]] const std::vector<Outcome>& outcomes() const { return outcomes_; }

  [[nodiscard]] Arena& arena() { return arena_; }

 private:
  Arena arena_;
  std::vector<InputRecord> records_;
  std::vector<OutputRecord> outputs_;
  std::vector<Outcome> outcomes_;
  std::vector<Undeliverable> undeliverable_;
  base::Offset range_begin_;
  base::Offset range_end_;
  base::WallTime now_;
  size_t input_bytes_ = 0;
  int32_t partition_ = 0;
};

}  // namespace millrace::record
