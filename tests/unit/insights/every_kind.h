// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>

#include "engine/insights/accumulator.h"
#include "engine/insights/insight.h"
#include "engine/insights/shard.h"

// Insights of every kind, and records that each count in all of them.
namespace millrace::insights {

inline constexpr Time kNow{std::chrono::seconds(1'000'000)};

enum EveryKindPart : size_t { kRecords, kFiltered, kUsers, kPairs, kHours, kAmounts, kSizes };

// Every kind, with limits that a few hundred keys break.
inline const Declaration kEveryKind{
    .insights = {{.kind = Kind::kCount, .name = "count", .part = kRecords},
                 {.kind = Kind::kCount, .name = "count_filtered", .part = kFiltered},
                 {.kind = Kind::kRate, .name = "rate", .live = true, .part = kRecords},
                 {.kind = Kind::kCountBy,
                  .name = "users",
                  .fields = {"user"},
                  .keys_max = 40,
                  .part = kUsers},
                 {.kind = Kind::kCountBy,
                  .name = "pairs",
                  .fields = {"group", "user"},
                  .keys_max = 1'000,
                  .part = kPairs},
                 {.kind = Kind::kDistinct,
                  .name = "few",
                  .fields = {"user"},
                  .exact_up_to = 50,
                  .part = kUsers},
                 {.kind = Kind::kDistinct,
                  .name = "many",
                  .fields = {"user"},
                  .exact_up_to = 5'000,
                  .part = kUsers},
                 {.kind = Kind::kDistinct,
                  .name = "by",
                  .fields = {"group", "user"},
                  .by = 1,
                  .exact_up_to = 5,
                  .keys_max = 5,
                  .part = kPairs},
                 {.kind = Kind::kTop,
                  .name = "top",
                  .fields = {"user"},
                  .limit = 5,
                  .exact_up_to = 30,
                  .part = kUsers,
                  .edges = {1, 0}},
                 {.kind = Kind::kTop,
                  .name = "exact",
                  .fields = {"group", "user"},
                  .limit = 9,
                  .exact_up_to = 10'000,
                  .part = kPairs},
                 {.kind = Kind::kHoursOfDay, .name = "hours", .fields = {"time"}, .part = kHours},
                 {.kind = Kind::kQuantiles,
                  .name = "quantiles",
                  .fields = {"size"},
                  .quantiles = {0.5, 0.999},
                  .part = kSizes},
                 {.kind = Kind::kSum, .name = "sum", .fields = {"amount"}, .part = kAmounts},
                 {.kind = Kind::kMin, .name = "min", .fields = {"amount"}, .part = kAmounts},
                 {.kind = Kind::kMax, .name = "max", .fields = {"amount"}, .part = kAmounts},
                 {.kind = Kind::kMean, .name = "mean", .fields = {"amount"}, .part = kAmounts},
                 {.kind = Kind::kFirst,
                  .name = "first",
                  .fields = {"user"},
                  .keys_max = 40,
                  .part = kUsers,
                  .edges = {0}},
                 {.kind = Kind::kLast,
                  .name = "last",
                  .fields = {"user"},
                  .keys_max = 1'000,
                  .part = kUsers,
                  .edges = {1}}},
    .parts = {{.kind = PartKind::kCounter},
              {.kind = PartKind::kCounter, .selection = 1},
              {.kind = PartKind::kKeys,
               .fields = 1,
               .edges = {{Edge::kFirst, "ip"}, {Edge::kLast, "ip"}}},
              {.kind = PartKind::kKeys, .fields = 2},
              {.kind = PartKind::kHours},
              {.kind = PartKind::kNumbers},
              {.kind = PartKind::kSketch}},
    .selections = 2,
    .rules = {"r0", "r1"}};

// A record, all of it decided by one number.
struct Record {
  int64_t offset = 0;
  unsigned seed = 0;
};

inline void count_keys(const Record& record, std::mt19937& random, Shard& shard) {
  // A few users often, many seldom.
  const std::string user = std::to_string(random() % 3 == 0 ? random() % 4 : random() % 300);
  const std::string group = std::to_string(random() % 7);
  const std::array<std::string_view, 2> values{group, user};
  const size_t entry = shard.add_key(kUsers, std::span(values).last(1));
  if (random() % 4 != 0) {
    const std::string ip = std::to_string(random() % 1'000);
    const EdgeValue value{ip, random() % 2 == 0, record.offset / 100};
    shard.set_edge(kUsers, entry, 0, value);
    shard.set_edge(kUsers, entry, 1, value);
  }
  if (random() % 5 == 0) {
    shard.add_missing(kPairs);
  } else {
    shard.add_key(kPairs, values);
  }
}

// What a worker does with one record.
inline void count_record(const Record& record, Shard& shard) {
  std::mt19937 random(record.seed);
  const auto kind = random() % 10;
  if (kind == 1) return shard.count_dead_letter(random() % 2);
  if (kind == 0) {
    shard.count_filtered();
    shard.select(1);
    return shard.add_one(kFiltered);
  }
  shard.count_emitted();
  shard.count_outputs({.copies = random() % 3});
  shard.add_one(kRecords);
  count_keys(record, random, shard);
  shard.add_hour(kHours, static_cast<unsigned>(random() % 24));
  shard.add_number(kSizes, Number(static_cast<int64_t>(random() % 10'000)));
  if (random() % 6 == 0) return shard.add_missing(kAmounts);
  shard.add_number(kAmounts, random() % 2 == 0
                                 ? Number(static_cast<int64_t>(random()))
                                 : Number(static_cast<double>(random()) / 1'000.0 - 1e6));
}

}  // namespace millrace::insights
