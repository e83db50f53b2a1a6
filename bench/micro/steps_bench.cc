// SPDX-License-Identifier: Apache-2.0
// The four steps of P3 on records that are parsed: rename, format a time, add a time, keep eight
// members.
#include <string>

#include <benchmark/benchmark.h>

#include "bench/micro/p3_parts.h"
#include "bench/micro/workload.h"

namespace millrace::bench {
namespace {

void BM_Steps(benchmark::State& state) {
  P3Parts parts;
  parts.parse(0);
  check(parts.apply(1) == steps::Verdict::kContinue, "the steps");
  const auto made = parts.document(1).encode(record::Encoding::kSpaced, parts.arena(), 1000);
  check(std::string_view(made.text, made.size) == login_out(), "the steps");
  parts.time(
      state, parts.input_bytes(), [](size_t /*index*/) {},
      [&parts](size_t index) { benchmark::DoNotOptimize(parts.apply(index)); });
}

BENCHMARK(BM_Steps)->UseManualTime()->Threads(1)->Threads(2);

}  // namespace
}  // namespace millrace::bench
