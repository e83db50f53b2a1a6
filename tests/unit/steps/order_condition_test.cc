// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/steps/condition_runner.h"
#include "tests/unit/steps/conditions.h"

namespace millrace::steps {
namespace {

using Compare = config::CompareTest::Operation;
using Version = config::VersionTest::Operation;

config::Condition compare(Compare operation, std::string number) {
  return test_of("a", config::CompareTest{operation, std::move(number)});
}

config::Condition version(Version operation, std::string text, bool lexicographic) {
  return test_of("a", config::VersionTest{operation, {std::move(text), {}}, lexicographic});
}

config::Condition ip_in(std::vector<std::string> networks) {
  config::IpInTest test;
  for (std::string& network : networks) test.networks.push_back({std::move(network), {}});
  return test_of("a", std::move(test));
}

std::string text_record(std::string_view text) {
  return R"({"a":")" + std::string(text) + "\"}";
}

std::string record_of(std::string_view json) {
  return R"({"a":)" + std::string(json) + "}";
}

TEST(CompareTest, ComparesOnEitherSideOfTheNumber) {
  struct Case {
    Compare operation;
    const char* below;
    const char* equal;
    const char* above;
  };

  for (const Case& one : {Case{Compare::kLess, "true", "false", "false"},
                          Case{Compare::kAtMost, "true", "true", "false"},
                          Case{Compare::kGreater, "false", "false", "true"},
                          Case{Compare::kAtLeast, "false", "true", "true"}}) {
    ConditionRunner condition(compare(one.operation, "10"));
    for (const char* below : {"9", "-11", "9.999999999999999999999", "1e-400", "-1e400"})
      EXPECT_EQ(condition.test(record_of(below)), one.below) << below;
    for (const char* equal : {"10", "10.0", "1e1", "1000e-2"})
      EXPECT_EQ(condition.test(record_of(equal)), one.equal) << equal;
    for (const char* above : {"11", "10.000000000000000000001", "1e400", "99999999999999999999"})
      EXPECT_EQ(condition.test(record_of(above)), one.above) << above;
  }
}

TEST(CompareTest, IsExactWhereDoublesAreNot) {
  ConditionRunner condition(compare(Compare::kGreater, "9007199254740992.1"));

  EXPECT_EQ(condition.test(record_of("9007199254740992")), "false");
  EXPECT_EQ(condition.test(record_of("9007199254740993")), "true");
}

TEST(CompareTest, TakesIntegersOfTheEdgeOf64Bits) {
  ConditionRunner condition(compare(Compare::kAtLeast, "9223372036854775807"));

  EXPECT_EQ(condition.test(record_of("9223372036854775806")), "false");
  EXPECT_EQ(condition.test(record_of("9223372036854775807")), "true");
  EXPECT_EQ(condition.test(record_of("9223372036854775808")), "true");
  EXPECT_EQ(condition.test(record_of("-9223372036854775809")), "false");
}

TEST(CompareTest, IsUndecidedWhereThereIsNoNumber) {
  ConditionRunner condition(compare(Compare::kLess, "10"));

  EXPECT_TRUE(condition.may_be_undecided());
  EXPECT_EQ(condition.test("{}"), "undecided: 'a' is absent");
  EXPECT_EQ(condition.test(record_of("null")), "undecided at /a: None is not a number");
  EXPECT_EQ(condition.test(text_record("9")), "undecided at /a: '9' is not a number");
  EXPECT_EQ(condition.test(record_of("true")), "undecided at /a: True is not a number");
  EXPECT_EQ(condition.test(record_of("[9]")), "undecided at /a: [9] is not a number");
}

TEST(CompareTest, NeedsANumber) {
  EXPECT_EQ(test(compare(Compare::kLess, "ten"), "{}"), "'ten' is not a number");
}

TEST(VersionTest, ComparesPartsAsNumbers) {
  ConditionRunner at_least(version(Version::kAtLeast, "2.3.0", false));
  ConditionRunner below(version(Version::kBelow, "2.3.0", false));

  for (const char* text : {"2.3.0", "2.3", "2.10.0", "10.0", "2.3.0.1", R"(\u0032.3)"}) {
    EXPECT_EQ(at_least.test(text_record(text)), "true") << text;
    EXPECT_EQ(below.test(text_record(text)), "false") << text;
  }
  for (const char* text : {"2.2.9", "0.96", "2", "02.02"}) {
    EXPECT_EQ(at_least.test(text_record(text)), "false") << text;
    EXPECT_EQ(below.test(text_record(text)), "true") << text;
  }
}

TEST(VersionTest, IsUndecidedWhereThereIsNoVersion) {
  ConditionRunner condition(version(Version::kAtLeast, "2.3.0", false));

  EXPECT_TRUE(condition.may_be_undecided());
  EXPECT_EQ(condition.test("{}"), "undecided: 'a' is absent");
  EXPECT_EQ(condition.test(record_of("null")), "undecided at /a: None is not a version");
  EXPECT_EQ(condition.test(record_of("2.3")), "undecided at /a: 2.3 is not a version");
  EXPECT_EQ(condition.test(text_record("2.3.0-beta")),
            "undecided at /a: '2.3.0-beta' is not a version");
  EXPECT_EQ(condition.test(text_record("")), "undecided at /a: '' is not a version");
}

TEST(VersionTest, ComparesHugeVersions) {
  const std::string huge(100'000, '9');
  ConditionRunner condition(version(Version::kAtLeast, huge, false));

  EXPECT_EQ(condition.test(text_record(huge + ".1")), "true");
  EXPECT_EQ(condition.test(text_record("1" + huge)), "true");
  EXPECT_EQ(condition.test(text_record(huge.substr(1))), "false");
}

TEST(VersionTest, ComparesBytesWhereAskedTo) {
  ConditionRunner at_least(version(Version::kAtLeast, "2.3.0", true));

  EXPECT_EQ(at_least.test(text_record("2.10.0")), "false");
  EXPECT_EQ(at_least.test(text_record("9")), "true");
  EXPECT_EQ(at_least.test(text_record("beta")), "true");
  EXPECT_EQ(at_least.test(text_record("2.3.0")), "true");
  EXPECT_EQ(at_least.test(text_record("")), "false");
  EXPECT_EQ(at_least.test(text_record("é")), "true");
  EXPECT_EQ(at_least.test(record_of("3")), "undecided at /a: 3 is not a text");
  EXPECT_EQ(at_least.test("{}"), "undecided: 'a' is absent");

  ConditionRunner below(version(Version::kBelow, "beta", true));
  EXPECT_EQ(below.test(text_record("alpha")), "true");
  EXPECT_EQ(below.test(text_record("beta")), "false");
}

TEST(VersionTest, NeedsAVersionUnlessTextsAreCompared) {
  EXPECT_EQ(test(version(Version::kAtLeast, "2.x", false), "{}"),
            "'2.x' is not a version: numbers with dots between, like 2.3.0");
}

TEST(IpInTest, FindsAddressesInNetworks) {
  ConditionRunner condition(ip_in({"10.0.0.0/8", "192.168.1.7", "2001:db8::/32"}));

  for (const char* text : {"10.0.0.0", "10.255.255.255", "192.168.1.7", "::ffff:10.1.2.3",
                           "2001:db8::1", "2001:0DB8:ffff::", R"(\u0031\u0030.1.1.1)"})
    EXPECT_EQ(condition.test(text_record(text)), "true") << text;
  for (const char* text : {"11.0.0.0", "9.255.255.255", "192.168.1.8", "::ffff:11.1.2.3",
                           "2001:db9::", "::1", "::10.1.2.3"})
    EXPECT_EQ(condition.test(text_record(text)), "false") << text;
}

TEST(IpInTest, IsUndecidedWhereThereIsNoAddress) {
  ConditionRunner condition(ip_in({"0.0.0.0/0", "::/0"}));

  EXPECT_TRUE(condition.may_be_undecided());
  EXPECT_EQ(condition.test("{}"), "undecided: 'a' is absent");
  EXPECT_EQ(condition.test(record_of("null")), "undecided at /a: None is not an IP address");
  EXPECT_EQ(condition.test(record_of("10")), "undecided at /a: 10 is not an IP address");
  EXPECT_EQ(condition.test(text_record("10.0.0.256")),
            "undecided at /a: '10.0.0.256' is not an IP address");
  EXPECT_EQ(condition.test(text_record(std::string(100'000, ':'))).substr(0, 14), "undecided at /");
}

TEST(IpInTest, ReportsEveryNetworkThatIsNone) {
  ConditionRunner condition(ip_in({"10.0.0.0/33", "10.0.0.0/8", "example.com"}));

  ASSERT_EQ(condition.problems().size(), 2U);
  EXPECT_EQ(condition.problems()[1].message,
            "'example.com' is neither a network, like 10.0.0.0/8 or 2001:db8::/32, nor an IP "
            "address");
}

}  // namespace
}  // namespace millrace::steps
