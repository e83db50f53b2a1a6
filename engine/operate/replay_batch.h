// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/operate/letter.h"
#include "engine/operate/replay.h"
#include "engine/record/arena.h"
#include "engine/record/batch.h"
#include "engine/record/topic_limits.h"

namespace millrace::operate {

// An error where the topic does not take so large a record: the brokers would refuse it, and all
// that came with it.
[[nodiscard]] base::Status check_size(const record::OutputRecord& output,
                                      const record::TopicLimits& limits);

// The dead letters of one transaction, and what becomes of them. Owns the bytes.
class ReplayBatch {
 public:
  static constexpr size_t kLettersMax = 1000;
  static constexpr size_t kBytesMax = size_t{4} << 20;

  struct Taken {
    base::TopicPartition at;
    int64_t offset = 0;
    int64_t died_ms = -1;
    bool parked = false;
    size_t outputs_end = 0;  // of outputs()
  };

  // Copies the letter, and asks the route what becomes of it. An error: it cannot be replayed, and
  // is not in the batch.
  base::Status replay(const base::TopicPartition& at, const record::InputRecord& record,
                      const Letter& letter, LetterFormat format, Route& route);
  // The letter as it is, to be sent to the topic of that index. An error: it does not fit there.
  base::Status park(const base::TopicPartition& at, const record::InputRecord& record,
                    record::OutputTopic topic, const record::TopicLimits& limits);

  // What is to be sent beside them: a record of the progress topic.
  void add(std::string_view key, std::string_view value, record::OutputTopic topic);

  void clear();

  [[nodiscard]] bool full(size_t letters_max) const {
    return taken_.size() >= letters_max || arena_.used() >= kBytesMax;
  }

  [[nodiscard]] bool empty() const { return taken_.empty(); }

  [[nodiscard]] const std::vector<Taken>& taken() const { return taken_; }

  [[nodiscard]] const std::vector<record::OutputRecord>& outputs() const { return outputs_; }

 private:
  [[nodiscard]] record::Bytes copy(record::Bytes bytes);
  [[nodiscard]] record::InputRecord copy(const record::InputRecord& record);

  record::Arena arena_;
  std::vector<Taken> taken_;
  std::vector<record::OutputRecord> outputs_;
};

}  // namespace millrace::operate
