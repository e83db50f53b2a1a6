// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/kafka/producer.h"
#include "engine/operate/letter.h"
#include "engine/operate/letter_filter.h"
#include "engine/operate/replay_progress.h"
#include "engine/record/arena.h"
#include "engine/record/batch.h"

namespace millrace::operate {

// Where replayed records go: back to the input, or through the plan.
//
// Threading: one thread.
class Route {
 public:
  virtual ~Route() = default;

  // What it sends to; output records name them by index. At most 250.
  [[nodiscard]] virtual const std::vector<kafka::ProducerOptions::Topic>& topics() const = 0;

  // What becomes of one record, appended to `outputs` with its bytes in `arena` or in the record's
  // own. The record has the attempts header with the present number. An error is a sentence that
  // says why it cannot be replayed; it stays among the dead letters then.
  virtual base::Status take(const record::InputRecord& record, const Letter& letter,
                            std::vector<record::OutputRecord>& outputs, record::Arena& arena) = 0;

  // Adds what became of the records taken since the last call, in words: "emitted", 3. Called when
  // they are committed; `false`: they were given up.
  virtual void settled(bool committed) = 0;
  [[nodiscard]] virtual std::vector<std::pair<std::string, uint64_t>> counts() const = 0;
};

struct ReplayOptions {
  std::string transactional_id;
  std::vector<std::string> topics;  // of dead letters
  LetterFilter filter;
  std::optional<uint64_t> limit;  // of letters to replay or park
  uint64_t max_attempts = 3;
  std::string parking_topic;
  std::string progress_topic;
  std::optional<uint64_t> rate;  // letters a second
  bool dry_run = false;
  std::chrono::milliseconds wait{30'000};  // for brokers and topics
  // For the settings of a topic; where they do not come it goes on without.
  std::chrono::milliseconds settings_wait{5000};
  // Told now and then how many letters were read.
  std::function<void(uint64_t read)> on_read = [](uint64_t) {};
};

struct ReplaySummary {
  enum class End : uint8_t { kComplete, kStopped, kFenced, kFailed };

  End end = End::kComplete;
  std::string message;  // of kFenced and kFailed: a sentence without a full stop

  uint64_t replayed = 0;
  uint64_t parked = 0;
  uint64_t skipped = 0;            // by the filter
  uint64_t beyond_limit = 0;       // by `limit`
  uint64_t already = 0;            // replayed or parked by an earlier replay
  uint64_t not_replayable = 0;     // the letter does not have the record, or nothing takes it
  uint64_t refused = 0;            // the brokers refused what became of it
  uint64_t other_pipelines = 0;    // letters of others in the topic
  uint64_t foreign = 0;            // no dead letters at all
  std::vector<std::string> notes;  // why letters were not replayed: a few examples
  std::vector<std::pair<std::string, uint64_t>> became;  // of those replayed, where that is known

  // Letters of this pipeline that can still be replayed, or need somebody. Of a replay that did not
  // come to the end: of what it saw.
  [[nodiscard]] uint64_t left() const { return skipped + beyond_limit + not_replayable + refused; }
};

// Sends dead letters round again, in the order of each partition. What goes out, what is parked and
// the progress are one transaction for each group of up to 1,000, so that a replay that ends at any
// moment is gone on with by the next one and repeats nothing; the transactional id shuts out an
// earlier replay that is still running.
//
// Blocks until all that was there at the start was seen.
[[nodiscard]] ReplaySummary replay(const config::PipelineConfig& config,
                                   const ReplayOptions& options, Route& route,
                                   const std::stop_token& stop);

}  // namespace millrace::operate
