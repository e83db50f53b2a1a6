// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "engine/io/committer.h"
#include "engine/io/state_log.h"

namespace millrace::state {

// The state topic in memory: what commits carried that succeeded.
class FakeStateLog : public io::StateLog {
 public:
  struct Record {
    std::string key;
    std::optional<std::string> value;
  };

  explicit FakeStateLog(int32_t partitions) : partitions_(static_cast<size_t>(partitions)) {}

  // A commit that carried these succeeded.
  void append(const std::vector<io::CarriedRecord>& records);

  // As Kafka cleans: of each key the last record stays, of the others those that it did not come to
  // (by chance); where it came to all, a last one that is a tombstone goes too (by chance).
  void compact(std::mt19937& random);

  // The last record of a key, which must be there.
  [[nodiscard]] Record& newest(const std::string& key);
  [[nodiscard]] bool has(const std::string& key);
  void erase(const std::string& key);  // all of the key's

  [[nodiscard]] size_t size() const;

  [[nodiscard]] std::vector<Record>& partition(int32_t id) {
    return partitions_[static_cast<size_t>(id)];
  }

  [[nodiscard]] int32_t partition_count() const override {
    return static_cast<int32_t>(partitions_.size());
  }

  base::Status read(std::span<const int32_t> partitions, const OnRecord& on_record) override;

  // Knobs and counts.
  std::string fails_with;         // not empty: read() fails
  std::vector<int32_t> was_read;  // partitions, in order

 private:
  std::vector<std::vector<Record>> partitions_;
};

}  // namespace millrace::state
