// SPDX-License-Identifier: Apache-2.0
#include "bench/micro/workload.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "engine/config/load.h"
#include "engine/config/problems.h"

namespace millrace::bench {
namespace {

constexpr size_t kManyRules = 50;
// Paths in a configuration are relative to the file: texts stand beside the examples.
constexpr const char* kFolder = MILLRACE_SOURCE_DIR "/config/pipelines/";

void check_problems(const std::vector<config::Problem>& problems) {
  for (const config::Problem& problem : problems)
    fmt::print(stderr, "{}\n", config::to_string(problem));
  check(problems.empty(), "a configuration");
}

config::PipelineConfig config_of(const std::string& text) {
  config::Loaded loaded =
      config::load_text(text, std::string(kFolder) + "bench.yaml",
                        [](const std::string& /*name*/) { return std::nullopt; });
  check_problems(loaded.problems);
  return std::move(loaded.config);
}

std::string head(const std::string& schema) {
  return "pipeline: bench\nkafka: {bootstrap.servers: \"localhost:9092\"}\n"
         "input: {topic: in, group: g}\noutput: {topic: out}\ndead_letters: {topic: dead}\n"
         "delivery: {guarantee: at_least_once}\n" +
         schema;
}

}  // namespace

void check(bool right, std::string_view of) {
  if (right) return;
  fmt::print(stderr, "The answer of {} is wrong, so its speed does not matter.\n", of);
  std::abort();
}

config::PipelineConfig p3_config(bool with_insights) {
  std::ifstream file(std::string(kFolder) + "p3.yaml");
  std::stringstream text;
  text << file.rdbuf();
  if (with_insights)
    text << "insights:\n  - count_by: device_type\n  - count_by: [app_version, device_type]\n"
            "  - distinct: user_id\n  - top: {of: user_id, limit: 10}\n"
            "  - hours_of_day: timestamp\n";
  return config_of(text.str());
}

std::unique_ptr<const plan::Plan> compiled(const config::PipelineConfig& config) {
  plan::Plan::Compiled plan = plan::Plan::compile(config);
  check_problems(plan.problems);
  return std::move(plan.plan);
}

std::unique_ptr<const plan::Plan> p3() {
  return compiled(p3_config(false));
}

std::unique_ptr<const plan::Plan> p3_with_insights() {
  return compiled(p3_config(true));
}

std::unique_ptr<const plan::Plan> wide_plan() {
  std::string schema = "schema:\n  type: object\n  properties:\n";
  for (size_t i = 0; i < kManyRules; ++i) {
    schema += "    member_" + std::to_string(i) +
              (i % 2 == 0 ? ": {type: integer}\n" : ": {type: string}\n");
  }
  return compiled(config_of(head(schema)));
}

std::unique_ptr<const plan::Plan> order_plan() {
  return compiled(
      config_of(head("schema: schemas/order.json\n"
                     "schema_sources: [{prefix: \"https://schemas.example/\", dir: schemas}]\n"
                     "steps:\n"
                     "  - drop_if: {field: status, equals: test}\n"
                     "  - format_time: {field: ordered_at, from: rfc3339, as: unix_seconds}\n"
                     "  - uppercase: customer.address.country\n"
                     "  - default: {values: {channel: web}}\n")));
}

std::string login(size_t number) {
  const std::string tail = std::to_string(100'000 + number);
  return R"({"user_id": "59cc1bb4-8037-4475-b1e4-1349e7)" + tail +
         R"(", "app_version": "2.3.0", "ip": "1.1.177.19", "locale": "CT", )" +
         R"("device_id": "8792a520-f2d6-45e9-87f3-2638d4)" + tail + R"(", "timestamp": )" +
         std::to_string(1'720'655'268 + number) + R"(, "device_type": ")" +
         (number % 2 == 0 ? "android" : "iOS") + "\"}";
}

std::string login_half_bad(size_t number) {
  std::string text = login(number);
  if (number % 2 == 1) text = text.substr(0, text.rfind(", \"device_type\"")) + "}";
  return text;
}

std::string wide(size_t number) {
  std::string record = "{";
  for (size_t i = 0; i < kManyRules; ++i) {
    record += (i == 0 ? "\"" : ", \"") + std::string("member_") + std::to_string(i) + "\": ";
    record += i % 2 == 0 ? std::to_string(number + i) : "\"text " + std::to_string(number) + "\"";
  }
  return record + "}";
}

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

std::string_view login_out() {
  return R"({"user_id": "59cc1bb4-8037-4475-b1e4-1349e7100001", "app_version": "2.3.0", )"
         R"("device_type": "iOS", "ip": "1.1.177.19", "locale": "CT", )"
         R"("device_id": "8792a520-f2d6-45e9-87f3-2638d4100001", )"
         R"("created_at": "2024-07-10T23:47:49", "processed_at": "2024-07-10T23:47:48"})";
}

std::vector<std::string> records(std::string (*make)(size_t), size_t count, size_t first) {
  std::vector<std::string> values;
  values.reserve(count);
  for (size_t i = 0; i < count; ++i) values.push_back(make(first + i));
  return values;
}

size_t bytes_of(const std::vector<std::string>& values) {
  size_t bytes = 0;
  for (const std::string& value : values) bytes += value.size();
  return bytes;
}

void fill(record::Batch& batch, const std::vector<std::string>& values, base::Offset begin) {
  batch.reset();
  batch.open(begin, 0, kNow);
  for (const std::string& value : values) {
    record::InputRecord input;
    input.offset = batch.range_end();
    input.value = record::Bytes::of(value);
    batch.append(input);
  }
}

plan::OutputLimits no_limits(const plan::Plan& plan) {
  return plan::OutputLimits(plan.output_topics().size());
}

}  // namespace millrace::bench
