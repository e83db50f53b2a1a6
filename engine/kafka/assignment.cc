// SPDX-License-Identifier: Apache-2.0
#include "engine/kafka/assignment.h"

#include <chrono>
#include <functional>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "engine/base/log.h"
#include "engine/base/pause.h"
#include "engine/kafka/committed_offsets.h"
#include "engine/kafka/error_class.h"

namespace millrace::kafka {
namespace {

constexpr int kAttemptMs = 1000;
constexpr std::chrono::milliseconds kPause{50};
// Waits shorter than this are not worth a line.
constexpr std::chrono::seconds kSilent{2};

using Wait = std::function<base::Status(rd_kafka_resp_err_t error, const std::string& what)>;

std::span<const rd_kafka_topic_partition_t> entries(const rd_kafka_topic_partition_list_t& list) {
  return {list.elems, static_cast<size_t>(list.cnt)};
}

// The first error of a partition, or no error.
rd_kafka_resp_err_t first_error(const rd_kafka_topic_partition_list_t& list) {
  for (const rd_kafka_topic_partition_t& entry : entries(list)) {
    if (entry.err != RD_KAFKA_RESP_ERR_NO_ERROR) return entry.err;
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

base::Result<rd::Partitions> read_committed_offsets(rd_kafka_t* consumer,
                                                    const rd_kafka_topic_partition_list_t& wanted,
                                                    const Wait& wait) {
  while (true) {
    rd::Partitions list(rd_kafka_topic_partition_list_copy(&wanted));
    rd_kafka_resp_err_t error = rd_kafka_committed(consumer, list.get(), kAttemptMs);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) error = first_error(*list);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return list;
    base::Status status = wait(error, "the group's committed offsets");
    if (!status.ok()) return base::Error{status.message()};
  }
}

base::Result<int64_t> read_start(rd_kafka_t* consumer, const rd_kafka_topic_partition_t& partition,
                                 config::Start start, const Wait& wait) {
  while (true) {
    int64_t low = 0;
    int64_t high = 0;
    const rd_kafka_resp_err_t error = rd_kafka_query_watermark_offsets(
        consumer, partition.topic, partition.partition, &low, &high, kAttemptMs);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return start == config::Start::kEarliest ? low : high;
    base::Status status =
        wait(error, fmt::format("the offsets of {}-{}", partition.topic, partition.partition));
    if (!status.ok()) return base::Error{status.message()};
  }
}

}  // namespace

base::Result<std::vector<StartPoint>> find_start_points(
    rd_kafka_t* consumer, const rd_kafka_topic_partition_list_t& partitions, config::Start start,
    ClientEvents& events, const std::stop_token& stop) {
  bool said = false;
  const auto begin = std::chrono::steady_clock::now();
  const Wait wait = [&](rd_kafka_resp_err_t error, const std::string& what) -> base::Status {
    if (stop.stop_requested()) return base::Error{"stopped while waiting for " + what};
    if (rd_kafka_assignment_lost(consumer) != 0) {
      return base::Error{"the assignment was lost while waiting for " + what};
    }
    if (classify(error) == ErrorClass::kFatal) return base::Error{sentence(error, what)};
    if (std::string fatal = events.fatal(); !fatal.empty()) return base::Error{fatal};
    if (std::chrono::steady_clock::now() - begin > kSilent && !std::exchange(said, true)) {
      base::log::info("Waiting for {}: {}.", what, rd_kafka_err2str(error));
    }
    base::pause_until(std::chrono::steady_clock::now() + kPause, stop);
    return {};
  };

  auto committed = read_committed_offsets(consumer, partitions, wait);
  if (!committed.ok()) return committed.error();
  std::vector<StartPoint> points;
  for (const rd_kafka_topic_partition_t& entry : entries(*committed.value())) {
    if (entry.offset >= 0) {
      points.push_back({entry.offset, true, metadata_of(entry)});
      continue;
    }
    auto offset = read_start(consumer, entry, start, wait);
    if (!offset.ok()) return offset.error();
    points.push_back({offset.value(), false, {}});
  }
  return points;
}

bool is_over(rd_kafka_t* consumer, const std::stop_token& stop) {
  return stop.stop_requested() || rd_kafka_assignment_lost(consumer) != 0;
}

}  // namespace millrace::kafka
