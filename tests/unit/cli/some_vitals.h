// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "engine/report/vitals.h"

namespace millrace::cli {

// A run that has read 1,100,000 records in 105 seconds, and what it was five seconds before.
struct SomeVitals {
  report::Vitals now;
  report::Vitals before;

  SomeVitals() {
    before.pipeline = now.pipeline = "user-login";
    before.guarantee = now.guarantee = "exactly_once";
    before.elapsed = std::chrono::seconds(100);
    now.elapsed = std::chrono::seconds(105);
    count(before, 1'000'000, 950'000, 10'000, 40'000);
    count(now, 1'100'000, 1'045'000, 11'000, 44'000);
    before.lag = 500'000;
    now.lag = 450'000;
    now.input_bytes = 20 << 20;
    now.output_bytes = 15 << 20;
    before.dead_letters = {{"schema:/required/device_type", 21'000}, {"parse:syntax", 15'000}};
    now.dead_letters = {{"schema:/required/device_type", 24'000},
                        {"parse:syntax", 16'000},
                        {"step:4:format_time", 3'900},
                        {"step:5:cast", 100}};
    for (int32_t i = 0; i < 8; ++i) {
      report::PartitionVitals partition;
      partition.id = {"user-login", i};
      partition.position = {123'456 + 1000 * i};
      partition.consumed = 125'000;
      partition.lag = 50'000 + 1000 * static_cast<uint64_t>(i);
      before.partitions.push_back(partition);
      partition.consumed += 12'500;
      now.partitions.push_back(partition);
    }
    now.since_commit = std::chrono::milliseconds(87);
    now.commit_every = std::chrono::milliseconds(100);
    now.commits.counts[5] = 40;
    now.commits.counts[7] = 2;
    now.batch_memory_bytes = 256 << 20;
    now.batch_memory_used = 13 << 20;
    now.state_bytes = 1'300'000;
    now.rss_bytes = 130 << 20;
    before.cpu = std::chrono::seconds(6);
    now.cpu = std::chrono::seconds(15);
    now.batches_processing = 4;
    now.batches_queued = 2;
    now.batches_unsettled = 6;
  }

  void make_ill() {
    now.partitions[1].status = report::Status::kUnhealthy;
    now.health.status = report::Status::kUnhealthy;
    report::PartitionHealth health;
    health.id = {"user-login", 1};
    health.status = report::Status::kUnhealthy;
    health.reason = "it cannot be read: no broker leads the partition";
    health.position = {1502};
    health.lag = 1000;
    health.still_for = std::chrono::seconds(45);
    now.health.partitions.push_back(health);
    report::Alert alert;
    alert.rule.name = "many-dead-letters";
    alert.state = report::AlertState::kFiring;
    now.alerts.push_back(alert);
  }

 private:
  static void count(report::Vitals& vitals, uint64_t consumed, uint64_t emitted, uint64_t filtered,
                    uint64_t dead_lettered) {
    vitals.consumed = consumed;
    vitals.emitted = emitted;
    vitals.filtered = filtered;
    vitals.dead_lettered = dead_lettered;
  }
};

}  // namespace millrace::cli
