// SPDX-License-Identifier: Apache-2.0
// Any text is compiled as a schema, and documents are checked by what comes out.
// Input: the schema; behind each NUL, a document more.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/record/document.h"
#include "engine/record/names.h"
#include "engine/schema/schema.h"
#include "tests/fuzz/fuzz_target.h"

namespace millrace::fuzz {
namespace {

using record::Document;
using schema::Checker;
using schema::Compiled;
using schema::Failure;

// Documents that every schema meets.
constexpr std::array<std::string_view, 6> kDocuments{
    R"({"user_id":"424cdd21-063a","ip":"199.172.111.135","timestamp":1694479551,"locale":null})",
    R"({"a":{"a":{"a":[1,1.0,"x",{}]}},"b":[[],{},null,true,-1.5e3],"":"\u00e9"})",
    R"([1,2,2,{"a":1},{"a":1.0},"2024-07-10T23:47:48Z"])",
    R"("text")",
    "12.50",
    "null"};

void check_problems(const Compiled& compiled) {
  bool error = false;
  for (const schema::Problem& problem : compiled.problems) {
    MILLRACE_CHECK(!problem.message.empty());
    error = error || !problem.warning;
  }
  MILLRACE_CHECK(error == (compiled.schema == nullptr));
}

void check_document(const schema::Schema& schema, Checker& checker, const Document& document) {
  const bool valid = checker.valid(document);
  MILLRACE_CHECK(checker.valid(document) == valid);
  if (valid) return;
  Failure failure;
  checker.explain(document, failure);
  MILLRACE_CHECK(failure.rule < schema.rules().size());
  MILLRACE_CHECK(failure.value != record::kNoNode);
  MILLRACE_CHECK(!failure.sentence.empty());
}

void run(const std::vector<std::string_view>& parts) {
  record::NameTable names;
  const schema::Options options{.assert_formats = true,
                                .fetch = [](const std::string&) { return std::nullopt; }};
  const Compiled compiled = compile(parts[0], "https://example.com/schema.json", names, options);
  check_problems(compiled);
  if (compiled.schema == nullptr) return;

  Checker checker(*compiled.schema);
  Document document(names, {.objects_only = false});
  std::vector<std::string_view> texts(kDocuments.begin(), kDocuments.end());
  texts.insert(texts.end(), parts.begin() + 1, parts.end());
  for (const std::string_view text : texts) {
    if (document.parse(text) != record::ParseError::kNone) continue;
    check_document(*compiled.schema, checker, document);
  }
}

}  // namespace
}  // namespace millrace::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  millrace::fuzz::run(millrace::fuzz::split_at_nul(data, size));
  return 0;
}
