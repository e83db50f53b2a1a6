// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "engine/insights/state.h"
#include "engine/report/report.h"

namespace millrace::report {

// A run whose numbers add up: two partitions of one topic, 1,000 records, insights. Tests take it
// and change what they are about. docs/report.md shows it.
class Example {
 public:
  Example() {
    for (int i = 0; i < 940; ++i) count_emitted(i);
    for (int i = 0; i < 10; ++i) shard.count_filtered();
    for (int i = 0; i < 50; ++i) shard.count_dead_letter(i < 30 ? 0 : i < 48 ? 1 : 2);
    count_again();

    report.pipeline = "user-login";
    report.final = true;
    report.ended_by = "SIGINT";
    report.elapsed = std::chrono::milliseconds(2'500);
    report.cpu = std::chrono::milliseconds(1'250);
    report.peak_rss_bytes = uint64_t{100} << 20;
    report.partitions = {account(0, 500), account(1, 500)};
    report.partitions[1].next = base::Offset{1'502};
    report.partitions[1].committed = base::Offset{1'502};
    report.partitions[1].gaps = 2;
    for (const report::PartitionAccount& of : report.partitions) {
      report.counted.partitions.push_back({.id = of.id,
                                           .coverage = {of.first, of.next, of.consumed, of.gaps, 0},
                                           .emitted = of.emitted,
                                           .filtered = of.filtered,
                                           .dead_lettered = of.dead_lettered,
                                           .outputs = of.outputs,
                                           .error = {}});
    }
  }

  Example(const Example&) = delete;
  Example& operator=(const Example&) = delete;

  // What the insights say once more is counted in `shard`.
  void count_again() {
    insights::State state(declaration);
    state.add(shard, base::Offset{0});
    report.counted.insights = state.results();
    report.given = {state.emitted(), state.filtered(), state.dead_lettered(), {}};
    for (size_t rule = 0; rule < declaration.rules.size(); ++rule) {
      if (state.dead_letters()[rule] > 0)
        report.given.dead_letters[declaration.rules[rule]] = state.dead_letters()[rule];
    }
    report.counted.given = report.given;
  }

  insights::Declaration declaration{.insights = {{.kind = insights::Kind::kCountBy,
                                                  .name = "count_by_device_type",
                                                  .fields = {"device_type"},
                                                  .keys_max = 100'000,
                                                  .part = 0},
                                                 {.kind = insights::Kind::kCountBy,
                                                  .name = "count_by_app_version_device_type",
                                                  .fields = {"app_version", "device_type"},
                                                  .keys_max = 100'000,
                                                  .part = 1},
                                                 {.kind = insights::Kind::kDistinct,
                                                  .name = "distinct_user_id",
                                                  .fields = {"user_id"},
                                                  .exact_up_to = 10'000,
                                                  .part = 2},
                                                 {.kind = insights::Kind::kTop,
                                                  .name = "top_user_id",
                                                  .fields = {"user_id"},
                                                  .limit = 3,
                                                  .exact_up_to = 100'000,
                                                  .part = 3},
                                                 {.kind = insights::Kind::kHoursOfDay,
                                                  .name = "hours_of_day_timestamp",
                                                  .fields = {"timestamp"},
                                                  .part = 4}},
                                    .parts = {{.kind = insights::PartKind::kKeys, .fields = 1},
                                              {.kind = insights::PartKind::kKeys, .fields = 2},
                                              {.kind = insights::PartKind::kKeys, .fields = 1},
                                              {.kind = insights::PartKind::kKeys, .fields = 1},
                                              {.kind = insights::PartKind::kHours}},
                                    .rules = {"schema:/required/device_type", "parse:syntax",
                                              "step:4:format_time", "parse:utf8"}};
  insights::Shard shard{declaration};
  Report report;

 private:
  static PartitionAccount account(int32_t partition, uint64_t records) {
    PartitionAccount account;
    account.id = {.topic = "user-login", .partition = partition};
    account.first = base::Offset{1'000 * partition};
    account.next = base::Offset{account.first.value + static_cast<int64_t>(records)};
    account.committed = account.next;
    account.polled = account.consumed = records;
    account.emitted = records - 30;
    account.filtered = 5;
    account.dead_lettered = 25;
    account.sent = account.acknowledged = records - 5;
    return account;
  }

  void count_emitted(int i) {
    static constexpr std::array<std::string_view, 3> kVersions{"2.3.0", "2.4.1", "2.5.0"};
    static constexpr std::array<std::string_view, 2> kDevices{"android", "ios"};
    const std::string user = "user-" + std::to_string(i * i % 211);
    const std::array<std::string_view, 2> both{kVersions[static_cast<size_t>(i % 7 % 3)],
                                               kDevices[static_cast<size_t>(i % 5 % 2)]};
    const std::array<std::string_view, 1> user_id{user};
    shard.count_emitted();
    shard.add_key(0, std::span(both).last(1));
    shard.add_key(1, both);
    shard.add_key(2, user_id);
    shard.add_key(3, user_id);
    if (i % 100 == 99) {
      shard.add_missing(4);
    } else {
      shard.add_hour(4, static_cast<unsigned>((i % 10 + i % 13) % 24));
    }
  }
};

}  // namespace millrace::report
