// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/operate/letter_scan.h"
#include "engine/record/names.h"

namespace millrace::operate {

// The dead letters of one rule.
struct LetterGroup {
  uint64_t count = 0;
  uint64_t replayed = 0;  // of these: they were replayed or parked
  int64_t first_ms = 0;   // when they became dead letters
  int64_t last_ms = 0;
  std::map<base::TopicPartition, uint64_t> partitions;  // of the input
  std::map<uint64_t, uint64_t> attempts;  // replayed so often before, 1000 at most: how many

  // The newest one.
  base::TopicPartition at;  // in the dead-letter topic
  int64_t offset = 0;
  base::TopicPartition from;
  int64_t from_offset = 0;
  std::string masked;       // see masked_value.h
  std::string value;        // where values are to be shown
  std::string reason_text;  // the same
};

// What `dead-letters list` prints. Bounded, whatever letters say of themselves: rules beyond the
// first 10,000 are one group, "(others)"; places and numbers of attempts beyond 100,000 are one,
// too.
class LetterGroups {
 public:
  // `names` are those that the pipeline mentions; they outlive this. With `show_values` samples
  // have the value, and the sentence that may quote it.
  LetterGroups(const record::NameTable& names, bool show_values)
      : names_(names), show_values_(show_values) {}

  // Requires: a letter.
  void add(const Scanned& scanned, bool replayed);

  [[nodiscard]] const std::map<std::string, LetterGroup, std::less<>>& groups() const {
    return groups_;
  }

  [[nodiscard]] uint64_t count() const { return count_; }

 private:
  [[nodiscard]] LetterGroup& group_of(std::string_view reason);
  template <typename Key>
  void count(std::map<Key, uint64_t>& counts, const Key& key, const Key& others);

  const record::NameTable& names_;
  const bool show_values_;
  std::map<std::string, LetterGroup, std::less<>> groups_;
  uint64_t count_ = 0;
  size_t counts_ = 0;  // of partitions and attempts, in all groups
};

// Beside the groups: what else was in the topics.
struct ListTotals {
  std::string pipeline;
  std::vector<std::string> topics;
  uint64_t read = 0;
  uint64_t not_matching = 0;
  uint64_t other_pipelines = 0;
  uint64_t foreign = 0;
  bool complete = true;  // else it was stopped, or `limit` was reached
};

[[nodiscard]] std::string to_text(const LetterGroups& groups, const ListTotals& totals);
[[nodiscard]] std::string to_json(const LetterGroups& groups, const ListTotals& totals);

}  // namespace millrace::operate
