// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace millrace::kafka {

// What librdkafka says of one client in its statistics. Counts are since the client was made, and
// begin anew where a client is replaced.
struct ClientStatistics {
  uint64_t brokers = 0;     // that are known by their number
  uint64_t brokers_up = 0;  // of these: connected. Those that nothing is asked of are not.
  // A producer: not acknowledged. A consumer: fetched, and not read.
  uint64_t queued_messages = 0;
  uint64_t queued_bytes = 0;
  uint64_t sent_bytes = 0;
  uint64_t received_bytes = 0;
  uint64_t requests = 0;
  uint64_t request_timeouts = 0;
  uint64_t request_errors = 0;  // that could not be sent, or were not answered
  // The slowest broker's mean over the last interval; 0 where it was asked nothing.
  double round_trip_seconds = 0;
  double throttle_seconds = 0;
};

// Reads the statistics as librdkafka writes them; nothing where they are none. About half a
// millisecond for a hundred partitions. Any thread.
[[nodiscard]] std::optional<ClientStatistics> read_statistics(std::string_view json);

}  // namespace millrace::kafka
