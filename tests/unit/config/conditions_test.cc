// SPDX-License-Identifier: Apache-2.0
#include <cctype>

#include "tests/unit/config/one_step.h"

namespace millrace::config {
namespace {

Condition condition_of(const std::string& yaml) {
  return only_step<FilterStep>("keep_if: " + yaml).condition;
}

template <typename T>
T test_of(const std::string& tests) {
  const Condition condition = condition_of("{field: a.b, " + tests + "}");
  EXPECT_EQ(condition.kind, Condition::Kind::kTest);
  EXPECT_EQ(condition.field.text, "a.b");
  const T* const test = std::get_if<T>(&condition.test);
  EXPECT_NE(test, nullptr) << tests;
  return test == nullptr ? T{} : *test;
}

std::vector<std::string> condition_problems(const std::string& yaml) {
  return step_problems("keep_if: " + yaml);
}

TEST(Conditions, EqualsTakesAnyJson) {
  EXPECT_THAT(test_of<EqualsTest>("equals: DE").values, ElementsAre("\"DE\""));
  EXPECT_THAT(test_of<EqualsTest>("equals: 1.50").values, ElementsAre("1.50"));
  EXPECT_THAT(test_of<EqualsTest>("equals: '1'").values, ElementsAre("\"1\""));
  EXPECT_THAT(test_of<EqualsTest>("equals: ''").values, ElementsAre("\"\""));
  EXPECT_THAT(test_of<EqualsTest>("equals: true").values, ElementsAre("true"));
  EXPECT_THAT(test_of<EqualsTest>("equals: null").values, ElementsAre("null"));
  EXPECT_THAT(test_of<EqualsTest>("equals: {a: [1, x]}").values, ElementsAre(R"({"a":[1,"x"]})"));
}

TEST(Conditions, NotEqualsNegates) {
  const Condition condition = condition_of("{field: a, not_equals: x}");

  ASSERT_EQ(condition.kind, Condition::Kind::kNot);
  ASSERT_EQ(condition.parts.size(), 1U);
  EXPECT_EQ(condition.parts[0].field.text, "a");
  EXPECT_THAT(std::get<EqualsTest>(condition.parts[0].test).values, ElementsAre("\"x\""));
}

TEST(Conditions, InTakesAList) {
  EXPECT_THAT(test_of<EqualsTest>("in: [DE, 1, null, [2]]").values,
              ElementsAre("\"DE\"", "1", "null", "[2]"));
  EXPECT_THAT(test_of<InIgnoreCaseTest>("in_ignore_case: [iOS, '', 1]").texts,
              ElementsAre("iOS", "", "1"));
  EXPECT_THAT(condition_problems("{field: a, in: DE}"),
              ElementsAre("p.yaml:8:29: 'keep_if.in' must be a list of values, not 'DE'"));
  EXPECT_THAT(condition_problems("{field: a, in: []}"),
              ElementsAre("p.yaml:8:29: 'keep_if.in' is an empty list; it must be a list of "
                          "values"));
  EXPECT_THAT(condition_problems("{field: a, in_ignore_case: [[x], ~]}"),
              ElementsAre("p.yaml:8:42: 'keep_if.in_ignore_case' must be a text, not a list",
                          "p.yaml:8:47: 'keep_if.in_ignore_case' has no value; it must be a "
                          "text"));
}

TEST(Conditions, MatchesTakesAPatternWithItsPlace) {
  const auto test = test_of<MatchesTest>("matches: '^[0-9]+$'");

  EXPECT_EQ(test.pattern.value, "^[0-9]+$");
  EXPECT_EQ(test.pattern.place.column, 36);
  EXPECT_THAT(condition_problems("{field: a, matches: ''}"),
              ElementsAre("p.yaml:8:34: 'keep_if.matches' is empty; it must be a regular "
                          "expression"));
}

TEST(Conditions, ExistsAndIsNullTakeTrueOrFalse) {
  EXPECT_TRUE(test_of<ExistsTest>("exists: true").exists);
  EXPECT_FALSE(test_of<ExistsTest>("exists: false").exists);
  EXPECT_TRUE(test_of<IsNullTest>("is_null: true").is_null);
  EXPECT_FALSE(test_of<IsNullTest>("is_null: false").is_null);
  EXPECT_THAT(condition_problems("{field: a, exists: yes, is_null: 'true'}"),
              ElementsAre("p.yaml:8:33: 'keep_if.exists' must be true or false, not 'yes'",
                          "p.yaml:8:47: 'keep_if.is_null' must be true or false, not 'true'"));
}

TEST(Conditions, ComparisonsTakeNumbers) {
  using Operation = CompareTest::Operation;
  EXPECT_EQ(test_of<CompareTest>("less_than: 10").operation, Operation::kLess);
  EXPECT_EQ(test_of<CompareTest>("at_most: 10").operation, Operation::kAtMost);
  EXPECT_EQ(test_of<CompareTest>("greater_than: 10").operation, Operation::kGreater);
  EXPECT_EQ(test_of<CompareTest>("at_least: 10").operation, Operation::kAtLeast);
  EXPECT_EQ(test_of<CompareTest>("at_least: -1.50e3").number, "-1.50e3");
  for (const std::string number : {"ten", "0x10", "1_000", ".5", "true"}) {
    EXPECT_THAT(
        condition_problems("{field: a, at_least: " + number + "}"),
        ElementsAre("p.yaml:8:35: 'keep_if.at_least' must be a number, not '" + number + "'"));
  }
}

TEST(Conditions, ANumberMayComeFromTheEnvironment) {
  const auto step = only_step<FilterStep>("keep_if: {field: a, at_least: '${MIN}', exists: '${E}'}",
                                          {{"MIN", "5"}, {"E", "true"}});

  ASSERT_EQ(step.condition.parts.size(), 2U);
  EXPECT_TRUE(std::get<ExistsTest>(step.condition.parts[0].test).exists);
  EXPECT_EQ(std::get<CompareTest>(step.condition.parts[1].test).number, "5");
}

TEST(Conditions, VersionsAreTheTextAsWritten) {
  const auto above = test_of<VersionTest>("version_at_least: 2.30");
  EXPECT_EQ(above.operation, VersionTest::Operation::kAtLeast);
  EXPECT_EQ(above.version.value, "2.30");
  EXPECT_FALSE(above.lexicographic);
  EXPECT_EQ(test_of<VersionTest>("version_below: 3").operation, VersionTest::Operation::kBelow);
}

TEST(Conditions, WhatIsNoVersionIsAnError) {
  for (const std::string version : {"2..3", ".2", "2.", "v2", "2.x", "-1", "'2.3 '"}) {
    EXPECT_THAT(condition_problems("{field: v, version_at_least: " + version + "}"),
                ElementsAre(HasSubstr("p.yaml:8:43: 'keep_if.version_at_least' must be a version "
                                      "(numbers with dots: 2.3.0), not ")))
        << version;
  }
}

TEST(Conditions, LexicographicVersionsAreAnyText) {
  const auto test = test_of<VersionTest>("version_at_least: v2-beta, lexicographic: true");

  EXPECT_EQ(test.version.value, "v2-beta");
  EXPECT_TRUE(test.lexicographic);
  EXPECT_FALSE(test_of<VersionTest>("version_below: 2, lexicographic: false").lexicographic);
  EXPECT_THAT(condition_problems("{field: v, equals: 2, lexicographic: true}"),
              ElementsAre("p.yaml:8:51: 'keep_if.lexicographic' says how versions are compared; "
                          "write version_at_least or version_below beside it"));
}

TEST(Conditions, NetworksAreChecked) {
  const auto test = test_of<IpInTest>("ip_in: [10.0.0.0/8, '2001:db8::/32', 192.168.1.1]");
  ASSERT_EQ(test.networks.size(), 3U);
  EXPECT_EQ(test.networks[1].value, "2001:db8::/32");
  EXPECT_EQ(test_of<IpInTest>("ip_in: 10.0.0.0/8").networks.at(0).value, "10.0.0.0/8");
  EXPECT_THAT(condition_problems("{field: ip, ip_in: [10.0.0.0/33, localhost, 10.1.2.3/8]}"),
              ElementsAre("p.yaml:8:34: 'keep_if.ip_in' must be a network (10.0.0.0/8, "
                          "2001:db8::/32) or an address, not '10.0.0.0/33'",
                          "p.yaml:8:47: 'keep_if.ip_in' must be a network (10.0.0.0/8, "
                          "2001:db8::/32) or an address, not 'localhost'",
                          "p.yaml:8:58: 'keep_if.ip_in' has bits set behind its prefix; the "
                          "network is written '10.0.0.0/8'"));
}

TEST(Conditions, SeveralTestsMustAllHold) {
  const Condition condition = condition_of("{field: a, at_most: 9, at_least: 1, exists: true}");

  ASSERT_EQ(condition.kind, Condition::Kind::kAll);
  ASSERT_EQ(condition.parts.size(), 3U);
  for (const Condition& part : condition.parts) {
    EXPECT_EQ(part.kind, Condition::Kind::kTest);
    EXPECT_EQ(part.field.text, "a");
  }
  EXPECT_EQ(condition.parts[1].place.column, 25);
}

TEST(Conditions, Nest) {
  const Condition condition = condition_of(
      "{any: [{field: a, at_least: 1}, {not: {field: b, exists: true}}, {all: [{field: c, "
      "equals: 1}]}]}");

  ASSERT_EQ(condition.kind, Condition::Kind::kAny);
  ASSERT_EQ(condition.parts.size(), 3U);
  EXPECT_EQ(condition.parts[0].kind, Condition::Kind::kTest);
  EXPECT_EQ(condition.parts[1].kind, Condition::Kind::kNot);
  EXPECT_EQ(condition.parts[1].parts.at(0).field.text, "b");
  EXPECT_EQ(condition.parts[2].kind, Condition::Kind::kAll);
  EXPECT_EQ(condition.parts[2].parts.at(0).field.text, "c");
  EXPECT_EQ(condition.parts[1].place.line, 8);
}

TEST(Conditions, NeedExactlyOneForm) {
  EXPECT_THAT(condition_problems("{}"),
              ElementsAre("p.yaml:8:5: 'keep_if' needs exactly one of the keys 'field', 'all', "
                          "'any' and 'not', and has none"));
  EXPECT_THAT(condition_problems("{equals: 1}"),
              ElementsAre("p.yaml:8:5: 'keep_if' needs exactly one of the keys 'field', 'all', "
                          "'any' and 'not', and has none"));
  EXPECT_THAT(condition_problems("{all: [{field: a, equals: 1}], field: b, equals: 2}"),
              ElementsAre("p.yaml:8:5: 'keep_if' needs exactly one of the keys 'field', 'all', "
                          "'any' and 'not', and has several"));
  EXPECT_THAT(condition_problems("{any: [{field: a, equals: 1}], exists: true}"),
              ElementsAre("p.yaml:8:45: 'keep_if' has a test without a field; write 'field: PATH' "
                          "beside it, and the two into a list of 'all' or 'any'"));
  EXPECT_THAT(condition_problems("{field: a}"),
              ElementsAre("p.yaml:8:15: 'keep_if.field' has no test beside it; write one, such as "
                          "'equals: VALUE' or 'exists: true'"));
}

TEST(Conditions, OtherShapesAreErrors) {
  const std::string expectation = "must be a condition, such as {field: country, equals: DE}, not ";
  EXPECT_THAT(condition_problems("a"),
              ElementsAre("p.yaml:8:14: 'keep_if' " + expectation + "'a'"));
  EXPECT_THAT(condition_problems("[{field: a, equals: 1}]"),
              ElementsAre("p.yaml:8:14: 'keep_if' " + expectation + "a list"));
  EXPECT_THAT(condition_problems("{not: [{field: a, equals: 1}]}"),
              ElementsAre("p.yaml:8:20: 'keep_if.not' " + expectation + "a list"));
  EXPECT_THAT(condition_problems("{any: {field: a, equals: 1}}"),
              ElementsAre("p.yaml:8:20: 'keep_if.any' must be a list of conditions, not a map"));
  EXPECT_THAT(condition_problems("{all: []}"),
              ElementsAre("p.yaml:8:20: 'keep_if.all' is an empty list; it must be a list of "
                          "conditions"));
  EXPECT_THAT(condition_problems("{all: [x]}"),
              ElementsAre("p.yaml:8:21: 'keep_if.all' " + expectation + "'x'"));
  EXPECT_THAT(condition_problems("{field: a, equal: 1}"),
              ElementsAre("p.yaml:8:25: unknown key 'equal' in 'keep_if'; did you mean "
                          "'equals'?"));
  EXPECT_THAT(condition_problems("{field: a..b, equals: 1}"),
              ElementsAre("p.yaml:8:22: 'keep_if.field' must be the path of a field, such as "
                          "user.city, not 'a..b': no name stands at character 3"));
  EXPECT_THAT(condition_problems("{field: ., exists: true}"),
              ElementsAre("p.yaml:8:22: 'keep_if.field' must be the path of a field, such as "
                          "user.city, not '.', the record itself"));
}

TEST(Conditions, NestAtMost32Deep) {
  const auto nested = [](size_t depth) {
    std::string yaml;
    for (size_t i = 1; i < depth; ++i) yaml += "{not: ";
    yaml += "{field: a, exists: true}";
    return yaml + std::string(depth - 1, '}');
  };

  EXPECT_THAT(condition_problems(nested(32)), IsEmpty());
  EXPECT_THAT(condition_problems(nested(33)),
              ElementsAre(HasSubstr("not' is nested deeper than 32 conditions")));
  EXPECT_THAT(condition_problems(nested(900)), ElementsAre(HasSubstr("p.yaml:8:")));
}

}  // namespace
}  // namespace millrace::config
