// SPDX-License-Identifier: Apache-2.0
// What process costs per record (parse, schema, steps, encode, count), beside simdjson's DOM, which
// only parses the same records, and the strict walk alone; and what the insights add to that, in
// the worker and where its shard is added to a state. bench/micro/table.py runs it in rounds and
// prints the ratios. Each benchmark checks its answer first.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <simdjson.h>

#include "engine/config/load.h"
#include "engine/insights/results.h"
#include "engine/insights/shard.h"
#include "engine/insights/state.h"
#include "engine/plan/plan.h"
#include "engine/plan/processor.h"
#include "engine/record/batch.h"
#include "engine/record/document.h"

namespace millrace::plan {
namespace {

constexpr size_t kRecords = 1000;
constexpr base::WallTime kNow{std::chrono::seconds{1'720'655'268}};
constexpr size_t kManyRules = 50;

void check(bool right) {
  if (right) return;
  fmt::print(stderr, "The answer is wrong, so its speed does not matter.\n");
  std::abort();
}

std::unique_ptr<const Plan> compiled(const config::Loaded& loaded) {
  for (const config::Problem& problem : loaded.problems)
    fmt::print(stderr, "{}\n", config::to_string(problem));
  check(loaded.problems.empty());
  Plan::Compiled plan = Plan::compile(loaded.config);
  for (const config::Problem& problem : plan.problems)
    fmt::print(stderr, "{}\n", config::to_string(problem));
  check(plan.plan != nullptr);
  return std::move(plan.plan);
}

config::Environment no_environment() {
  return [](const std::string&) { return std::nullopt; };
}

std::unique_ptr<const Plan> plan_of(const std::string& text) {
  // Paths are relative to the file.
  return compiled(config::load_text(text, MILLRACE_SOURCE_DIR "/config/pipelines/bench.yaml",
                                    no_environment()));
}

// config/pipelines/p3.yaml without its steps' environment: the brokers are left to it.
std::unique_ptr<const Plan> p3() {
  return compiled(config::load_file(MILLRACE_SOURCE_DIR "/config/pipelines/p3.yaml",
                                    [](const std::string& name) -> std::optional<std::string> {
                                      if (name == "BOOTSTRAP_SERVERS") return "localhost:9092";
                                      return std::nullopt;
                                    }));
}

// The same with the five insights of the first example. The text is of a file that stands beside
// it.
std::unique_ptr<const Plan> p3_with_insights() {
  std::ifstream file(MILLRACE_SOURCE_DIR "/config/pipelines/p3.yaml");
  std::stringstream text;
  text << file.rdbuf();
  text << "insights:\n  - count_by: device_type\n  - count_by: [app_version, device_type]\n"
          "  - distinct: user_id\n  - top: {of: user_id, limit: 10}\n  - hours_of_day: timestamp\n";
  return plan_of(text.str());
}

std::string head(const std::string& schema) {
  return "pipeline: bench\nkafka: {bootstrap.servers: \"localhost:9092\"}\n"
         "input: {topic: in, group: g}\noutput: {topic: out}\ndead_letters: {topic: dead}\n"
         "delivery: {guarantee: at_least_once}\n" +
         schema;
}

// As the generator of user logins sends them, 212 bytes; every user and device is new.
std::string login(size_t number) {
  const std::string tail = std::to_string(100'000 + number);
  return R"({"user_id": "59cc1bb4-8037-4475-b1e4-1349e7)" + tail +
         R"(", "app_version": "2.3.0", "ip": "1.1.177.19", "locale": "CT", )" +
         R"("device_id": "8792a520-f2d6-45e9-87f3-2638d4)" + tail + R"(", "timestamp": )" +
         std::to_string(1'720'655'268 + number) + R"(, "device_type": ")" +
         (number % 2 == 0 ? "android" : "iOS") + "\"}";
}

std::string wide(size_t number) {
  std::string record = "{";
  for (size_t i = 0; i < kManyRules; ++i) {
    record += (i == 0 ? "\"" : ", \"") + std::string("member_") + std::to_string(i) + "\": ";
    record += i % 2 == 0 ? std::to_string(number + i) : "\"text " + std::to_string(number) + "\"";
  }
  return record + "}";
}

// 50 members, each with a type.
std::unique_ptr<const Plan> wide_plan() {
  std::string schema = "schema:\n  type: object\n  properties:\n";
  for (size_t i = 0; i < kManyRules; ++i) {
    schema += "    member_" + std::to_string(i) +
              (i % 2 == 0 ? ": {type: integer}\n" : ": {type: string}\n");
  }
  return plan_of(head(schema));
}

// About 5 KB, nested, with nulls.
std::string order(size_t number) {
  std::string record = R"({"order_id": "o-)" + std::to_string(number) +
                       R"(", "status": "paid", "ordered_at": "2026-11-20T08:00:00Z", )" +
                       R"("customer": {"id": "c-)" + std::to_string(number % 97) +
                       R"(", "email": null, "address": {"country": "de", "city": "Bonn"}}, )" +
                       R"("items": [)";
  for (size_t i = 0; i < 44; ++i) {
    record += i == 0 ? "" : ", ";
    record += R"({"sku": "sku-)" + std::to_string(10'000 + i) + R"(", "quantity": )" +
              std::to_string(1 + i % 7) +
              R"(, "price": {"amount": 19.50, "currency": "EUR"}, "note": null})";
  }
  return record + "]}";
}

