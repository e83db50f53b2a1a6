// SPDX-License-Identifier: Apache-2.0
// The parser against two others, simdjson's DOM and a naive checker, on mutated documents, with
// each variant of stage 1 that this processor can run. MILLRACE_SEED and MILLRACE_DOCUMENTS change
// a run.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

#include "engine/record/document.h"
#include "engine/record/names.h"
#include "tests/unit/record/json_reference.h"

namespace millrace::record {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kDocuments = 100'000;
#else
constexpr uint64_t kDocuments = 700'000;
#endif

constexpr std::array<std::string_view, 12> kSeeds{
    R"({"user_id": "59cc1bb4-8037", "version": "2.3.0", "ip": "1.1.177.19", "time": 1720655268})",
    R"({"a":1,"b":[1,2,{"c":null}],"d":{"e":{"f":[]}},"g":"h"})",
    R"( { "a" : [ true , false , null ] , "b" : { } , "c" : [ ] } )",
    R"({"name":"M\u00fcller \ud83d\ude00 \"x\" \\ \/ \b\f\n\r\t","\u0061b":"","c\\":"\\"})",
    "{\"name\":\"M\xc3\xbcller \xf0\x9f\x98\x80\",\"city\":\"\xe4\xba\xac\xe9\x83\xbd\"}",
    R"({"n":[0,-0,1.50,-12.25e-3,1E5,123456789012345678,0.1e+1,9223372036854775807]})",
    R"([[],[[]],{"a":[{"b":[1]}]},"x",1.5e2,true])",
    R"({"a":1,"a":2,"b":{"c":1,"c":2}})",
    R"({"t":true,"f":false,"n":null,"s":"true","deep":[[[[{"x":[[1]]}]]]]})",
    R"("just a string \n")",
    R"({"long":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"aaaaaaaa"})",
    R"({})",
};

constexpr std::array<std::string_view, 30> kPieces{
    "{",    "}",    "[",       "]",       ",",       ":",    "\"",           "\\",
    "\\\"", "\\u",  "\\ud83d", "\\ude00", "\\u00e9", "true", "null",         "false",
    "NaN",  "1.",   "-",       "e5",      "\xc3",    "\xa9", "\xef\xbb\xbf", " ",
    "\n",   "\x0c", "\x1a",    "\"\"",    "{}",      "00"};

uint64_t setting(const char* name, uint64_t otherwise) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): this program has one thread.
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class Mutator {
 public:
  explicit Mutator(uint64_t seed) : random_(seed) {}

  const std::string& next() {
    text_ = kSeeds[below(kSeeds.size())];
    for (size_t count = below(4); count > 0; --count) mutate();
    return text_;
  }

 private:
  size_t below(size_t limit) { return limit == 0 ? 0 : random_() % limit; }

  void mutate() {
    const size_t at = below(text_.size());
    switch (below(7)) {
      case 0:
        if (!text_.empty()) text_[at] = static_cast<char>(random_());
        break;
      case 1:
        if (!text_.empty()) text_[at] = static_cast<char>(0x20 + below(0x5F));
        break;
      case 2:
        text_.erase(at, 1 + below(4));
        break;
      case 3:
        text_.insert(at, kPieces[below(kPieces.size())]);
        break;
      case 4:
        text_.insert(at, text_.substr(below(text_.size()), below(12)));
        break;
      case 5:
        text_.resize(at);
        break;
      default:
        if (!text_.empty()) std::swap(text_[at], text_[below(text_.size())]);
        break;
    }
  }

  std::mt19937_64 random_;
  std::string text_;
};

// One variant of simdjson, with documents and a DOM parser that use it.
struct Variant {
  explicit Variant(const simdjson::implementation* implementation) : name(implementation->name()) {
    const simdjson::implementation* const usual = simdjson::get_active_implementation();
    simdjson::get_active_implementation() = implementation;
    document = std::make_unique<Document>(names, Document::Options{});
    strict = std::make_unique<Document>(names, Document::Options{.reject_duplicates = true});
    EXPECT_EQ(simdjson::SUCCESS, dom.allocate(4096));
    simdjson::get_active_implementation() = usual;
  }

  std::string name;
  NameTable names;
  std::unique_ptr<Document> document;
  std::unique_ptr<Document> strict;
  simdjson::dom::parser dom;
  simdjson::dom::parser dom_again;
};

