// SPDX-License-Identifier: Apache-2.0
// One record of the pipeline this engine is made for, and larger ones, parsed by Document and by
// simdjson's two front ends, and written again. The DOM and the strict On-Demand reader answer the
// same question as the document's walk (is all of it JSON?) but turn numbers into 64 bits and let
// duplicate members be; stage 1 alone shows what no reader over it can beat.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include "engine/record/document.h"
#include "engine/record/names.h"

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

// An order with nested lines and some 5 kB.
std::string nested_record() {
  std::string text =
      R"({"order": 17, "customer": {"name": "A. Miller", "tags": ["new", "eu"]}, "lines": [)";
  for (int i = 0; i < 64; ++i) {
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

// The names that a plan would mention.
void intern_names(NameTable& names) {
  for (const char* name : {"user_id", "app_version", "ip", "locale", "device_id", "timestamp",
                           "device_type", "customer", "lines", "sku", "price", "amount"}) {
    names.intern(name);
  }
}

std::string encoded(const Document& document, Encoding encoding) {
  std::string text(document.encoded_size(encoding), '\0');
  document.encode(encoding, text.data());
  return text;
}

// Ends the program where the document is not the DOM's, or a broken record passes.
void check_answer(const std::string& text) {
  NameTable names;
  intern_names(names);
  Document document(names, {});
  simdjson::dom::parser parser;
  simdjson::dom::parser again;
  simdjson::dom::element expected;
  simdjson::dom::element found;
  bool right = parser.parse(text).get(expected) == simdjson::SUCCESS;
  for (int i = 0; i < 2 && right; ++i) {
    right = document.parse(text) == ParseError::kNone;
    for (const Encoding encoding : {Encoding::kCompact, Encoding::kSpaced}) {
      right = right && again.parse(encoded(document, encoding)).get(found) == simdjson::SUCCESS &&
              simdjson::minify(found) == simdjson::minify(expected);
    }
    right = right && document.parse(std::string_view(text).substr(0, text.size() - 1)) ==
                         ParseError::kSyntax;
  }
  simdjson::ondemand::parser ondemand;
  right = right && visit_strictly(ondemand, simdjson::padded_string(text));
  if (!right) {
    std::fputs("The answer is wrong, so its speed does not matter.\n", stderr);
    std::abort();
  }
}

void report(benchmark::State& state, const std::string& text) {
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}

void BM_Parse(benchmark::State& state, const std::string& text) {
  check_answer(text);
  NameTable names;
  intern_names(names);
  Document document(names, {});
  for (auto _ : state) {
    benchmark::DoNotOptimize(document.parse(text));
    benchmark::ClobberMemory();
  }
  report(state, text);
}

void BM_ParseEncode(benchmark::State& state, const std::string& text, Encoding encoding) {
  check_answer(text);
  NameTable names;
  intern_names(names);
  Document document(names, {});
  std::string room(2 * text.size(), '\0');
  for (auto _ : state) {
    benchmark::DoNotOptimize(document.parse(text));
    const size_t size = document.encoded_size(encoding);
    document.encode(encoding, room.data(), size);
    benchmark::ClobberMemory();
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

BENCHMARK_CAPTURE(BM_Stage1, Login, std::string(kLogin));
BENCHMARK_CAPTURE(BM_Dom, Login, std::string(kLogin));
BENCHMARK_CAPTURE(BM_OnDemandStrict, Login, std::string(kLogin));
BENCHMARK_CAPTURE(BM_Parse, Login, std::string(kLogin));
BENCHMARK_CAPTURE(BM_ParseEncode, LoginCompact, std::string(kLogin), Encoding::kCompact);
BENCHMARK_CAPTURE(BM_ParseEncode, LoginSpaced, std::string(kLogin), Encoding::kSpaced);

BENCHMARK_CAPTURE(BM_Dom, LoginEscaped, std::string(kEscapedLogin));
BENCHMARK_CAPTURE(BM_Parse, LoginEscaped, std::string(kEscapedLogin));
BENCHMARK_CAPTURE(BM_ParseEncode, LoginEscapedCompact, std::string(kEscapedLogin),
                  Encoding::kCompact);
BENCHMARK_CAPTURE(BM_ParseEncode, LoginEscapedSpaced, std::string(kEscapedLogin),
                  Encoding::kSpaced);

BENCHMARK_CAPTURE(BM_Dom, Nested, nested_record());
BENCHMARK_CAPTURE(BM_OnDemandStrict, Nested, nested_record());
BENCHMARK_CAPTURE(BM_Parse, Nested, nested_record());
BENCHMARK_CAPTURE(BM_ParseEncode, NestedCompact, nested_record(), Encoding::kCompact);
BENCHMARK_CAPTURE(BM_ParseEncode, NestedSpaced, nested_record(), Encoding::kSpaced);

BENCHMARK_CAPTURE(BM_Dom, Wide16, wide_record(16));
BENCHMARK_CAPTURE(BM_Parse, Wide16, wide_record(16));
BENCHMARK_CAPTURE(BM_ParseEncode, Wide16Compact, wide_record(16), Encoding::kCompact);
BENCHMARK_CAPTURE(BM_ParseEncode, Wide16Spaced, wide_record(16), Encoding::kSpaced);

BENCHMARK_CAPTURE(BM_Dom, Wide50, wide_record(50));
BENCHMARK_CAPTURE(BM_Parse, Wide50, wide_record(50));
BENCHMARK_CAPTURE(BM_ParseEncode, Wide50Compact, wide_record(50), Encoding::kCompact);
BENCHMARK_CAPTURE(BM_ParseEncode, Wide50Spaced, wide_record(50), Encoding::kSpaced);

BENCHMARK_CAPTURE(BM_Dom, Wide1000, wide_record(1000));
BENCHMARK_CAPTURE(BM_Parse, Wide1000, wide_record(1000));
BENCHMARK_CAPTURE(BM_ParseEncode, Wide1000Compact, wide_record(1000), Encoding::kCompact);
BENCHMARK_CAPTURE(BM_ParseEncode, Wide1000Spaced, wide_record(1000), Encoding::kSpaced);

}  // namespace
}  // namespace millrace::record
