// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/formats.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <simdjson.h>

namespace millrace::schema {
namespace {

constexpr const char* kSuite =
    "/usr/share/perl5/auto/share/dist/Test-JSON-Schema-Acceptance/tests/draft2020-12/optional/"
    "format/";

struct Examples {
  Format format;
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

std::string label(size_t length) {
  return std::string(length, 'a');
}

// What the official suite leaves open.
std::vector<Examples> time_examples() {
  return {
      {Format::kDateTime,
       {"2024-02-29T23:59:59.999999999999+23:59", "2016-12-31T23:59:60z", "0000-01-01T00:00:00Z"},
       {"", "2024-02-30T00:00:00Z", "2024-01-01 00:00:00Z", "2024-01-01T00:00:00", "2024-01-01T",
        "2024-01-01T00:00:00.Z", "2024-01-01T00:00:00,5Z", "+024-01-01T00:00:00Z",
        "2024-01-01T23:59:60+00:01", std::string("2024-01-01T00:00:00Z\0", 21)}},
      {Format::kDate,
       {"2000-02-29", "9999-12-31"},
       {"", "1900-02-29", "2024-00-01", "2024-01-00", "2024-01-01Z", " 2024-01-01", "２024-01-1"}},
      {Format::kTime,
       {"00:00:00Z", "23:59:59.000-23:59"},
       {"", "00:00:00", "00:00Z", "-1:00:00Z", "00:00:00+0000", "00:00:00+00:0", "00:00:00.5"}},
      {Format::kDuration,
       {"P1Y2M3DT4H5M6S", "PT1H30S", "P1Y1D", "PT0S", "P99999999999999999999Y", "P3W"},
       {"", "P", "PT", "P1YT", "1Y", "P1.5Y", "P-1D", "P1W1D", "PW", "PT1H1H", "P1S", "p1d"}},
  };
}

std::vector<Examples> name_examples() {
  return {
      {Format::kEmail,
       {"a@b", "a+b/c=d@example.com", "\"\\\"\"@example.com", label(64) + "@example.com",
        "\"\"@example.com", "a@[IPv6:2001:db8::1]", "a@[tag:x]"},
       {"", "@", "a@", "@b", "a@b@c", "a b@c", label(65) + "@example.com", "a@-b", "a@b-", "a@b..c",
        "a@.b", "\"a@b", "\"a\"b@c", "a@[", "a@[]", "a@[IPv6:]", "é@example.com", "a@example.com\n",
        "a@" + label(64)}},
      {Format::kHostname,
       {"a", "1.2.3.4", "a-b.c-d", label(63) + "." + label(63) + "." + label(63) + "." + label(61)},
       {"", ".", "a.", ".a", "a..b", "a b", "é", "a_b", "a:1",
        label(63) + "." + label(63) + "." + label(63) + "." + label(62)}},
      {Format::kIpv4,
       {"0.0.0.0", "255.255.255.255"},
       {"", "1.2.3", "1.2.3.4.", ".1.2.3", "1..2.3", "01.2.3.4", "1.2.3.256", "1.2.3.4 ",
        "-1.2.3.4", "1.2.3.0000000004", "1.2.3.4\n", "::1"}},
      {Format::kIpv6,
       {"::", "1::", "::1", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "ABCD:ef01::", "::1.2.3.4",
        "1:2:3:4:5:6:1.2.3.4"},
       {"", ":", ":::", "1", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8",
        "1::2::3", "1.2.3.4::", "1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "::1%eth0", "[::1]",
        "12345::", "::g", "1:", ":1", "1:::2"}},
  };
}

std::vector<Examples> reference_examples() {
  return {
      {Format::kUri,
       {"a:", "urn:a:b", "http://h", "http://h:80/p?q#f", "http://u:p@h",  // not a secret
        "http://[::1]:8080/", "http://[v1.a:b]/", "http://", "file:///etc/x", "mailto:a@b", "a:%41",
        "http://h:"},
       {"",
        "a",
        "/a",
        "//h",
        "1a:b",
        "http://h:8a",
        "http://[::1",
        "http://[::1]x",
        "http://[1.2.3.4]/",
        "a:%4",
        "a:%zz",
        "http://a b",
        "a:{}",
        "a:\"",
        "a:<>",
        "a:^",
        "a:`",
        "a:|",
        "a:\\",
        "http://é",
        "http://h#a#b",
        "http://a@b@c"}},
      {Format::kUriReference,
       {"", "a", "/a/b", "?q", "#f", "//h", "../a", "a/b:c", "a:b"},
       {"a b", ":a", "1:a", "%", "#[", "é", "http://[::1"}},
      {Format::kUuid,
       {"ffffffff-ffff-ffff-ffff-ffffffffffff"},
       {"", "2eb8aa08-aa98-11ea-b4aa-73b441d163800", "{2eb8aa08-aa98-11ea-b4aa-73b441d1638}",
        "urn:uuid:2eb8aa08-aa98-11ea-b4aa-73b441d16380", "2eb8aa08-aa98-11ea-b4aa+73b441d16380"}},
      {Format::kJsonPointer, {"", "/", "/a/~0~1", "//"}, {"a", "/~", "/~2", "#/a"}},
      {Format::kRelativeJsonPointer, {"0", "10/a", "1#"}, {"", "#", "01", "-1", "1a", "1##", "/a"}},
      {Format::kRegex,
       {"", "^a+$", "(?=a)b", "(a)\\1", "\\p{L}", "a{2,3}"},
       {"(", ")", "[", "a**", "\\a", "\\Z", "(?i)a", "a{3,2}", "[b-a]", "\xFF"}},
  };
}

std::vector<Examples> examples() {
  std::vector<Examples> all = time_examples();
  for (const Examples& of : name_examples()) all.push_back(of);
  for (const Examples& of : reference_examples()) all.push_back(of);
  return all;
}

TEST(Formats, AcceptTheGoodAndRefuseTheBad) {
  for (const Examples& of : examples()) {
    for (const std::string& text : of.good) {
      EXPECT_TRUE(has_format(of.format, text)) << static_cast<int>(of.format) << ": " << text;
    }
    for (const std::string& text : of.bad) {
      EXPECT_FALSE(has_format(of.format, text)) << static_cast<int>(of.format) << ": " << text;
    }
  }
}

TEST(Formats, SurviveHostileTexts) {
  const std::vector<std::string> hostile{
      std::string(1000000, 'a'),        std::string(1000000, ':'),
      std::string(1000000, '.'),        std::string(1000000, '('),
      std::string(1000000, '%'),        std::string(1000000, '/'),
      std::string(1000000, '"'),        std::string(1000000, '\0'),
      std::string(1000000, '\xFF'),     "P" + std::string(1000000, '1'),
      "\"" + std::string(1000000, '\\')};
  for (const Examples& of : examples()) {
    for (const std::string& text : hostile) {
      const bool may_be = of.format == Format::kUriReference || of.format == Format::kJsonPointer;
      EXPECT_TRUE(may_be || !has_format(of.format, text)) << static_cast<int>(of.format);
    }
  }
}

TEST(Formats, HaveTheNamesOfTheSpecification) {
  EXPECT_EQ(format_named("date-time"), Format::kDateTime);
  EXPECT_EQ(format_named("uri"), Format::kUri);
  EXPECT_FALSE(format_named("iri").has_value());
  EXPECT_FALSE(format_named("Date").has_value());
  EXPECT_FALSE(format_named("").has_value());
  EXPECT_TRUE(is_specified_format("iri"));
  EXPECT_TRUE(is_specified_format("ipv4"));
  EXPECT_FALSE(is_specified_format("phone"));
}

// Every file of the official suite whose format is asserted here.
TEST(Formats, PassTheOfficialSuite) {
  if (!std::filesystem::exists(kSuite)) GTEST_SKIP() << "libtest-json-schema-acceptance-perl";
  simdjson::dom::parser parser;
  int passed = 0;
  int formats = 0;
  for (const auto& file : std::filesystem::directory_iterator(kSuite)) {
    const auto format = format_named(file.path().stem().string());
    if (!format) continue;
    ++formats;
    for (const simdjson::dom::element group : parser.load(file.path().string())) {
      for (const simdjson::dom::element test : group["tests"]) {
        std::string_view text;
        if (test["data"].get(text) != simdjson::SUCCESS) continue;
        EXPECT_EQ(has_format(*format, text), bool(test["valid"]))
            << file.path().stem() << ": " << test["description"];
        ++passed;
      }
    }
  }
  EXPECT_EQ(formats, 14);
  EXPECT_GT(passed, 250);
}

}  // namespace
}  // namespace millrace::schema
