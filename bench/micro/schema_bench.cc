// SPDX-License-Identifier: Apache-2.0
// Whether a parsed document keeps to its schema: the login schemas of two pipelines, a schema of 50
// rules, and an order of some 5 kB with lines inside. Each checks its answers first: the document
// is valid, and a broken one is not, for the reason that it was broken by.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "engine/record/document.h"
#include "engine/record/names.h"
#include "engine/schema/schema.h"

namespace millrace::schema {
namespace {

constexpr std::string_view kLogin =
    R"({"user_id": "59cc1bb4-8037-4475-b1e4-1349e7d4c747", "app_version": "2.3.0", )"
    R"("ip": "1.1.177.19", "locale": "CT", "device_id": "8792a520-f2d6-45e9-87f3-2638d417e805", )"
    R"("timestamp": 1720655268, "device_type": "android"})";

constexpr std::string_view kTypes = R"({
  "type": "object",
  "properties": {
    "user_id": {"type": "string"}, "app_version": {"type": "string"},
    "device_type": {"type": "string"}, "ip": {"type": "string"}, "locale": {"type": "string"},
    "device_id": {"type": "string"}, "timestamp": {"type": "integer"}
  },
  "required": ["user_id", "app_version", "device_type", "ip", "locale", "device_id", "timestamp"]
})";

constexpr std::string_view kValues = R"({
  "type": "object",
  "properties": {
    "user_id": {"type": "string", "pattern": "^[a-f0-9-]"},
    "app_version": {"type": "string", "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+$"},
    "ip": {"type": "string", "format": "ipv4"},
    "locale": {"type": "string", "minLength": 2, "maxLength": 2},
    "device_id": {"type": "string", "pattern": "^[a-f0-9-]"},
    "timestamp": {"type": "integer", "minimum": 0},
    "device_type": {"type": "string", "enum": ["android", "iOS"]}
  },
  "required": ["user_id", "app_version", "ip", "locale", "device_id", "timestamp", "device_type"]
})";

constexpr std::string_view kOrderSchema = R"({
  "type": "object",
  "required": ["order", "customer", "lines"],
  "properties": {
    "order": {"type": "integer", "minimum": 1},
    "customer": {
      "type": "object", "required": ["name"],
      "properties": {"name": {"type": "string", "minLength": 1},
                     "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 10}}
    },
    "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/line"}}
  },
  "$defs": {
    "line": {
      "type": "object", "required": ["sku", "quantity", "price"], "additionalProperties": false,
      "properties": {"sku": {"type": "string"},
                     "quantity": {"type": "integer", "minimum": 1, "maximum": 1000},
                     "note": {"type": ["string", "null"]},
                     "price": {"$ref": "#/$defs/price"}}
    },
    "price": {
      "type": "object", "required": ["amount", "currency"],
      "properties": {"amount": {"type": "number", "minimum": 0},
                     "currency": {"enum": ["EUR", "USD", "GBP", "JPY"]}}
    }
  }
})";

// Two rules for each of 25 fields, all of which a record has.
std::string many_rules() {
  std::string properties;
  std::string required;
  for (int i = 0; i < 25; ++i) {
    properties += fmt::format(R"({}"field_{}": {{"type": "string"}})", i == 0 ? "" : ", ", i);
    required += fmt::format(R"({}"field_{}")", i == 0 ? "" : ", ", i);
  }
  return fmt::format(R"({{"properties": {{{}}}, "required": [{}]}})", properties, required);
}

std::string wide_record() {
  std::string text = "{";
  for (int i = 0; i < 25; ++i) {
    text += fmt::format(R"({}"field_{}": "some value of {}")", i == 0 ? "" : ", ", i, i);
  }
  return text + "}";
}

std::string order() {
  std::string text =
      R"({"order": 17, "customer": {"name": "A. Miller", "tags": ["new", "eu"]}, "lines": [)";
  for (int i = 0; i < 50; ++i) {
    text += fmt::format(R"({}{{"sku": "A-{:05}", "quantity": 2, "note": null, )"
                        R"("price": {{"amount": 12.50, "currency": "EUR"}}}})",
                        i == 0 ? "" : ", ", i);
  }
  return text + "]}";
}

[[noreturn]] void give_up(const std::string& what) {
  std::fputs(("The answer is wrong, so its speed does not matter: " + what + "\n").c_str(), stderr);
  std::abort();
}

// `text` with the first `from` in it replaced, so that `rule` is broken.
struct Break {
  std::string_view from;
  std::string_view to;
  std::string_view rule;
};

void check_answer(const Schema& schema, const record::NameTable& names, std::string text,
                  const Break& broken) {
  record::Document document(names, {});
  Checker checker(schema);
  if (document.parse(text) != record::ParseError::kNone || !checker.valid(document)) {
    give_up("a valid document is refused");
  }
  text.replace(text.find(broken.from), broken.from.size(), broken.to);
  if (document.parse(text) != record::ParseError::kNone || checker.valid(document)) {
    give_up("a broken document is accepted");
  }
  Failure failure;
  checker.explain(document, failure);
  if (schema.rules()[failure.rule] != broken.rule) give_up(schema.rules()[failure.rule]);
}

void BM_Valid(benchmark::State& state, std::string_view schema_text, const std::string& text,
              const Break& broken) {
  record::NameTable names;
  const Compiled compiled = compile(schema_text, "", names, {});
  if (compiled.schema == nullptr) give_up("the schema is refused");
  check_answer(*compiled.schema, names, text, broken);
  record::Document document(names, {});
  if (document.parse(text) != record::ParseError::kNone) give_up("no JSON");
  Checker checker(*compiled.schema);

  for (auto _ : state) {
    bool valid = checker.valid(document);
    benchmark::DoNotOptimize(valid);
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}

void BM_Compile(benchmark::State& state, std::string_view schema_text) {
  for (auto _ : state) {
    record::NameTable names;
    Compiled compiled = compile(schema_text, "", names, {});
    benchmark::DoNotOptimize(compiled.schema.get());
  }
}

const std::string kManyRules = many_rules();  // NOLINT(cert-err58-cpp): before main, once

BENCHMARK_CAPTURE(BM_Valid, login_types, kTypes, std::string(kLogin),
                  {"1720655268", "1.5", "/properties/timestamp/type"});
BENCHMARK_CAPTURE(BM_Valid, login_values, kValues, std::string(kLogin),
                  {"2.3.0", "2.3", "/properties/app_version/pattern"});
BENCHMARK_CAPTURE(BM_Valid, fifty_rules, kManyRules, wide_record(),
                  {"field_7", "field_x", "/required/field_7"});
BENCHMARK_CAPTURE(BM_Valid, order_5kb, kOrderSchema, order(),
                  {"12.50", "-1", "/$defs/price/properties/amount/minimum"});
BENCHMARK_CAPTURE(BM_Compile, login_values, kValues);
BENCHMARK_CAPTURE(BM_Compile, order, kOrderSchema);

}  // namespace
}  // namespace millrace::schema