std::vector<std::unique_ptr<Variant>> runnable_variants() {
  std::vector<std::unique_ptr<Variant>> variants;
  for (const auto* implementation : simdjson::get_available_implementations()) {
    if (implementation->supported_by_runtime_system()) {
      variants.push_back(std::make_unique<Variant>(implementation));
    }
  }
  return variants;
}

bool is_number_error(simdjson::error_code error) {
  // Newer versions have BIGINT_ERROR for integers past 64 bits, older ones do not know the name.
  return error == simdjson::NUMBER_ERROR || std::strstr(simdjson::error_message(error), "Big int");
}

struct Counts {
  uint64_t records = 0;
  uint64_t not_objects = 0;
  uint64_t rejected = 0;
  uint64_t beyond_dom = 0;  // numbers that the DOM cannot hold
  uint64_t round_trips = 0;
};

void compare_with_dom(Variant& variant, const std::string& text, bool valid, ParseError error,
                      Counts& counts, std::string& rewritten) {
  simdjson::dom::element element;
  const simdjson::error_code dom_error = variant.dom.parse(text).get(element);
  if (valid != (dom_error == simdjson::SUCCESS)) {
    const bool has_bom = text.starts_with("\xef\xbb\xbf");  // skipped from 3.6.0 on
    EXPECT_TRUE((valid && is_number_error(dom_error)) || (!valid && has_bom));
    ++counts.beyond_dom;
    return;
  }
  if (error != ParseError::kNone) return;
  if (variant.strict->parse(text) != ParseError::kNone) return;
  for (const Encoding encoding : {Encoding::kCompact, Encoding::kSpaced}) {
    rewritten.resize(variant.document->encoded_size(encoding));
    variant.document->encode(encoding, rewritten.data());
    simdjson::dom::element again;
    ASSERT_EQ(simdjson::SUCCESS, variant.dom_again.parse(rewritten).get(again));
    EXPECT_EQ(simdjson::minify(element), simdjson::minify(again));
  }
  ++counts.round_trips;
}

TEST(DocumentDifferential, AgreesWithTheDomAndANaiveChecker) {
  const uint64_t seed = setting("MILLRACE_SEED", 20'240'710);
  const uint64_t documents = setting("MILLRACE_DOCUMENTS", kDocuments);
  const auto variants = runnable_variants();
  ASSERT_FALSE(variants.empty());
  Mutator mutator(seed);
  Counts counts;
  std::string rewritten;

  for (uint64_t i = 0; i < documents; ++i) {
    const std::string& text = mutator.next();
    // A buffer of exactly this size, so that the sanitizer sees a byte too far.
    const std::unique_ptr<char[]> exact(new char[text.size()]);
    std::memcpy(exact.get(), text.data(), text.size());
    Variant& variant = *variants[i % variants.size()];

    const ParseError error = variant.document->parse({exact.get(), text.size()});

    const bool valid = testing::ReferenceJson(text).is_valid();
    counts.records += error == ParseError::kNone ? 1 : 0;
    counts.not_objects += error == ParseError::kNotObject ? 1 : 0;
    counts.rejected += valid ? 0 : 1;
    EXPECT_EQ(valid, error == ParseError::kNone || error == ParseError::kNotObject);
    EXPECT_EQ(error == ParseError::kUtf8, !testing::ReferenceJson::is_utf8(text));
    EXPECT_EQ(error, variant.document->parse(text));
    compare_with_dom(variant, text, valid, error, counts, rewritten);
    ASSERT_FALSE(HasFailure()) << "seed " << seed << ", document " << i << ", " << variant.name
                               << ": <" << text << "> gave " << static_cast<int>(error);
  }
  std::string told = "seed " + std::to_string(seed) + ", " + std::to_string(documents) +
                     " documents, " + std::to_string(variants.size()) + " variants";
  const std::pair<const char*, uint64_t> parts[] = {{"records", counts.records},
                                                    {"not objects", counts.not_objects},
                                                    {"rejected", counts.rejected},
                                                    {"beyond the DOM", counts.beyond_dom},
                                                    {"round trips", counts.round_trips}};
  for (const auto& [what, count] : parts) told += ", " + std::to_string(count) + " " + what;
  std::puts(told.c_str());
  EXPECT_GT(counts.records, documents / 10);
  EXPECT_GT(counts.rejected, documents / 4);
  EXPECT_GT(counts.round_trips, documents / 20);
}

}  // namespace
}  // namespace millrace::record
