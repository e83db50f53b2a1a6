// SPDX-License-Identifier: Apache-2.0
#include "engine/state/state_writer.h"

#include <algorithm>
#include <bit>
#include <string_view>
#include <utility>

#include "engine/base/check.h"
#include "engine/insights/encoding.h"
#include "engine/insights/stable_hash.h"
#include "engine/state/state_key.h"

namespace millrace::state {

// The records of one write.
class StateWriter::Records {
 public:
  Records(const StateTopic& topic, const base::TopicPartition& id)
      : topic_(topic), id_(id), partition_(log_partition(id, topic.partitions)) {}

  // What makes `bytes` the value of a chunk of which the topic has `before` bytes.
  void put_chunk(const std::string& insight, size_t chunk, std::string_view bytes,
                 uint64_t before) {
    put({.id = id_, .chunk = static_cast<uint32_t>(chunk), .insight = insight}, bytes, before);
  }

  void put_manifest(std::string_view bytes, uint64_t before) { put({.id = id_}, bytes, before); }

  [[nodiscard]] bool empty() const { return records_.empty(); }

  [[nodiscard]] std::vector<io::CarriedRecord> take() { return std::move(records_); }

 private:
  // The first piece last: that of the manifest ends it all.
  void put(StateKey key, std::string_view bytes, uint64_t before) {
    const size_t pieces = piece_count(bytes.size());
    for (size_t piece = std::max(pieces, piece_count(before)); piece-- > 0;) {
      key.piece = static_cast<uint32_t>(piece);
      io::CarriedRecord record{topic_.name, partition_, key.to_text(topic_.group), std::nullopt};
      if (piece < pieces)
        record.value = bytes.substr(piece * StateKey::kPieceBytes, StateKey::kPieceBytes);
      records_.push_back(std::move(record));
    }
  }

  const StateTopic& topic_;
  const base::TopicPartition& id_;
  const int32_t partition_;
  std::vector<io::CarriedRecord> records_;
};

namespace {

// Never fewer than before: a chunk's place in the topic stays in use.
size_t chunks_for(const insights::Accumulator& accumulator, const Manifest::Insight* before) {
  const size_t full = accumulator.saved_size() / StateWriter::kChunkBytes;
  return std::max(std::bit_ceil(full + 1), before == nullptr ? 1 : before->chunks.size());
}

bool same_but_for_time(const Manifest& a, const Manifest& b) {
  return a.end == b.end && a.counts == b.counts && a.insights == b.insights;
}

}  // namespace

StateWriter::StateWriter(StateTopic topic, base::TopicPartition id)
    : topic_(std::move(topic)), id_(std::move(id)) {}

void StateWriter::resume(const Manifest& manifest) {
  MILLRACE_CHECK(!writing_);
  written_ = manifest;
}

std::vector<io::CarriedRecord> StateWriter::write(const insights::State& state, int64_t now_ms) {
  MILLRACE_CHECK(!writing_ && state.coverage().end.valid());
  Records records(topic_, id_);
  Manifest manifest{.end = state.coverage().end, .written_ms = now_ms};
  insights::Encoder counts;
  state.save_counts(counts);
  manifest.counts = counts.bytes();
  const std::vector<insights::Insight>& declared = state.declaration().insights;
  for (size_t i = 0; i < declared.size(); ++i) {
    if (!declared[i].live) manifest.insights.push_back(write_insight(state, i, records));
  }
  for (const Manifest::Insight& gone : written_.insights) {
    if (manifest.find(gone.name) != nullptr) continue;
    for (size_t chunk = 0; chunk < gone.chunks.size(); ++chunk)
      records.put_chunk(gone.name, chunk, {}, gone.chunks[chunk].bytes);
  }
  if (records.empty() && same_but_for_time(manifest, written_)) {
    writing_ = written_;
    return {};
  }
  records.put_manifest(manifest.to_bytes(), written_.end.valid() ? written_.to_bytes().size() : 0);
  writing_ = std::move(manifest);
  return records.take();
}

Manifest::Insight StateWriter::write_insight(const insights::State& state, size_t insight,
                                             Records& records) const {
  const insights::Insight& declared = state.declaration().insights[insight];
  const insights::Accumulator& accumulator = state.accumulator(insight);
  const Manifest::Insight* before = written_.find(declared.name);
  // What the topic has of another definition may be damaged: only its places are of interest.
  const bool known =
      before != nullptr && !before->definition.empty() && before->definition == declared.definition;
  std::vector<insights::Encoder> chunks(chunks_for(accumulator, before));
  accumulator.save(chunks);
  Manifest::Insight written{declared.name, declared.definition, {}, {}};
  for (size_t i = 0; i < chunks.size(); ++i) {
    const std::string& bytes = chunks[i].bytes();
    const Manifest::Chunk chunk{bytes.empty() ? 0 : insights::stable_hash(bytes), bytes.size()};
    const bool had = before != nullptr && i < before->chunks.size();
    const Manifest::Chunk old = had ? before->chunks[i] : Manifest::Chunk{};
    if (chunk != old || !known) records.put_chunk(declared.name, i, bytes, old.bytes);
    written.chunks.push_back(chunk);
  }
  insights::Encoder counts;
  state.save_insight(insight, counts);
  written.counts = counts.bytes();
  return written;
}

void StateWriter::confirm() {
  MILLRACE_CHECK(writing_.has_value());
  written_ = std::move(*writing_);
  writing_.reset();
}

void StateWriter::refuse() {
  MILLRACE_CHECK(writing_.has_value());
  writing_.reset();
}

}  // namespace millrace::state
