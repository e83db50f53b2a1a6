// SPDX-License-Identifier: Apache-2.0
// Random documents and random edits of them give the same as a slow, obvious model of JSON
// (json_model.h). MILLRACE_SEED and MILLRACE_DOCUMENTS change a run.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "engine/record/document.h"
#include "engine/record/json_writer.h"
#include "engine/record/names.h"
#include "tests/unit/record/json_model.h"

namespace millrace::record {
namespace {

using testing::Model;
using testing::ModelPath;
using testing::ModelReader;
using testing::ModelStep;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kDocuments = 10'000;
#else
constexpr uint64_t kDocuments = 50'000;
#endif

// Names as they stand in documents. The first six are what the plan mentions, in several spellings.
constexpr std::array<std::string_view, 12> kNameTexts{R"("a")",
                                                      R"("b")",
                                                      R"("user_name")",
                                                      "\"\xc3\xa9\"",
                                                      R"("a\"b")",
                                                      R"("item_id_of_the_order")",
                                                      R"("\u0061")",
                                                      R"("\u00e9")",
                                                      R"("x")",
                                                      R"("y\/")",
                                                      R"("user_address")",
                                                      R"("")"};
constexpr size_t kMentioned = 6;

constexpr std::array<std::string_view, 12> kScalars{
    "null",
    "true",
    "false",
    "1.50",
    "-0",
    "123456789012345678901234567890",
    "1720655268",
    R"("plain text of some length, more than one block")",
    R"("")",
    R"("\u00e9\ud83d\ude00\/\n\u0001\"\\")",
    "\"M\xc3\xbcller \xf0\x9f\x98\x80 \x7f\"",
    R"("x")"};

uint64_t setting(const char* name, uint64_t otherwise) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): this program has one thread.
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class Maker {
 public:
  explicit Maker(uint64_t seed) : random_(seed) {}

  size_t below(size_t limit) { return random_() % limit; }

  std::string_view scalar() { return kScalars[below(kScalars.size())]; }

  std::string value(size_t depth) {
    if (depth == 0 || below(3) == 0) return std::string(scalar());
    return container(depth, below(2) == 0);
  }

  std::string container(size_t depth, bool is_object) {
    std::string text(1, is_object ? '{' : '[');
    const size_t count = below(6);
    for (size_t i = 0; i < count; ++i) {
      text += space();
      if (i > 0) text += "," + space();
      if (is_object) {
        // Mostly in one order, as records of one topic are.
        const size_t name = below(3) > 0 ? i : below(kNameTexts.size());
        text.append(kNameTexts[name]).append(space()).append(":").append(space());
      }
      text += value(depth - 1);
    }
    return text + space() + (is_object ? '}' : ']');
  }

  std::string document() { return space() + container(3, true) + space(); }

  ModelPath path() {
    ModelPath made;
    for (size_t count = 1 + below(3); made.size() < count;) {
      ModelStep& step = made.emplace_back();
      step.by_name = below(4) > 0;
      step.index = below(3);
      step.name = name(below(kMentioned));
    }
    return made;
  }

  static std::string name(size_t number) { return testing::plain_text(kNameTexts[number]); }

 private:
  std::string space() {
    constexpr std::array<std::string_view, 8> kSpaces{"", "", "", "", "", " ", "\n", " \t "};
    return std::string(kSpaces[below(kSpaces.size())]);
  }

  std::mt19937_64 random_;
};

class DocumentProperty : public ::testing::Test {
 protected:
  DocumentProperty() : maker_(seed_) {
    for (size_t i = 0; i < kMentioned; ++i) names_.intern(Maker::name(i));
  }

  [[nodiscard]] Path compiled(const ModelPath& path) const {
    Path made;
    for (const ModelStep& step : path) {
      if (step.by_name) {
        made.segments.push_back({.name = names_.find(step.name)});
      } else {
        made.segments.push_back({.index = static_cast<uint32_t>(step.index)});
      }
    }
    return made;
  }

  std::string encoded(Encoding encoding) const {
    std::string text(document_.encoded_size(encoding), '\0');
    document_.encode(encoding, text.data());
    return text;
  }

  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  void start() {
    texts_.clear();
    document_text_ = maker_.document();
    ASSERT_EQ(ParseError::kNone, document_.parse(document_text_)) << document_text_;
    model_ = ModelReader(document_text_).read();
    input_ = model_;
    log_.clear();
  }

