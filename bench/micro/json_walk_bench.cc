// SPDX-License-Identifier: Apache-2.0
// One record of the pipeline this engine is made for, read by the walk and by simdjson's two front
// ends. The DOM and the strict On-Demand reader answer the same question as the walk (is all of it
// JSON?) but turn numbers into 64 bits; On-Demand with one field shows what not checking would
// save.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "engine/record/json_walk.h"

namespace millrace::record {
namespace {

constexpr std::string_view kLogin =
    R"({"user_id": "59cc1bb4-8037-4475-b1e4-1349e7d4c747", "app_version": "2.3.0", )"
    R"("ip": "1.1.177.19", "locale": "CT", "device_id": "8792a520-f2d6-45e9-87f3-2638d417e805", )"
    R"("timestamp": 1720655268, "device_type": "android"})";

constexpr std::string_view kEscapedLogin =
    R"({"user_id": "59cc1bb4-8037-4475-b1e4-1349e7d4c747", "app_version": "2.3.0", )"
    R"("ip": "1.1.177.19", "locale": "\u0043T", "device_id": "8792a520\/f2d6", )"
    R"("timestamp": 1720655268, "device_type": "M\u00fcller \ud83d\ude00"})";

// An order with nested lines and some 3 kB.
std::string nested_record() {
  std::string text =
      R"({"order": 17, "customer": {"name": "A. Miller", "tags": ["new", "eu"]}, "lines": [)";
  for (int i = 0; i < 40; ++i) {
    text.append(R"({"sku": "A-)").append(std::to_string(i));
    text.append(R"(", "quantity": 2, "price": {"amount": 12.50, "currency": "EUR"}}, )");
  }
  return text.substr(0, text.size() - 2) + "]}";
}

std::string wide_record(int members) {
  std::string text = "{";
  for (int i = 0; i < members; ++i) {
    text.append("\"field_").append(std::to_string(i)).append("\": \"value\", ");
  }
  return text.substr(0, text.size() - 2) + "}";
}

// Visits all of a value so that all of it is checked; false where it is not JSON. As a recursion
// this needs a depth limit in earnest; for the benchmark's own records it does not.
bool visit(simdjson::ondemand::value value);

bool visit_object(simdjson::ondemand::object object) {
  for (auto field : object) {
    std::string_view name;
    if (field.unescaped_key().get(name) != simdjson::SUCCESS) return false;
    benchmark::DoNotOptimize(name);
    simdjson::ondemand::value value;
    if (field.value().get(value) != simdjson::SUCCESS || !visit(value)) return false;
  }
  return true;
}

bool visit_array(simdjson::ondemand::array array) {
  for (auto element : array) {
    simdjson::ondemand::value value;
    if (element.get(value) != simdjson::SUCCESS || !visit(value)) return false;
  }
  return true;
}

template <typename T>
bool visit_scalar(simdjson::simdjson_result<T> result) {
  T scalar;
  if (std::move(result).get(scalar) != simdjson::SUCCESS) return false;
  benchmark::DoNotOptimize(scalar);
  return true;
}

bool visit(simdjson::ondemand::value value) {
  simdjson::ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  switch (type) {
    case simdjson::ondemand::json_type::object: {
      simdjson::ondemand::object object;
      return value.get_object().get(object) == simdjson::SUCCESS && visit_object(object);
    }
    case simdjson::ondemand::json_type::array: {
      simdjson::ondemand::array array;
      return value.get_array().get(array) == simdjson::SUCCESS && visit_array(array);
    }
    case simdjson::ondemand::json_type::number:
      return visit_scalar(value.get_number());
    case simdjson::ondemand::json_type::string:
      return visit_scalar(value.get_string());
    case simdjson::ondemand::json_type::boolean:
      return visit_scalar(value.get_bool());
    default:
      // A plain bool in older versions.
      return visit_scalar(simdjson::simdjson_result<bool>(value.is_null()));
  }
}

bool visit_strictly(simdjson::ondemand::parser& parser, const simdjson::padded_string& text) {
  simdjson::ondemand::document document;
  if (parser.iterate(text).get(document) != simdjson::SUCCESS) return false;
  simdjson::ondemand::object object;
  if (document.get_object().get(object) != simdjson::SUCCESS) return false;
  if (!visit_object(object)) return false;
  const char* end = nullptr;
  return document.current_location().get(end) == simdjson::OUT_OF_BOUNDS;
}

// Ends the program where the walk's members are not the DOM's, or a broken record passes.
void check_answer(const std::string& text) {
  JsonWalker walker({});
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  bool right = walker.walk(text) == ParseError::kNone &&
               parser.parse(text).get(object) == simdjson::SUCCESS &&
               object.size() == walker.members().size();
  size_t i = 0;
  if (right) {
    for (const auto field : object) {
      const Member& member = walker.members()[i++];
      simdjson::dom::parser value_parser;
      simdjson::dom::element value;
      right = right && member.name == field.key &&
              value_parser.parse(std::string(member.value.text)).get(value) == simdjson::SUCCESS &&
              simdjson::minify(value) == simdjson::minify(field.value);
    }
  }
  simdjson::ondemand::parser ondemand;
  right = right && visit_strictly(ondemand, simdjson::padded_string(text));
  right = right &&
          walker.walk(std::string_view(text).substr(0, text.size() - 1)) == ParseError::kSyntax;
  if (!right) {
    std::fputs("The answer is wrong, so its speed does not matter.\n", stderr);
    std::abort();
  }
}

void report(benchmark::State& state, const std::string& text) {
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}

void BM_JsonWalk(benchmark::State& state, const std::string& text, JsonWalker::Options options) {
  check_answer(text);
  JsonWalker walker(options);
  for (auto _ : state) {
    benchmark::DoNotOptimize(walker.walk(text));
    benchmark::DoNotOptimize(walker.members().data());
  }
  report(state, text);
}

void BM_Dom(benchmark::State& state, const std::string& text) {
  check_answer(text);
  const simdjson::padded_string padded(text);
  simdjson::dom::parser parser;
  for (auto _ : state) {
    simdjson::dom::element element;
    benchmark::DoNotOptimize(parser.parse(padded).get(element));
    benchmark::DoNotOptimize(element);
  }
  report(state, text);
}

void BM_OnDemandStrict(benchmark::State& state, const std::string& text) {
  check_answer(text);
  const simdjson::padded_string padded(text);
  simdjson::ondemand::parser parser;
  for (auto _ : state) benchmark::DoNotOptimize(visit_strictly(parser, padded));
  report(state, text);
}

// Stage 1 and nothing else: what no reader over it can beat.
void BM_Stage1(benchmark::State& state, const std::string& text) {
  const simdjson::padded_string padded(text);
  simdjson::ondemand::parser parser;
  for (auto _ : state) {
    simdjson::ondemand::document document;
    benchmark::DoNotOptimize(parser.iterate(padded).get(document));
  }
  report(state, text);
}

BENCHMARK_CAPTURE(BM_JsonWalk, Login, std::string(kLogin), JsonWalker::Options{});
BENCHMARK_CAPTURE(BM_JsonWalk, LoginNoDuplicates, std::string(kLogin),
                  JsonWalker::Options{.reject_duplicates = true});
BENCHMARK_CAPTURE(BM_Dom, Login, std::string(kLogin));
BENCHMARK_CAPTURE(BM_OnDemandStrict, Login, std::string(kLogin));
BENCHMARK_CAPTURE(BM_Stage1, Login, std::string(kLogin));

BENCHMARK_CAPTURE(BM_JsonWalk, LoginEscaped, std::string(kEscapedLogin), JsonWalker::Options{});
BENCHMARK_CAPTURE(BM_Dom, LoginEscaped, std::string(kEscapedLogin));
BENCHMARK_CAPTURE(BM_OnDemandStrict, LoginEscaped, std::string(kEscapedLogin));

BENCHMARK_CAPTURE(BM_JsonWalk, Nested, nested_record(), JsonWalker::Options{});
BENCHMARK_CAPTURE(BM_JsonWalk, NestedNoDuplicates, nested_record(),
                  JsonWalker::Options{.reject_duplicates = true});
BENCHMARK_CAPTURE(BM_Dom, Nested, nested_record());
BENCHMARK_CAPTURE(BM_OnDemandStrict, Nested, nested_record());

BENCHMARK_CAPTURE(BM_JsonWalk, Wide16, wide_record(16), JsonWalker::Options{});
BENCHMARK_CAPTURE(BM_JsonWalk, Wide50, wide_record(50), JsonWalker::Options{});
BENCHMARK_CAPTURE(BM_Dom, Wide50, wide_record(50));
BENCHMARK_CAPTURE(BM_JsonWalk, Wide1000, wide_record(1000), JsonWalker::Options{});
BENCHMARK_CAPTURE(BM_Dom, Wide1000, wide_record(1000));

}  // namespace
}  // namespace millrace::record
