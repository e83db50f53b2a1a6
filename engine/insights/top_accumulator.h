// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engine/insights/accumulator.h"
#include "engine/insights/edge_values.h"
#include "engine/insights/key_counts.h"

namespace millrace::insights {

// top: the keys with the most records, with edge values. Every key is counted until there are more
// than `exact_up_to`. From then on, each time an epoch is over, only the `exact_up_to` largest are
// kept, and `floor` remembers the largest count among those that were forgotten, ever: what comes
// later may have been there before, as often as that. So for each key
//   count - error <= its true count <= count,
// and floor <= records / (exact_up_to + 1) in each partition: this is the summary of J. Misra and
// D. Gries ("Finding repeated elements", 1982), pruned and merged after P. Agarwal and others
// ("Mergeable summaries", 2012), with upper bounds as counts.
//
// What is kept is chosen between two epochs, and nowhere else, so that it does not depend on how
// the input was cut into batches; and by counts and keys alone, not by the order of a table.
//
// A key that was forgotten and comes again has only the edge values since then.
class TopAccumulator final : public Accumulator {
 public:
  TopAccumulator(const Insight& insight, const Part& part);

  // Requires: nothing was merged that had forgotten; what is merged is for reports.
  void add(const Shard::PartCounts& counts, const Moment& moment) override;
  void merge(const Accumulator& other) override;
  [[nodiscard]] ResultValue result(Time now) const override;

  [[nodiscard]] uint64_t counted() const override { return records_; }

  void save(std::span<Encoder> chunks) const override;
  void load(Decoder& chunk) override;
  [[nodiscard]] size_t saved_size() const override;
  [[nodiscard]] size_t footprint() const override;

  // Of their counts each is added() less than count().
  [[nodiscard]] const KeyCounts& keys() const { return keys_; }

  // What merge() added to the counts of all keys; 0 before.
  [[nodiscard]] uint64_t added() const { return added_; }

  // An upper bound.
  [[nodiscard]] uint64_t count(size_t entry) const { return keys_.entries()[entry].count + added_; }

  [[nodiscard]] uint64_t error(size_t entry) const { return errors_[entry] + added_; }

  // By Insight::edges.
  [[nodiscard]] const EdgeValues& edges() const { return edges_; }

  // No key that is not in keys() had more records than this.
  [[nodiscard]] uint64_t floor() const { return floor_; }

 private:
  void forget_smallest();

  const Insight& insight_;
  const Part& part_;
  uint64_t records_ = 0;
  uint64_t floor_ = 0;
  // Counts and errors are held without it. (No count is less than the floor, so none is less than
  // this; an error may be, and is held modulo 2^64.)
  uint64_t added_ = 0;
  int64_t epoch_ = -1;
  KeyCounts keys_;
  std::vector<uint64_t> errors_;  // by the keys' entries
  EdgeValues edges_;
};

}  // namespace millrace::insights
