// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "engine/base/result.h"
#include "engine/config/pipeline_config.h"
#include "engine/embedded/record_maker.h"

namespace millrace::embedded {

struct GeneratorOptions {
  std::string topic = "user-login";
  uint64_t count = std::numeric_limits<uint64_t>::max();  // unless told to stop before
  double records_per_second = 0;                          // 0: as fast as possible
  RecordMakerOptions records;
  // The topic is created with so many if it is not there (and the broker can).
  int32_t partitions = 4;
  int32_t replication = -1;
  // The timestamp of the first record, in Unix seconds; later ones follow by rate (or by 1,000
  // records a second where there is none), so that the same seed gives the same bytes. Without it
  // the clock says.
  std::optional<int64_t> start_time;
  // Asked for permission to send up to `wanted` more records; what it returns may be fewer, and 0
  // means "ask again in a moment". The demo paces by it: the embedded broker deletes what is not
  // read in time.
  std::function<uint64_t(uint64_t wanted)> may_send;
  // How long to wait for a broker and the topic.
  std::chrono::milliseconds wait{60'000};
};

struct GeneratorReport {
  uint64_t sent = 0;  // acknowledged
  std::array<uint64_t, kDefectCount> by_defect{};
  std::chrono::milliseconds elapsed{0};
};

// Sends made records to a topic, the n-th to partition n modulo the partitions, so that a seed
// repeats every partition byte for byte. The rate is kept over the whole run: a late wake-up is
// made up for, nothing drifts.
//
// Threading: run() on one thread; sent() from any.
class Generator {
 public:
  [[nodiscard]] static base::Result<std::unique_ptr<Generator>> create(
      const config::KafkaConfig& kafka, const GeneratorOptions& options);

  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;
  ~Generator();

  // Until `count`, or stop; then waits for the acknowledgements.
  base::Result<GeneratorReport> run(const std::stop_token& stop);

  // Handed to the client so far.
  [[nodiscard]] uint64_t sent() const;

 private:
  class Impl;
  explicit Generator(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace millrace::embedded