  void edit() {
    switch (maker_.below(6)) {
      case 0:
        return replace(maker_.path());
      case 1:
        return graft(maker_.path());
      case 2:
        return remove(maker_.path());
      case 3:
        return rename(maker_.path());
      case 4:
        return add(maker_.path());
      default:
        if (maker_.below(3) == 0) keep_only();
        return;
    }
  }

  void check() {
    EXPECT_EQ(testing::dump_compact(model_), encoded(Encoding::kCompact));
    EXPECT_EQ(testing::dump_spaced(model_), encoded(Encoding::kSpaced));
    for (int i = 0; i < 4; ++i) {
      const ModelPath path = maker_.path();
      check_value(path);
      const Model* const expected = input_.find(path);
      const JsonValue* const found = document_.input(compiled(path));
      ASSERT_EQ(expected == nullptr, found == nullptr);
      if (found != nullptr) {
        EXPECT_EQ(expected->raw, found->text);
      }
    }
  }

  const uint64_t seed_ = setting("MILLRACE_SEED", 4'711);
  Maker maker_;
  NameTable names_;
  Document document_{names_, {}};
  std::string document_text_;
  std::deque<std::string> texts_;  // of edits
  Model model_;
  Model input_;
  std::string log_;

 private:
  void check_value(const ModelPath& path) {
    const Model* const expected = model_.find(path);
    const NodeIndex found = document_.find(compiled(path));
    ASSERT_EQ(expected == nullptr, found == kNoNode);
    if (expected == nullptr) return;
    std::string room;
    EXPECT_EQ(testing::dump_compact(*expected, expected->fresh), document_.text_of(found, room));
    std::string pointer;
    document_.append_pointer(found, pointer);
    std::string expected_pointer;
    for (const ModelStep& step : path) {
      expected_pointer += "/" + (step.by_name ? step.name : std::to_string(step.index));
    }
    EXPECT_EQ(expected_pointer, pointer);
  }

  void replace(const ModelPath& path) {
    const std::string_view text = maker_.scalar();
    const Model value = ModelReader(text).read();
    const NodeIndex node = document_.find(compiled(path));
    if (node == kNoNode) return;
    const ValueKind kind = value.kind == '"'                        ? ValueKind::kString
                           : value.kind == 'n'                      ? ValueKind::kNull
                           : value.kind == 't' || value.kind == 'f' ? ValueKind::kBoolean
                                                                    : ValueKind::kNumber;
    document_.replace(node, {text, kind, text.find('\\') != std::string_view::npos});
    model_.change(path, [&](Model& in, size_t place) { in.values[place] = value; });
    log_.append(" replace ").append(text);
  }

  void graft(const ModelPath& path) {
    const NodeIndex node = document_.find(compiled(path));
    if (node == kNoNode) return;
    const std::string_view text = keep(maker_.value(2));
    if (maker_.below(4) == 0) {
      EXPECT_EQ(ParseError::kSyntax, document_.graft(node, keep(std::string(text) + "]")));
    }
    ASSERT_EQ(ParseError::kNone, document_.graft(node, text));
    const Model value = ModelReader(text).read();
    model_.change(path, [&](Model& in, size_t place) { in.values[place] = value; });
    log_.append(" graft ").append(text);
  }

  void remove(const ModelPath& path) {
    const NodeIndex node = document_.find(compiled(path));
    if (node == kNoNode) return;
    document_.remove(node);
    model_.change(path, [&](Model& in, size_t place) {
      in.values.erase(in.values.begin() + static_cast<ptrdiff_t>(place));
      if (in.is_object()) in.names.erase(in.names.begin() + static_cast<ptrdiff_t>(place));
    });
    log_ += " remove";
  }

  void rename(ModelPath path) {
    const NodeIndex node = document_.find(compiled(path));
    const std::string to = Maker::name(maker_.below(kMentioned));
    ModelPath renamed = path;
    renamed.back().name = to;
    if (node == kNoNode || !path.back().by_name || model_.find(renamed) != nullptr) return;
    document_.rename(node, names_.find(to));
    model_.change(path, [&](Model& in, size_t place) {
      in.names[place].first = to;
      in.names[place].second.clear();
      append_json_string(to, in.names[place].second);
    });
    log_ += " rename";
  }

  void add(const ModelPath& path) {
    const NodeIndex node = document_.find_or_add(compiled(path));
    EXPECT_EQ(add_to(model_, path, 0), node != kNoNode);
    log_ += " add";
  }

  // Whether there is something at the path then.
  static bool add_to(Model& in, const ModelPath& path, size_t depth) {
    if (depth == path.size()) return true;
    if (const auto place = in.place_of(path[depth])) {
      const size_t before = count(in.values[*place]);
      const bool added = add_to(in.values[*place], path, depth + 1);
      if (added && count(in.values[*place]) != before) in.fresh = true;
      return added;
    }
    for (size_t i = depth; i < path.size(); ++i) {
      if (!path[i].by_name) return false;
    }
    if (!in.is_object()) return false;
    std::string text;
    append_json_string(path[depth].name, text);
    in.names.emplace_back(path[depth].name, text);
    Model value = ModelReader(depth + 1 == path.size() ? "null" : "{}").read();
    in.fresh = true;
    in.values.push_back(value);
    return add_to(in.values.back(), path, depth + 1);
  }

  static size_t count(const Model& value) {
    size_t total = 1;
    for (const Model& child : value.values) total += count(child);
    return total;
  }

  void keep_only() {
    std::vector<NameId> kept;
    Model now = model_;
    now.names.clear();
    now.values.clear();
    now.fresh = true;
    const size_t first = maker_.below(kMentioned);
    for (size_t i = 0; i < 4; ++i) {
      const std::string name = Maker::name((first + i * 5) % kMentioned);
      kept.push_back(names_.find(name));
      if (const auto place = model_.place_of({name})) {
        now.names.push_back(model_.names[*place]);
        now.values.push_back(model_.values[*place]);
      }
    }
    document_.keep_only(kept);
    model_ = now;
    log_ += " keep_only";
  }
};

TEST_F(DocumentProperty, EditsAndEncodingsAgreeWithTheModel) {
  const uint64_t documents = setting("MILLRACE_DOCUMENTS", kDocuments);
  for (uint64_t i = 0; i < documents; ++i) {
    start();
    check();
    for (size_t edits = maker_.below(6); edits > 0 && !HasFailure(); --edits) {
      edit();
      check();
    }
    ASSERT_FALSE(HasFailure()) << "seed " << seed_ << ", document " << i << ": <" << document_text_
                               << "> edits:" << log_;
  }
  std::puts(
      ("seed " + std::to_string(seed_) + ", " + std::to_string(documents) + " documents").c_str());
}

// What a document remembers of those before it must not show.
TEST_F(DocumentProperty, WhatWasParsedBeforeChangesNothing) {
  for (int i = 0; i < 5'000; ++i) {
    const std::string text = maker_.document();
    const ParseError expected = Document(names_, {.reject_duplicates = true}).parse(text);
    Document fresh(names_, {});
    ASSERT_EQ(ParseError::kNone, fresh.parse(text));
    Document strict(names_, {.reject_duplicates = true});

    for (int again = 0; again < 3; ++again) {
      (void)strict.parse(maker_.document());
      EXPECT_EQ(expected, strict.parse(text));
      ASSERT_EQ(ParseError::kNone, document_.parse(maker_.document()));
      ASSERT_EQ(ParseError::kNone, document_.parse(text));
      for (size_t name = 0; name < kMentioned; ++name) {
        const NameId id = names_.find(Maker::name(name));
        EXPECT_EQ(fresh.top(id), document_.top(id));
      }
      std::string compact(fresh.encoded_size(Encoding::kCompact), '\0');
      fresh.encode(Encoding::kCompact, compact.data());
      EXPECT_EQ(compact, encoded(Encoding::kCompact));
    }
    ASSERT_FALSE(HasFailure()) << "seed " << seed_ << ", document " << i << ": <" << text << ">";
  }
}

}  // namespace
}  // namespace millrace::record
