// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/config/ip_network.h"
#include "engine/config/json_constant.h"
#include "engine/config/names.h"
#include "engine/config/step_readers.h"

namespace millrace::config {
namespace {

constexpr size_t kDepthMax = 32;
constexpr std::string_view kExample = "a condition, such as {field: country, equals: DE}";

using MaybeTest = std::optional<ConditionTest>;

MaybeTest read_equals(const Field& field) {
  auto value = field.json();
  if (!value) return std::nullopt;
  return EqualsTest{{std::move(*value)}};
}

MaybeTest read_in(const Field& field) {
  EqualsTest test;
  for (const Field& item : field.items("a list of values")) {
    if (auto value = item.json()) test.values.push_back(std::move(*value));
  }
  return test;
}

MaybeTest read_in_ignore_case(const Field& field) {
  InIgnoreCaseTest test;
  for (const Field& item : field.items("a list of texts")) {
    if (auto text = item.any_text("a text")) test.texts.push_back(std::move(text->value));
  }
  return test;
}

MaybeTest read_matches(const Field& field) {
  auto pattern = field.text("a regular expression");
  if (!pattern) return std::nullopt;
  return MatchesTest{std::move(*pattern)};
}

MaybeTest read_exists(const Field& field) {
  const auto exists = field.boolean();
  if (!exists) return std::nullopt;
  return ExistsTest{*exists};
}

MaybeTest read_is_null(const Field& field) {
  const auto is_null = field.boolean();
  if (!is_null) return std::nullopt;
  return IsNullTest{*is_null};
}

template <CompareTest::Operation kOperation>
MaybeTest read_compare(const Field& field) {
  static constexpr std::string_view kNumber = "a number";
  const auto number = field.text(kNumber);
  if (!number) return std::nullopt;
  if (!is_json_number(number->value)) field.expected(kNumber);
  return CompareTest{kOperation, number->value};
}

MaybeTest read_ip_in(const Field& field) {
  static constexpr std::string_view kNetwork =
      "a network (10.0.0.0/8, 2001:db8::/32) or an address";
  IpInTest test;
  for (const Field& item : field.items_or_one("a network, or a list of networks")) {
    auto network = item.text(kNetwork);
    if (!network) continue;
    const NetworkCheck check = check_ip_network(network->value);
    if (!check.is_network) {
      item.expected(kNetwork);
    } else if (!check.network.empty()) {
      item.problem("has bits set behind its prefix; the network is written " +
                   in_quotes(check.network));
    }
    test.networks.push_back(std::move(*network));
  }
  return test;
}

struct KnownTest {
  std::string_view name;
  MaybeTest (*read)(const Field& field);
};

constexpr std::array<KnownTest, 12> kTests = {
    KnownTest{"equals", read_equals},
    KnownTest{"not_equals", read_equals},
    KnownTest{"in", read_in},
    KnownTest{"in_ignore_case", read_in_ignore_case},
    KnownTest{"matches", read_matches},
    KnownTest{"exists", read_exists},
    KnownTest{"is_null", read_is_null},
    KnownTest{"less_than", read_compare<CompareTest::Operation::kLess>},
    KnownTest{"at_most", read_compare<CompareTest::Operation::kAtMost>},
    KnownTest{"greater_than", read_compare<CompareTest::Operation::kGreater>},
    KnownTest{"at_least", read_compare<CompareTest::Operation::kAtLeast>},
    KnownTest{"ip_in", read_ip_in}};

Condition condition_of(const FieldPath& path, const Place& place, ConditionTest test) {
  Condition condition;
  condition.place = place;
  condition.kind = Condition::Kind::kTest;
  condition.field = path;
  condition.test = std::move(test);
  return condition;
}

Condition negated(Condition condition) {
  Condition negation;
  negation.place = condition.place;
  negation.kind = Condition::Kind::kNot;
  negation.parts.push_back(std::move(condition));
  return negation;
}

// The versions are compared as numbers, unless `lexicographic: true` stands beside them.
void read_versions(MapReader& map, const FieldPath& path, std::vector<Condition>& tests) {
  static constexpr std::string_view kVersion = "a version (numbers with dots: 2.3.0)";
  const Field lexicographic = map.take("lexicographic");
  const bool is_lexicographic = lexicographic.boolean().value_or(false);
  bool has_version = false;
  const auto read = [&](std::string_view name, VersionTest::Operation operation) {
    const Field field = map.take(name);
    has_version = has_version || field.present();
    auto version = field.text(kVersion);
    if (!version) return;
    if (!is_lexicographic && !is_version(version->value)) field.expected(kVersion);
    tests.push_back(condition_of(path, field.key_place(),
                                 VersionTest{operation, std::move(*version), is_lexicographic}));
  };
  read("version_at_least", VersionTest::Operation::kAtLeast);
  read("version_below", VersionTest::Operation::kBelow);
  if (lexicographic.present() && !has_version) {
    lexicographic.problem(
        "says how versions are compared; write version_at_least or version_below beside it");
  }
}

// All tests of one map, in the order of the list above.
std::vector<Condition> read_tests(MapReader& map, const FieldPath& path) {
  std::vector<Condition> tests;
  for (const KnownTest& known : kTests) {
    const Field field = map.take(known.name);
    if (!field.present() || field.node().broken) continue;
    auto test = known.read(field);
    // A test that could not be read counts all the same: its problem is reported.
    Condition condition =
        condition_of(path, field.key_place(), test ? std::move(*test) : ConditionTest{});
    tests.push_back(known.name == "not_equals" ? negated(std::move(condition))
                                               : std::move(condition));
  }
  read_versions(map, path, tests);
  return tests;
}

Condition read_nested(const Field& field, size_t depth, const Context& context);

void read_parts(const Field& field, Condition::Kind kind, size_t depth, const Context& context,
                Condition& condition) {
  condition.kind = kind;
  if (kind == Condition::Kind::kNot) {
    condition.parts.push_back(read_nested(field, depth + 1, context));
    return;
  }
  for (const Field& item : field.items("a list of conditions")) {
    condition.parts.push_back(read_nested(item, depth + 1, context));
  }
}

// {field: F, TEST: VALUE, …}
void read_field_tests(const Field& field, std::vector<Condition> tests, size_t keys,
                      const Context& context, Condition& condition) {
  // With more keys there is another problem already.
  if (tests.empty() && keys == 1) {
    context.problems.add(field.key_place(), "'" + field.path() +
                                                "' has no test beside it; write one, such as "
                                                "'equals: VALUE' or 'exists: true'");
  }
  if (tests.size() == 1) {
    condition = std::move(tests[0]);
  } else {
    condition.parts = std::move(tests);
  }
}

Condition read_nested(const Field& field, size_t depth, const Context& context) {
  Condition condition;
  condition.place = field.present() ? field.node().place : field.key_place();
  if (field.present() && depth > kDepthMax) {
    field.problem("is nested deeper than 32 conditions");
    return condition;
  }
  auto map = field.map(kExample);
  if (!map) return condition;
  const Field tested = map->take("field");
  const Field all = map->take("all");
  const Field any = map->take("any");
  const Field none = map->take("not");
  const auto path = tested.field_path();
  std::vector<Condition> tests = read_tests(*map, path.value_or(FieldPath{}));
  map->finish();

  const std::array<bool, 4> given = {tested.present(), all.present(), any.present(),
                                     none.present()};
  const auto count = std::count(given.begin(), given.end(), true);
  if (count != 1) {
    context.problems.add(map->place(), "'" + field.path() +
                                           "' needs exactly one of the keys 'field', 'all', 'any' "
                                           "and 'not', and has " +
                                           (count == 0 ? "none" : "several"));
    return condition;
  }
  if (!tested.present() && !tests.empty()) {
    context.problems.add(tests.front().place, "'" + field.path() +
                                                  "' has a test without a field; write 'field: "
                                                  "PATH' beside it, and the two into a list of "
                                                  "'all' or 'any'");
  }
  if (all.present()) read_parts(all, Condition::Kind::kAll, depth, context, condition);
  if (any.present()) read_parts(any, Condition::Kind::kAny, depth, context, condition);
  if (none.present()) read_parts(none, Condition::Kind::kNot, depth, context, condition);
  if (tested.present()) {
    read_field_tests(tested, std::move(tests), field.node().members.size(), context, condition);
  }
  return condition;
}

}  // namespace

Condition read_condition(const Field& field, const Context& context) {
  return read_nested(field, 1, context);
}

}  // namespace millrace::config