std::unique_ptr<const Plan> order_plan() {
  return plan_of(
      head("schema: schemas/order.json\n"
           "schema_sources: [{prefix: \"https://schemas.example/\", dir: schemas}]\n"
           "steps:\n"
           "  - drop_if: {field: status, equals: test}\n"
           "  - format_time: {field: ordered_at, from: rfc3339, as: unix_seconds}\n"
           "  - uppercase: customer.address.country\n"
           "  - default: {values: {channel: web}}\n"));
}

std::vector<std::string> records(std::string (*make)(size_t), size_t count) {
  std::vector<std::string> values;
  for (size_t i = 0; i < count; ++i) values.push_back(make(i));
  return values;
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

// The copy of the records into the batch is the poll thread's, so it is not timed.
void process(benchmark::State& state, const Plan& plan, const std::vector<std::string>& values,
             std::string_view expected) {
  Processor processor(plan, OutputLimits(plan.output_topics().size()));
  insights::Shard shard(plan.declaration());
  record::Batch batch;
  fill(batch, values);
  processor.process(batch, "in", shard);
  check(shard.emitted() == values.size() && batch.outputs().size() == values.size());
  const std::string_view made = batch.outputs()[1].value.view();
  check(made.substr(0, expected.size()) == expected);
  for (auto _ : state) {
    state.PauseTiming();
    fill(batch, values);
    shard.clear();
    state.ResumeTiming();
    processor.process(batch, "in", shard);
    benchmark::DoNotOptimize(batch.outputs().data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(values.size()));
}

void dom_parse(benchmark::State& state, const std::vector<std::string>& texts) {
  std::vector<simdjson::padded_string> values;
  for (const std::string& value : texts) values.emplace_back(value);
  simdjson::dom::parser parser;
  for (const simdjson::padded_string& value : values) check(parser.parse(value).is_object());
  for (auto _ : state) {
    for (const simdjson::padded_string& value : values) {
      simdjson::dom::element element;
      benchmark::DoNotOptimize(parser.parse(value).get(element));
      benchmark::DoNotOptimize(element);
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(values.size()));
}

void walk(benchmark::State& state, const std::vector<std::string>& values) {
  record::NameTable names;
  for (const char* name :
       {"user_id", "app_version", "ip", "locale", "device_id", "timestamp", "device_type"})
    names.intern(name);
  record::Document document(names, {});
  for (const std::string& value : values) check(document.parse(value) == record::ParseError::kNone);
  for (auto _ : state) {
    for (const std::string& value : values) benchmark::DoNotOptimize(document.parse(value));
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(values.size()));
}

constexpr std::string_view kLoginOut =
    R"({"user_id": "59cc1bb4-8037-4475-b1e4-1349e7100001", "app_version": "2.3.0", )"
    R"("device_type": "iOS", "ip": "1.1.177.19", "locale": "CT", )"
    R"("device_id": "8792a520-f2d6-45e9-87f3-2638d4100001", )"
    R"("created_at": "2024-07-10T23:47:49", "processed_at": "2024-07-10T23:47:48"})";

void BM_Login_DomParse(benchmark::State& state) {
  dom_parse(state, records(login, kRecords));
}

void BM_Login_Walk(benchmark::State& state) {
  walk(state, records(login, kRecords));
}

void BM_Login_P3(benchmark::State& state) {
  static const std::unique_ptr<const Plan> plan = p3();
  process(state, *plan, records(login, kRecords), kLoginOut);
}

void BM_Login_P3Insights(benchmark::State& state) {
  static const std::unique_ptr<const Plan> plan = p3_with_insights();
  process(state, *plan, records(login, kRecords), kLoginOut);
}

// What the settle thread has to do per record: batches of 1,000 users out of `range`.
void BM_Login_AddToState(benchmark::State& state) {
  static const std::unique_ptr<const Plan> plan = p3_with_insights();
  const auto users = static_cast<size_t>(state.range(0));
  std::vector<std::unique_ptr<insights::Shard>> shards;
  Processor processor(*plan, OutputLimits(plan->output_topics().size()));
  record::Batch batch;
  for (size_t first = 0; first < users; first += kRecords) {
    std::vector<std::string> values;
    for (size_t i = 0; i < kRecords; ++i) values.push_back(login(first + i));
    fill(batch, values);
    shards.push_back(std::make_unique<insights::Shard>(plan->declaration()));
    processor.process(batch, "in", *shards.back());
  }
  insights::State counted(plan->declaration());
  size_t batches = 0;
  for (auto _ : state) {
    counted.add(*shards[batches % shards.size()],
                base::Offset{static_cast<int64_t>(batches * kRecords)});
    ++batches;
  }
  check(counted.emitted() == batches * kRecords);
  for (const insights::Result& result : counted.results())
    check(result.counted == result.selected && result.missing == 0);
  state.SetItemsProcessed(static_cast<int64_t>(batches * kRecords));
}

// What the insights of one partition hold after as many different users: bytes, as a counter.
void BM_Login_DistinctUsers(benchmark::State& state) {
  static const std::unique_ptr<const Plan> plan = p3_with_insights();
  const auto users = static_cast<size_t>(state.range(0));
  Processor processor(*plan, OutputLimits(plan->output_topics().size()));
  insights::Shard shard(plan->declaration());
  record::Batch batch;
  std::vector<std::string> values(kRecords);
  size_t bytes = 0;
  size_t bytes_most = 0;
  for (auto _ : state) {
    insights::State counted(plan->declaration());
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
      check(result.counted == users && result.missing == 0);
      if (const auto* const distinct = std::get_if<insights::DistinctResult>(&result.value))
        check(distinct->low <= users && users <= distinct->high);
      if (const auto* const top = std::get_if<insights::TopResult>(&result.value))
        check(!top->items.empty() && top->items[0].count - top->items[0].error <= 1);
    }
  }
  state.counters["state_bytes"] = static_cast<double>(bytes);
  state.counters["state_bytes_most"] = static_cast<double>(bytes_most);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(users));
}

void BM_Wide_DomParse(benchmark::State& state) {
  dom_parse(state, records(wide, kRecords));
}

void BM_Wide_FiftyRules(benchmark::State& state) {
  static const std::unique_ptr<const Plan> plan = wide_plan();
  process(state, *plan, records(wide, kRecords), R"({"member_0":1,"member_1":"text 1",)");
}

void BM_Order_DomParse(benchmark::State& state) {
  dom_parse(state, records(order, kRecords / 10));
}

void BM_Order_Walk(benchmark::State& state) {
  walk(state, records(order, kRecords / 10));
}

void BM_Order_Process(benchmark::State& state) {
  static const std::unique_ptr<const Plan> plan = order_plan();
  process(state, *plan, records(order, kRecords / 10),
          R"({"order_id":"o-1","status":"paid","ordered_at":1795161600,"customer":)"
          R"({"id":"c-1","email":null,"address":{"country":"DE","city":"Bonn"}},"items":[{"sku")");
}

BENCHMARK(BM_Login_DomParse);
BENCHMARK(BM_Login_Walk);
BENCHMARK(BM_Login_P3)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(BM_Login_P3Insights)->UseRealTime();
// Tables of top that stay exact, and that have to forget in every epoch.
BENCHMARK(BM_Login_AddToState)->Arg(50'000)->Arg(400'000);
BENCHMARK(BM_Login_DistinctUsers)
    ->Arg(10'000)
    ->Arg(1'000'000)
    ->Arg(100'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kSecond);
BENCHMARK(BM_Wide_DomParse);
BENCHMARK(BM_Wide_FiftyRules);
BENCHMARK(BM_Order_DomParse);
BENCHMARK(BM_Order_Walk);
BENCHMARK(BM_Order_Process);

}  // namespace
}  // namespace millrace::plan
