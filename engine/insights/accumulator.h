// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "engine/insights/encoding.h"
#include "engine/insights/insight.h"
#include "engine/insights/results.h"
#include "engine/insights/shard.h"

namespace millrace::insights {

// What a live insight measures time by.
using Time = std::chrono::steady_clock::time_point;

// When a batch is counted: in the input's own time, and in ours.
struct Moment {
  int64_t epoch = 0;  // the batch's offsets / State::kEpochOffsets
  Time now;
};

// The chunk, out of a power of two, that a key is written to: by the uppermost bits of
// stable_hash(), so that twice as many chunks split each one into two.
[[nodiscard]] size_t chunk_of(std::string_view key, size_t chunks);

// What a partition's state holds for one insight: bounded, whatever the input is. One class for
// each way of counting. Called once per batch, not per record.
//
// Threading: one owner at a time.
class Accumulator {
 public:
  // Lifetime: insight and part outlive it.
  [[nodiscard]] static std::unique_ptr<Accumulator> make(const Insight& insight, const Part& part);

  Accumulator() = default;
  Accumulator(const Accumulator&) = delete;
  Accumulator& operator=(const Accumulator&) = delete;
  virtual ~Accumulator() = default;

  // Counts what a batch's shard has. Requires: batches in the order of their offsets, so that an
  // epoch that is over does not come again.
  virtual void add(const Shard::PartCounts& counts, const Moment& moment) = 0;

  // Counts another partition's accumulator of the same insight. In whatever order partitions are
  // merged, it comes to the same, as no limit applies any more; hence nothing may be added
  // afterwards. Requires: another one than this.
  virtual void merge(const Accumulator& other) = 0;

  // `now`: for live insights.
  [[nodiscard]] virtual ResultValue result(Time now) const = 0;

  // Records that were counted, from the accumulator's own numbers: what the identity compares.
  [[nodiscard]] virtual uint64_t counted() const = 0;

  // Of these, the ones whose keys found no room.
  [[nodiscard]] virtual uint64_t not_kept() const { return 0; }

  // Of a windowed insight, which does not count them: records that came after each of their windows
  // was closed, and records whose event time is too far ahead of them.
  [[nodiscard]] virtual uint64_t late() const { return 0; }

  [[nodiscard]] virtual uint64_t ahead() const { return 0; }

  // Writes down all that it holds: keys and what belongs to them into chunks[chunk_of(key,
  // chunks.size())], in the order of the table, the rest into the first chunk. The same content
  // gives the same bytes; and what was loaded goes on to the same bytes as what was never saved, in
  // as many chunks as it was loaded from or more. Requires: chunks are a power of two; merge() was
  // not called.
  virtual void save(std::span<Encoder> chunks) const = 0;

  // Takes what save() wrote into one chunk, just that: others may share the chunk's bytes. Chunks
  // come each once, the first one first, into an accumulator that was empty before. Where the bytes
  // are none of save()'s, chunk.ok() is false afterwards or some are left over, and the accumulator
  // may only be destroyed.
  virtual void load(Decoder& chunk) = 0;

  // About as many bytes as save() writes: what decides how many chunks there are.
  [[nodiscard]] virtual size_t saved_size() const = 0;

  // Bytes held beside the object itself, idle capacity included.
  [[nodiscard]] virtual size_t footprint() const = 0;

 protected:
  // For load(): whether this is the first chunk, which has what belongs to no key. Once for each.
  [[nodiscard]] bool is_first_chunk() { return !std::exchange(loading_, true); }

 private:
  bool loading_ = false;
};

}  // namespace millrace::insights
