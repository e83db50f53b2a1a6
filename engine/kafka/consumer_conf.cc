// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/consumer_conf.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>

namespace millrace::kafka {
namespace {

// Bookkeeping that librdkafka needs for each record read ahead; measured, and not part of its own
// limit in kilobytes.
constexpr size_t kBytesPerRecord = 400;
// A response should hold several batches, and a larger one brings no more.
constexpr size_t kFetchMin = size_t{128} << 10;
constexpr size_t kFetchMax = size_t{4} << 20;
// Polling may pause for so long, and for longer where transactions may be open for longer: an
// assignment waits for those of its partitions, then for those of the state topic, and reads that.
constexpr std::chrono::milliseconds kPollIntervalMin{300'000};
constexpr std::chrono::milliseconds kPollIntervalMargin{120'000};
constexpr std::chrono::milliseconds kRestoreMargin{120'000};
constexpr std::chrono::milliseconds kHeartbeatMax{3000};

std::string limit(size_t value, size_t least, size_t most) {
  return std::to_string(std::clamp(value, least, most));
}

}  // namespace

std::vector<Setting> consumer_defaults(const ConsumerOptions& options) {
  const auto poll_interval = std::max(
      kPollIntervalMin, 2 * options.transaction_timeout + kPollIntervalMargin + kRestoreMargin);
  return {
      {"max.poll.interval.ms", std::to_string(poll_interval.count())},
      {"session.timeout.ms", std::to_string(options.session_timeout.count())},
      // Three in a session, or a late one ends the membership; at most the library's default.
      {"heartbeat.interval.ms",
       std::to_string(std::min(kHeartbeatMax, options.session_timeout / 3).count())},
      {"fetch.min.bytes", std::to_string(options.fetch_bytes_min)},
      {"fetch.wait.max.ms", std::to_string(options.fetch_wait.count())},
      // A topic that appears after us is noticed within this.
      {"topic.metadata.refresh.interval.ms", "3000"},
  };
}

std::vector<Setting> consumer_promises(const ConsumerOptions& options) {
  const size_t share = options.prefetch_bytes;
  std::vector<Setting> settings = {
      {"group.id", options.group},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "error"},
      {"isolation.level", "read_committed"},
      {"check.crcs", "true"},
      {"enable.partition.eof", "true"},
      {"partition.assignment.strategy", "range"},
      {"group.protocol", "classic", true},
      {"allow.auto.create.topics", "false"},
      // Half of the share for the records' bytes, half for their bookkeeping.
      {"queued.max.messages.kbytes", limit(share / 2 / 1024, 64, 2'097'151)},
      {"queued.min.messages", limit(share / 2 / kBytesPerRecord, 1000, 10'000'000)},
      // One response of each broker comes on top of the queue, and all of its records are there at
      // once: small ones, well compressed, take a hundred times what the response did.
      {"fetch.max.bytes", limit(share / 128, kFetchMin, kFetchMax)},
      {"max.partition.fetch.bytes", limit(share / 256, kFetchMin / 2, kFetchMax / 2)},
      // To a consumer this says no more than what fetch.max.bytes may not be below.
      {"message.max.bytes", "1000"},
      // From 2.2 on: a full queue is looked at again after this, not after a second.
      {"fetch.queue.backoff.ms", "5", true},
  };
  if (!options.instance.empty()) settings.push_back({"group.instance.id", options.instance});
  return settings;
}

}  // namespace millrace::kafka
