// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "engine/record/json_writer.h"
#include "engine/steps/compile.h"
#include "engine/steps/words.h"

namespace millrace::steps {
namespace {

using Kind = config::Condition::Kind;

// More alternatives than these are counted, not listed.
constexpr size_t kListedMax = 8;

// "a, b, c", and of a long list the beginning and how many more there are.
template <typename Item, typename Words>
std::string list(const std::vector<Item>& items, Words words_of) {
  std::string words;
  for (size_t i = 0; i < items.size(); ++i) {
    if (i == kListedMax) {
      words += fmt::format(" and {} more", items.size() - i);
      break;
    }
    if (i > 0) words += ", ";
    words += words_of(items[i]);
  }
  return words;
}

// Not "quoted": for a string, std::quoted would be found, too, and be preferred.
std::string in_quotes(std::string_view text) {
  std::string json;
  record::append_json_string(text, json);
  return shortened(json);
}

// One test in words, of a field; `negated` says the opposite.
struct TestWords {
  std::string_view field;
  bool negated = false;

  [[nodiscard]] std::string_view is() const { return negated ? "is not" : "is"; }

  std::string operator()(const config::EqualsTest& test) const {
    if (test.values.size() == 1)
      return fmt::format("{} {} {}", field, is(), shortened(test.values.front()));
    return fmt::format("{} {} one of {}", field, is(), list(test.values, shortened));
  }

  std::string operator()(const config::InIgnoreCaseTest& test) const {
    return fmt::format("{} {}, in any case, one of {}", field, is(), list(test.texts, in_quotes));
  }

  std::string operator()(const config::MatchesTest& test) const {
    return fmt::format("{} {} {}", field, negated ? "does not match" : "matches",
                       in_quotes(test.pattern.value));
  }

  std::string operator()(const config::ExistsTest& test) const {
    return fmt::format("{} {}", field, test.exists != negated ? "exists" : "is absent");
  }

  std::string operator()(const config::IsNullTest& test) const {
    return fmt::format("{} {}", field, test.is_null != negated ? "is null" : "is not null");
  }

  std::string operator()(const config::CompareTest& test) const {
    using Operation = config::CompareTest::Operation;
    std::string_view relation = "less than";
    if (test.operation == Operation::kAtMost) relation = "at most";
    if (test.operation == Operation::kGreater) relation = "greater than";
    if (test.operation == Operation::kAtLeast) relation = "at least";
    return fmt::format("{} {} {} {}", field, is(), relation, shortened(test.number));
  }

  std::string operator()(const config::VersionTest& test) const {
    const bool at_least = test.operation == config::VersionTest::Operation::kAtLeast;
    return fmt::format("{} {} {} version {}{}", field, is(), at_least ? "at least" : "below",
                       shortened(test.version.value), test.lexicographic ? " byte by byte" : "");
  }

  std::string operator()(const config::IpInTest& test) const {
    return fmt::format("{} {} in {}", field, is(),
                       list(test.networks, [](const config::Text& text) { return text.value; }));
  }
};

std::string joined(const config::Condition& condition, std::string_view word) {
  std::string words;
  for (const config::Condition& part : condition.parts) {
    if (!words.empty()) words += word;
    const bool brackets = part.parts.size() > 1;
    words += brackets ? '(' + describe(part) + ')' : describe(part);
  }
  return words;
}

std::string negation(const config::Condition& condition) {
  if (condition.kind == Kind::kTest)
    return std::visit(TestWords{condition.field.text, true}, condition.test);
  return "not (" + describe(condition) + ')';
}

}  // namespace

std::string describe(const config::Condition& condition) {
  switch (condition.kind) {
    case Kind::kAll:
      return joined(condition, " and ");
    case Kind::kAny:
      return joined(condition, " or ");
    case Kind::kNot:
      return condition.parts.empty() ? "" : negation(condition.parts.front());
    case Kind::kTest:
      break;
  }
  return std::visit(TestWords{condition.field.text}, condition.test);
}

}  // namespace millrace::steps
