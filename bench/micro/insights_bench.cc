// SPDX-License-Identifier: Apache-2.0
// The five insights of the first example, apart from what they read the records for: what a worker
// counts into the shard of its batch, the adding of shards to the state of a partition, and what
// that state holds after many different users.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/micro/cpu_time.h"
#include "bench/micro/p3_parts.h"
#include "bench/micro/workload.h"
#include "engine/insights/results.h"
#include "engine/insights/shard.h"
#include "engine/insights/state.h"
#include "engine/plan/insight_reader.h"

namespace millrace::bench {
namespace {

using Shards = std::vector<std::unique_ptr<insights::Shard>>;

const plan::Plan& plan_with_insights() {
  static const std::unique_ptr<const plan::Plan> plan = p3_with_insights();
  return *plan;
}

// What the worker does beside process: every record has another user.
void BM_Insights_Shard(benchmark::State& state) {
  P3Parts parts;
  plan::InsightReader reader(parts.insights());
  insights::Shard shard(parts.declaration());
  const auto count = [&](size_t index) {
    if (index == 0 && shard.emitted() == kRecords) shard.clear();
    shard.count_emitted();
    reader.count(record::Outcome::kEmitted, &parts.document(index), parts.context(), shard);
  };
  const auto apply = [&parts](size_t index) { static_cast<void>(parts.apply(index)); };
  for (size_t first = 0; first < kRecords; first += P3Parts::kAtOnce) {
    parts.parse(first);
    for (size_t i = 0; i < P3Parts::kAtOnce; ++i) apply(i);
    for (size_t i = 0; i < P3Parts::kAtOnce; ++i) count(i);
  }
  insights::State counted(parts.declaration());
  counted.add(shard, base::Offset{0});
  for (const insights::Result& result : counted.results())
    check(result.counted == kRecords && result.missing == 0, "the insights");
  parts.time(state, parts.input_bytes(), apply, count);
}

// Shards of 1,000 records each, with at least `users` users, all different.
const Shards& shards_of(size_t users) {
  static Shards shards;
  const plan::Plan& plan = plan_with_insights();
  plan::Processor processor(plan, no_limits(plan));
  record::Batch batch;
  for (size_t first = shards.size() * kRecords; first < users; first += kRecords) {
    fill(batch, records(login, kRecords, first));
    shards.push_back(std::make_unique<insights::Shard>(plan.declaration()));
    processor.process(batch, "in", *shards.back());
  }
  return shards;
}

// A state that batches of different users out of `users` are added to. It has met all of them
// once: the first adding to an empty one is another matter.
class Merging {
 public:
  explicit Merging(size_t users)
      : batches_of_users_(users / kRecords),
        shards_(shards_of(users)),
        state_(plan_with_insights().declaration()) {
    while (added_ < batches_of_users_) add();
  }

  void add() {
    state_.add(*shards_[added_ % batches_of_users_],
               base::Offset{static_cast<int64_t>(added_ * kRecords)});
    ++added_;
  }

  void check_answer() const {
    check(state_.emitted() == added_ * kRecords, "the state");
    for (const insights::Result& result : state_.results())
      check(result.counted == result.selected && result.missing == 0, "the state");
  }

 private:
  const size_t batches_of_users_;
  const Shards& shards_;
  insights::State state_;
  size_t added_ = 0;
};

// What the settle thread has to do per record.
void BM_Insights_Merge(benchmark::State& state) {
  Merging merging(static_cast<size_t>(state.range(0)));
  for (auto _ : state) merging.add();
  merging.check_answer();
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRecords));
}

// All that insights add to process: in turn a batch without them, the same with them, and a shard
// added to the state, so that whatever else the machine does meets the three alike. Of each the
// nanoseconds per record are a counter.
void BM_Insights_Added(benchmark::State& state) {
  static const std::unique_ptr<const plan::Plan> plain = p3();
  const plan::Plan& with = plan_with_insights();
  const std::vector<std::string> values = records(login, kRecords);
  Merging merging(static_cast<size_t>(state.range(0)));
  record::Batch batch;
  const auto time_of = [&](plan::Processor& processor, insights::Shard& shard) {
    fill(batch, values);
    shard.clear();
    const double begun = cpu_seconds();
    processor.process(batch, "in", shard);
    const double time = cpu_seconds() - begun;
    check(shard.emitted() == kRecords, "process");
    return time;
  };
  plan::Processor plain_processor(*plain, no_limits(*plain));
  plan::Processor processor(with, no_limits(with));
  insights::Shard plain_shard(plain->declaration());
  insights::Shard shard(with.declaration());
  double process = 0;
  double process_with = 0;
  double merge = 0;
  for (auto _ : state) {
    const double before = process + process_with + merge;
    process += time_of(plain_processor, plain_shard);
    process_with += time_of(processor, shard);
    const double begun = cpu_seconds();
    merging.add();
    merge += cpu_seconds() - begun;
    state.SetIterationTime(process + process_with + merge - before);
  }
  merging.check_answer();
  const double nanoseconds =
      1e9 / static_cast<double>(state.iterations()) / static_cast<double>(kRecords);
  state.counters["process_ns"] = process * nanoseconds;
  state.counters["process_with_ns"] = process_with * nanoseconds;
  state.counters["merge_ns"] = merge * nanoseconds;
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRecords));
}

// What the insights of one partition hold after as many different users: bytes, as a counter.
void BM_Insights_DistinctUsers(benchmark::State& state) {
  const plan::Plan& plan = plan_with_insights();
  const auto users = static_cast<size_t>(state.range(0));
  plan::Processor processor(plan, no_limits(plan));
  insights::Shard shard(plan.declaration());
  record::Batch batch;
  std::vector<std::string> values(kRecords);
  size_t bytes = 0;
  size_t bytes_most = 0;
  for (auto _ : state) {
    insights::State counted(plan.declaration());
    for (size_t first = 0; first < users; first += kRecords) {
      for (size_t i = 0; i < kRecords; ++i) values[i] = login(first + i);
      fill(batch, values);
      shard.clear();
      processor.process(batch, "in", shard);
      counted.add(shard, base::Offset{static_cast<int64_t>(first)});
      bytes = counted.footprint();
      bytes_most = std::max(bytes_most, bytes);
    }
    for (const insights::Result& result : counted.results()) {
      check(result.counted == users && result.missing == 0, "the state");
      if (const auto* const distinct = std::get_if<insights::DistinctResult>(&result.value))
        check(distinct->low <= users && users <= distinct->high, "distinct");
      if (const auto* const top = std::get_if<insights::TopResult>(&result.value))
        check(!top->items.empty() && top->items[0].count - top->items[0].error <= 1, "top");
    }
  }
  state.counters["state_bytes"] = static_cast<double>(bytes);
  state.counters["state_bytes_most"] = static_cast<double>(bytes_most);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(users));
}

BENCHMARK(BM_Insights_Shard)->UseManualTime()->Threads(1)->Threads(2);
// Tables of top that stay exact, and that have to forget in every epoch.
BENCHMARK(BM_Insights_Merge)->ArgName("users")->Arg(50'000)->Arg(400'000);
BENCHMARK(BM_Insights_Added)->ArgName("users")->Arg(50'000)->Arg(400'000)->UseManualTime();
BENCHMARK(BM_Insights_DistinctUsers)
    ->Arg(10'000)
    ->Arg(1'000'000)
    ->Arg(100'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kSecond);

}  // namespace
}  // namespace millrace::bench
