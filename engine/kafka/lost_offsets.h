// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/ids.h"
#include "engine/config/pipeline_config.h"
#include "engine/kafka/lost_offset.h"
#include "engine/kafka/rd.h"

// Internal to kafka/.
namespace millrace::kafka {

// The slots whose next offset the log does not have, until it is known what the log has instead.
// The brokers are asked for that on the poll thread: briefly, and not again at once. Where the
// partition stops anyway, they are asked a few times only.
//
// Threading: one thread.
class LostOffsets {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::chrono::milliseconds kPause{500};  // between two questions about one slot
  static constexpr int kAttempts = 4;                      // where the partition stops anyway

  struct Lost {
    uint32_t slot = 0;
    base::TopicPartition id = {};
    base::Offset asked = {};
    int attempts = 0;
    Clock::time_point next_attempt = {};
  };

  // What to do about one of them; all but kWait are the last word on it.
  struct Verdict {
    enum class Kind : uint8_t {
      kWait,       // the brokers did not tell
      kReadAgain,  // from `offset`: the log has it after all
      kStop,
      kGoOn,  // from `offset`
    };

    Kind kind = Kind::kWait;
    Lost lost = {};
    base::Offset offset = {};
    std::string sentence = {};  // why, without a full stop
  };

  // What the brokers said: the range, or an error (rd_kafka_resp_err_t).
  struct Answer {
    int error = 0;
    LogRange range = {};
  };

  explicit LostOffsets(config::OnLostOffsets policy) : policy_(policy) {}

  // Instead of what was noted of the slot before.
  void note(uint32_t slot, const base::TopicPartition& id, base::Offset asked);
  void forget(uint32_t slot);

  void clear() { lost_.clear(); }

  [[nodiscard]] bool empty() const { return lost_.empty(); }

  // Asks about one that is due, for up to half a second. Nothing where none is, or where it is
  // better to look again later, without a word.
  [[nodiscard]] std::optional<Verdict> look(rd_kafka_t* client);

  // What look() is made of: one to ask about, if any, and what its answer comes to.
  [[nodiscard]] const Lost* due(Clock::time_point now) const;
  [[nodiscard]] std::optional<Verdict> judge(uint32_t slot, const Answer& answer,
                                             Clock::time_point now);

 private:
  const config::OnLostOffsets policy_;
  std::vector<Lost> lost_;
};

}  // namespace millrace::kafka
