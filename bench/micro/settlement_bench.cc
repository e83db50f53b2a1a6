// SPDX-License-Identifier: Apache-2.0
// What a batch of 1,000 records costs on its way from the hand-over to where its offset may be
// committed: its ticket, which takes the acknowledgements; the ledger of its lease, which finds how
// far there is no hole; and the flow's books, which do both under their lock and add its numbers.
// Insights are not in it (BM_Insights_Merge).
#include <cstdint>
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/micro/cpu_time.h"
#include "bench/micro/workload.h"
#include "engine/flow/batch_in_flight.h"
#include "engine/flow/books.h"
#include "engine/insights/insight.h"
#include "engine/plan/plan.h"
#include "engine/plan/processor.h"
#include "engine/settlement/lease.h"
#include "engine/settlement/offset_ledger.h"
#include "engine/settlement/ticket.h"

namespace millrace::bench {
namespace {

constexpr size_t kUnderWay = 64;  // batches
// librdkafka gives reports out request by request; a request of small records holds about so many.
constexpr size_t kReported = 250;

void count_records(benchmark::State& state, size_t batches) {
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(batches * kRecords));
}

// Opened for its outputs, and released by each run of reports and by the hand-over.
bool use_up(settlement::Ticket& ticket) {
  ticket.open(kRecords);
  bool last = ticket.release(1);
  for (size_t left = kRecords; left > 0; left -= kReported) {
    check(!last, "the ticket");
    last = ticket.release(kReported);
  }
  return last;
}

void BM_Settlement_Ticket(benchmark::State& state) {
  settlement::Ticket ticket;
  check(use_up(ticket), "the ticket");
  for (auto _ : state) benchmark::DoNotOptimize(use_up(ticket));
  count_records(state, 1);
}

// As many batches handed over as may be under way, acknowledged out of order: two at a time the
// wrong way round.
void BM_Settlement_Ledger(benchmark::State& state) {
  settlement::OffsetLedger<size_t> ledger(base::Offset{0});
  int64_t offset = 0;
  size_t settled = 0;
  const auto settle = [&settled](size_t /*payload*/) { ++settled; };
  for (auto _ : state) {
    uint64_t first = 0;
    for (size_t i = 0; i < kUnderWay; ++i) {
      const auto end = offset + static_cast<int64_t>(kRecords);
      const uint64_t number = ledger.add(base::Offset{offset}, base::Offset{end}, i);
      if (i == 0) first = number;
      offset = end;
    }
    for (uint64_t i = 0; i < kUnderWay; ++i) {
      ledger.acknowledge(first + (i ^ 1U));
      ledger.settle_acknowledged(settle);
    }
  }
  check(ledger.settled() == base::Offset{offset} && ledger.unsettled() == 0 &&
            settled == static_cast<size_t>(state.iterations()) * kUnderWay,
        "the ledger");
  count_records(state, kUnderWay);
}

// The same batches again and again, each time of a new lease.
void BM_Settlement_Books(benchmark::State& state) {
  static const std::unique_ptr<const plan::Plan> plan = p3();
  plan::Processor processor(*plan, no_limits(*plan));
  flow::Books books(plan->declaration(), flow::SettleAt::kAcknowledgement, nullptr, 0,
                    [](const flow::Snapshot& /*snapshot*/) {});
  std::vector<std::unique_ptr<flow::BatchInFlight>> batches(kUnderWay);
  for (size_t i = 0; i < kUnderWay; ++i) {
    batches[i] = std::make_unique<flow::BatchInFlight>(plan->declaration());
    fill(batches[i]->batch, records(login, kRecords),
         base::Offset{static_cast<int64_t>(i * kRecords)});
    processor.process(batches[i]->batch, "in", batches[i]->shard);
  }
  bool opened = false;
  size_t settled = 0;
  for (auto _ : state) {
    const auto lease =
        std::make_shared<settlement::Lease>(base::TopicPartition{"in", 0}, 0, base::Offset{0});
    books.open(lease, {.resume = base::Offset{0}, .moved = opened});
    opened = true;
    for (const auto& batch : batches) batch->lease = lease;
    const double begun = cpu_seconds();
    for (const auto& batch : batches) {
      check(books.hand_over(*batch), "the books");
      settled += books.acknowledge(*batch).size();
    }
    state.SetIterationTime(cpu_seconds() - begun);
    check(books.end(*lease).empty(), "the books");
  }
  check(settled == static_cast<size_t>(state.iterations()) * kUnderWay &&
            books.totals().emitted == settled * kRecords,
        "the books");
  count_records(state, kUnderWay);
}

BENCHMARK(BM_Settlement_Ticket);
BENCHMARK(BM_Settlement_Ledger);
BENCHMARK(BM_Settlement_Books)->UseManualTime();

}  // namespace
}  // namespace millrace::bench
