// SPDX-License-Identifier: Apache-2.0
// What process costs per record: the plan of config/user-login.yaml over a batch of 1,000 logins,
// with and without its insights, beside simdjson's DOM, which only parses the same records.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "engine/config/load.h"
#include "engine/insights/shard.h"
#include "engine/plan/plan.h"
#include "engine/plan/processor.h"
#include "engine/record/batch.h"

namespace millrace::plan {
namespace {

constexpr size_t kRecords = 1000;
constexpr base::WallTime kNow{std::chrono::seconds{1'720'655'268}};

constexpr std::string_view kPipeline = R"(
pipeline: user-login
kafka: {bootstrap.servers: "localhost:9092"}
input: {topic: user-login, group: user-login}
schema:
  type: object
  required: [user_id, app_version, ip, locale, device_id, timestamp, device_type]
  properties:
    user_id: {type: string}
    app_version: {type: string}
    ip: {type: string}
    locale: {type: string}
    device_id: {type: string}
    timestamp: {type: integer}
    device_type: {type: string}
steps:
  - keep_if: {field: app_version, version_at_least: 2.3.0}
  - lowercase: device_type
  - rename: {timestamp: created_at}
  - format_time: {field: created_at, from: unix_seconds, as: rfc3339}
  - add: {processed_at: {now: rfc3339}}
output: {topic: processed-user-login, key: user_id}
dead_letters: {topic: user-login.dead-letters}
delivery: {guarantee: at_least_once}
)";

constexpr std::string_view kInsights = R"(
insights:
  - count_by: device_type
  - count_by: [app_version, device_type]
  - distinct: user_id
  - top: {of: user_id, limit: 10}
  - hours_of_day: timestamp
)";

std::unique_ptr<const Plan> compile(bool with_insights) {
  std::string text(kPipeline);
  if (with_insights) text += kInsights;
  const config::Loaded loaded =
      config::load_text(text, "bench.yaml", [](const std::string&) { return std::nullopt; });
  if (!loaded.problems.empty()) std::abort();
  return Plan::compile(loaded.config);
}

// As the generator of user logins sends them: every user and device is new.
std::string login(size_t number) {
  const std::string tail = std::to_string(100'000 + number);
  return R"({"user_id": "59cc1bb4-8037-4475-b1e4-1349e7)" + tail +
         R"(", "app_version": "2.3.0", "ip": "1.1.177.19", "locale": "CT", )" +
         R"("device_id": "8792a520-f2d6-45e9-87f3-2638d4)" + tail + R"(", "timestamp": )" +
         std::to_string(1'720'655'268 + number) + R"(, "device_type": ")" +
         (number % 2 == 0 ? "android" : "iOS") + "\"}";
}

void fill(record::Batch& batch, const std::vector<std::string>& values) {
  batch.reset();
  batch.open(base::Offset{0}, 0, kNow);
  for (const std::string& value : values) {
    record::InputRecord input;
    input.offset = batch.range_end();
    input.value = record::Bytes::of(value);
    batch.append(input);
  }
}

std::vector<std::string> logins() {
  std::vector<std::string> values;
  for (size_t i = 0; i < kRecords; ++i) values.push_back(login(i));
  return values;
}

void check(bool right) {
  if (right) return;
  std::fputs("The answer is wrong, so its speed does not matter.\n", stderr);
  std::abort();
}

void check_answer(const record::Batch& batch, const insights::Shard& shard, bool with_insights) {
  check(shard.emitted() == kRecords && batch.outputs().size() == kRecords);
  check(batch.outputs()[1].value.view() ==
        R"({"user_id":"59cc1bb4-8037-4475-b1e4-1349e7100001","app_version":"2.3.0",)"
        R"("ip":"1.1.177.19","locale":"CT","device_id":"8792a520-f2d6-45e9-87f3-2638d4100001",)"
        R"("created_at":"2024-07-10T23:47:49Z","device_type":"ios",)"
        R"("processed_at":"2024-07-10T23:47:48Z"})");
  check(batch.outputs()[1].key.view() == "59cc1bb4-8037-4475-b1e4-1349e7100001");
  if (!with_insights) return;
  check(shard.keys(2).entries().size() == kRecords);
  check(shard.keys(0).entries()[0].count == kRecords / 2);
}

// The copy of the records into the batch is the poll thread's, so it is not timed.
void BM_Process_Login(benchmark::State& state) {
  const bool with_insights = state.range(0) != 0;
  const auto plan = compile(with_insights);
  Processor processor(*plan, {});
  insights::Shard shard(plan->declaration());
  record::Batch batch;
  const std::vector<std::string> values = logins();
  fill(batch, values);
  processor.process(batch, "user-login", shard);
  check_answer(batch, shard, with_insights);
  for (auto _ : state) {
    state.PauseTiming();
    fill(batch, values);
    shard.clear();
    state.ResumeTiming();
    processor.process(batch, "user-login", shard);
    benchmark::DoNotOptimize(batch.outputs().data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRecords));
}

void BM_DomParse_Login(benchmark::State& state) {
  std::vector<simdjson::padded_string> values;
  for (const std::string& value : logins()) values.emplace_back(value);
  simdjson::dom::parser parser;
  std::string_view user;
  check(parser.parse(values[1])["user_id"].get(user) == simdjson::SUCCESS);
  check(user == "59cc1bb4-8037-4475-b1e4-1349e7100001");
  for (auto _ : state) {
    for (const simdjson::padded_string& value : values) {
      simdjson::dom::element element;
      benchmark::DoNotOptimize(parser.parse(value).get(element));
      benchmark::DoNotOptimize(element);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(kRecords));
}

BENCHMARK(BM_Process_Login)->ArgName("insights")->Arg(0)->Arg(1);
BENCHMARK(BM_DomParse_Login);

}  // namespace
}  // namespace millrace::plan
