// SPDX-License-Identifier: Apache-2.0
// What process costs per record (parse, schema, steps, encode, count), beside simdjson's DOM, which
// only parses the same records, and the strict walk alone; with insights and without.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "bench/micro/workload.h"
#include "engine/insights/shard.h"
#include "engine/plan/plan.h"
#include "engine/plan/processor.h"
#include "engine/record/batch.h"
#include "engine/record/document.h"

namespace millrace::bench {
namespace {

// The copy of the records into the batch is the poll thread's, so it is not timed.
void process(benchmark::State& state, const plan::Plan& plan,
             const std::vector<std::string>& values, std::string_view expected) {
  plan::Processor processor(plan, no_limits(plan));
  insights::Shard shard(plan.declaration());
  record::Batch batch;
  fill(batch, values);
  processor.process(batch, "in", shard);
  check(shard.emitted() == values.size() && batch.outputs().size() == values.size(), "process");
  const std::string_view made = batch.outputs()[1].value.view();
  check(made.substr(0, expected.size()) == expected, "process");
  for (auto _ : state) {
    state.PauseTiming();
    fill(batch, values);
    shard.clear();
    state.ResumeTiming();
    processor.process(batch, "in", shard);
    benchmark::DoNotOptimize(batch.outputs().data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(values.size()));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes_of(values)));
}

void dom_parse(benchmark::State& state, const std::vector<std::string>& texts) {
  std::vector<simdjson::padded_string> values;
  for (const std::string& value : texts) values.emplace_back(value);
  simdjson::dom::parser parser;
  for (const simdjson::padded_string& value : values)
    check(parser.parse(value).is_object(), "the DOM");
  for (auto _ : state) {
    for (const simdjson::padded_string& value : values) {
      simdjson::dom::element element;
      benchmark::DoNotOptimize(parser.parse(value).get(element));
      benchmark::DoNotOptimize(element);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(values.size()));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes_of(texts)));
}

void walk(benchmark::State& state, const std::vector<std::string>& values) {
  record::NameTable names;
  for (const char* name :
       {"user_id", "app_version", "ip", "locale", "device_id", "timestamp", "device_type"})
    names.intern(name);
  record::Document document(names, {});
  for (const std::string& value : values)
    check(document.parse(value) == record::ParseError::kNone, "the walk");
  for (auto _ : state) {
    for (const std::string& value : values) benchmark::DoNotOptimize(document.parse(value));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(values.size()));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(bytes_of(values)));
}

void BM_Login_DomParse(benchmark::State& state) {
  dom_parse(state, records(login, kRecords));
}

void BM_Login_Walk(benchmark::State& state) {
  walk(state, records(login, kRecords));
}

void BM_Login_P3(benchmark::State& state) {
  static const std::unique_ptr<const plan::Plan> plan = p3();
  process(state, *plan, records(login, kRecords), login_out());
}

void BM_Login_P3Insights(benchmark::State& state) {
  static const std::unique_ptr<const plan::Plan> plan = p3_with_insights();
  process(state, *plan, records(login, kRecords), login_out());
}

void BM_Wide_DomParse(benchmark::State& state) {
  dom_parse(state, records(wide, kRecords));
}

void BM_Wide_FiftyRules(benchmark::State& state) {
  static const std::unique_ptr<const plan::Plan> plan = wide_plan();
  process(state, *plan, records(wide, kRecords), R"({"member_0":1,"member_1":"text 1",)");
}

void BM_Order_DomParse(benchmark::State& state) {
  dom_parse(state, records(order, kRecords / 10));
}

void BM_Order_Walk(benchmark::State& state) {
  walk(state, records(order, kRecords / 10));
}

void BM_Order_Process(benchmark::State& state) {
  static const std::unique_ptr<const plan::Plan> plan = order_plan();
  process(state, *plan, records(order, kRecords / 10),
          R"({"order_id":"o-1","status":"paid","ordered_at":1795161600,"customer":)"
          R"({"id":"c-1","email":null,"address":{"country":"DE","city":"Bonn"}},"items":[{"sku")");
}

BENCHMARK(BM_Login_DomParse);
BENCHMARK(BM_Login_Walk);
BENCHMARK(BM_Login_P3);
BENCHMARK(BM_Login_P3Insights);
// By the clock: whether two threads do twice as much. Everything else is CPU time, which says the
// same on a busy machine.
BENCHMARK(BM_Login_Walk)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(BM_Login_P3)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(BM_Login_P3Insights)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(BM_Wide_DomParse);
BENCHMARK(BM_Wide_FiftyRules);
BENCHMARK(BM_Order_DomParse);
BENCHMARK(BM_Order_Walk);
BENCHMARK(BM_Order_Process);

}  // namespace
}  // namespace millrace::bench
