// SPDX-License-Identifier: Apache-2.0
// What the whole fleet's report takes: state::merge_fleet() over the states of all partitions, and
// the results of what it merged, which is what `millrace report` does with the topic's records.
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "bench/scaling/check.h"
#include "bench/scaling/logins.h"
#include "bench/scaling/memory_log.h"
#include "bench/scaling/section.h"
#include "engine/state/fleet.h"

namespace millrace::bench {
namespace {

struct Kind {
  Written written;
  Account account;
};

using Kinds = std::vector<Kind>;

// How the partitions of a fleet are: `kinds` different ones, each as often as any other.
struct Shape {
  std::string name;
  size_t kinds;
  uint64_t records;
  uint64_t users;
};

std::shared_ptr<const Kinds> make_kinds(const plan::Plan& plan, const Shape& shape, uint64_t seed) {
  auto kinds = std::make_shared<Kinds>();
  for (size_t i = 0; i < shape.kinds; ++i) {
    Logins logins(plan, seed + i, i * shape.users, shape.users);
    logins.count(shape.records + i);
    kinds->push_back({write_down(logins.state()), logins.account()});
  }
  return kinds;
}

Numbers merge(const plan::Plan& plan, const Kinds& kinds, int32_t partitions) {
  MemoryLog log(state_topic(partitions));
  const std::vector<base::TopicPartition> ids = input_partitions(partitions);
  Account expected;
  for (size_t i = 0; i < ids.size(); ++i) log.put(ids[i], kinds[i % kinds.size()].written);
  for (size_t i = 0; i < kinds.size(); ++i) {
    const size_t times = ids.size() / kinds.size() + (i < ids.size() % kinds.size() ? 1 : 0);
    if (times > 0) expected.add(kinds[i].account, times);
  }

  const PeakMemory peak;
  const Stopwatch watch;
  const auto fleet = state::merge_fleet(log, plan.declaration(), {log.topic(), {}});
  const double merged_after = watch.seconds();
  check(fleet.ok(), "the states cannot be read");
  const std::vector<insights::Result> results = fleet.value().state->results();
  const double seconds = watch.seconds();
  const double peak_bytes = peak.bytes();

  check(fleet.value().partitions.size() == ids.size(), "partitions are missing");
  for (size_t i = 0; i < ids.size(); ++i) {
    const state::FleetPartition& partition = fleet.value().partitions[i];
    const Account& account =
        kinds[static_cast<size_t>(partition.id.partition) % kinds.size()].account;
    check(partition.id == ids[i] && partition.error.empty() && partition.notes.empty(),
          "a partition cannot be read");
    check(partition.coverage.records == account.records && partition.emitted == account.emitted &&
              partition.dead_lettered == account.dead_lettered,
          "the counts of a partition are not what was sent");
  }
  const double off = check_state(*fleet.value().state, expected);
  double keys = 0;
  for (const insights::Result& result : results) {
    if (const auto* const top = std::get_if<insights::TopResult>(&result.value))
      keys = static_cast<double>(top->keys);
  }
  return {seconds, seconds - merged_after, static_cast<double>(log.bytes_read()), peak_bytes, keys,
          off};
}

std::string label(const Shape& shape, int32_t partitions) {
  return fmt::format("{}, {}", shape.name, partitions);
}

class Cases {
 public:
  Cases(const plan::Plan& plan, const Options& options, Section& section)
      : plan_(plan), options_(options), section_(section) {}

  void add(const Shape& shape, const std::vector<int32_t>& partitions, unsigned rounds_max = ~0U) {
    const auto kinds = make_kinds(plan_, shape, options_.seed);
    for (size_t i = 0; i < partitions.size(); ++i) {
      const int32_t count = partitions[i];
      section_.cases.push_back(
          {label(shape, count),
           [&plan = plan_, kinds, count] { return merge(plan, *kinds, count); }, rounds_max});
      if (i == 0) continue;
      const int32_t before = partitions[i - 1];
      section_.ratios.push_back(
          {fmt::format("merge_{}_{}_over_{}_times_{}", shape.name, count, count / before, before),
           label(shape, count), label(shape, before), static_cast<double>(count) / before});
    }
  }

 private:
  const plan::Plan& plan_;
  const Options& options_;
  Section& section_;
};

}  // namespace

Section merge_cases(const plan::Plan& plan, const Options& options) {
  Section section;
  section.name = "merge";
  section.title = "Merge: the report over the states of all partitions";
  section.columns = {
      {"cpu_seconds", "CPU s", 1, 3},         {"cpu_seconds_results", "results", 1, 3},
      {"bytes_read", "MiB read", 1 << 20, 1}, {"bytes_peak", "MiB peak", 1 << 20, 1},
      {"top_keys", "keys of top", 1, 0},      {"distinct_off", "distinct off %", 0.01, 2}};
  Cases cases(plan, options, section);
  if (options.quick) {
    cases.add({"small", 64, 5'000, 1'000}, {100, 1'000});
    cases.add({"shared", 4, 100'000, 20'000}, {10, 100});
    return section;
  }
  // A thousand users each; the same users come in every 64th partition.
  cases.add({"small", 64, 5'000, 1'000}, {100, 1'000, 10'000});
  // What restore has; the same users come in every 32nd partition.
  cases.add({"shared", 32, 100'000, 20'000}, {100, 1'000, 10'000}, 1);
  // Nobody is in two partitions, as where the key is the user.
  cases.add({"own", 1'000, 20'000, 20'000}, {10, 100, 1'000});
  // More users than top keeps, over more than one epoch: it has forgotten some.
  cases.add({"forgetful", 64, 140'000, 140'000}, {16, 64});
  return section;
}

}  // namespace millrace::bench
