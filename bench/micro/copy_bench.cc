// SPDX-License-Identifier: Apache-2.0
// What the poll thread does to a record, once librdkafka has given it out: it is copied into the
// batch of its partition. With one batch that is used again and again, and with as many as are
// under way in an engine that has something to do, whose memory is in no cache.
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/micro/workload.h"
#include "engine/flow/batch_in_flight.h"
#include "engine/flow/batch_pool.h"
#include "engine/flow/memory_budget.h"
#include "engine/insights/insight.h"

namespace millrace::bench {
namespace {

void copy_in(flow::BatchInFlight& batch, const std::vector<std::string>& values) {
  batch.batch.open(base::Offset{0}, 0, kNow);
  for (const std::string& value : values) {
    record::InputRecord input;
    input.offset = batch.batch.range_end();
    input.value = record::Bytes::of(value);
    batch.batch.append(input);
  }
}

void BM_Copy(benchmark::State& state) {
  const std::vector<std::string> values = records(login, kRecords);
  const insights::Declaration nothing;
  flow::MemoryBudget budget(size_t{1} << 30);
  flow::BatchPool pool(nothing, budget);
  std::vector<flow::BatchInFlight*> under_way(static_cast<size_t>(state.range(0)));
  for (flow::BatchInFlight*& batch : under_way) {
    batch = pool.acquire();
    copy_in(*batch, values);
    check(batch->batch.records().size() == kRecords &&
              batch->batch.records().back().value.view() == values.back(),
          "the copy");
  }
  size_t next = 0;
  for (auto _ : state) {
    pool.recycle(under_way[next]);
    under_way[next] = pool.acquire();
    copy_in(*under_way[next], values);
    benchmark::ClobberMemory();
    next = (next + 1) % under_way.size();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRecords));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes_of(values)));
}

BENCHMARK(BM_Copy)->ArgName("batches")->Arg(1)->Arg(64);

}  // namespace
}  // namespace millrace::bench
