// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/insights/accumulator.h"
#include "engine/insights/hyper_log_log.h"
#include "engine/insights/key_counts.h"

namespace millrace::insights {

// distinct with `by`: how many different values there were in each group. Of a group the first
// `exact_up_to` values are kept. Where it has more, it gets a HyperLogLog of all of them; once
// kSketchesMax groups have one, the others count the records of what they do not keep, which bounds
// their values.
//
// The first `keys_max` groups are kept, and of all groups together kValuesPerGroup times as many
// values: for values beyond that the same holds as for those beyond a group's own limit.
class DistinctByAccumulator final : public Accumulator {
 public:
  // 16 KiB each.
  static constexpr size_t kSketchesMax = 256;
  static constexpr size_t kValuesPerGroup = 4;

  // What is known of a group, by the index of its key in groups().
  struct Group {
    uint64_t values = 0;  // that are kept
    uint64_t beyond = 0;  // records of values that are neither kept nor in a sketch
    std::unique_ptr<HyperLogLog> sketch;
    uint32_t last_pair = 0;  // index into pairs() + 1; 0: none
  };

  DistinctByAccumulator(const Insight& insight, const Part& part)
      : by_(insight.by),
        fields_(part.fields),
        exact_up_to_(insight.exact_up_to),
        groups_max_(insight.keys_max),
        pairs_max_(insight.keys_max * kValuesPerGroup) {}

  void add(const Shard::PartCounts& counts, const Moment& moment) override;
  void merge(const Accumulator& other) override;
  [[nodiscard]] ResultValue result(Time now) const override;
  [[nodiscard]] uint64_t counted() const override;

  [[nodiscard]] uint64_t not_kept() const override { return not_kept_; }

  void save(std::span<Encoder> chunks) const override;
  void load(Decoder& chunk) override;
  [[nodiscard]] size_t saved_size() const override;
  [[nodiscard]] size_t footprint() const override;

  // The pairs that are kept, by their joined keys. (Their counts do not matter.)
  [[nodiscard]] const KeyCounts& pairs() const { return pairs_; }

  // How many records each group has, by its joined key.
  [[nodiscard]] const KeyCounts& groups() const { return groups_; }

  [[nodiscard]] const Group& group(size_t index) const { return of_groups_[index]; }

 private:
  void keep_pair(const KeyCounts::Entry& pair, Group& group);
  void add_beyond(const KeyCounts::Entry& pair, Group& group);
  void make_sketch(Group& group);
  void load_group(size_t index, Decoder& from);
  void link_loaded_pairs();
  void link_pair(size_t pair, Group& group);
  [[nodiscard]] DistinctResult result_of(size_t group) const;

  size_t by_;
  size_t fields_;
  size_t exact_up_to_;
  size_t groups_max_;
  size_t pairs_max_;
  KeyCounts pairs_;
  std::vector<uint32_t> pair_before_;  // of the same group, by pair: as Group::last_pair
  KeyCounts groups_;
  std::vector<Group> of_groups_;
  size_t sketches_ = 0;
  uint64_t not_kept_ = 0;
};

}  // namespace millrace::insights
