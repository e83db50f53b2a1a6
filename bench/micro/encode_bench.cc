// SPDX-License-Identifier: Apache-2.0
// Writing a record as the steps of P3 left it into the batch's memory. Bytes are of the output.
#include <benchmark/benchmark.h>

#include "bench/micro/p3_parts.h"
#include "bench/micro/workload.h"

namespace millrace::bench {
namespace {

void BM_Encode(benchmark::State& state, record::Encoding encoding) {
  P3Parts parts;
  parts.parse(0);
  check(parts.apply(1) == steps::Verdict::kContinue, "the steps");
  const auto spaced = parts.document(1).encode(record::Encoding::kSpaced, parts.arena(), 1000);
  check(std::string_view(spaced.text, spaced.size) == login_out(), "the encoder");
  const auto made = parts.document(1).encode(encoding, parts.arena(), 1000);
  parts.time(
      state, made.size * kRecords,
      [&parts](size_t index) { static_cast<void>(parts.apply(index)); },
      [&parts, encoding](size_t index) {
        benchmark::DoNotOptimize(parts.document(index).encode(encoding, parts.arena(), 1000));
      });
}

BENCHMARK_CAPTURE(BM_Encode, spaced, record::Encoding::kSpaced)
    ->UseManualTime()
    ->Threads(1)
    ->Threads(2);
BENCHMARK_CAPTURE(BM_Encode, compact, record::Encoding::kCompact)->UseManualTime();

}  // namespace
}  // namespace millrace::bench
