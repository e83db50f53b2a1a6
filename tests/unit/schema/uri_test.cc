// SPDX-License-Identifier: Apache-2.0
#include "engine/schema/uri.h"

#include <string>

#include <gtest/gtest.h>

namespace millrace::schema {
namespace {

struct Resolution {
  const char* reference;
  const char* target;
};

// RFC 3986 section 5.4.
constexpr const char* kRfcBase = "http://a/b/c/d;p?q";
constexpr Resolution kRfcExamples[] = {
    {"g:h", "g:h"},
    {"g", "http://a/b/c/g"},
    {"./g", "http://a/b/c/g"},
    {"g/", "http://a/b/c/g/"},
    {"/g", "http://a/g"},
    {"//g", "http://g"},
    {"?y", "http://a/b/c/d;p?y"},
    {"g?y", "http://a/b/c/g?y"},
    {"#s", "http://a/b/c/d;p?q#s"},
    {"g#s", "http://a/b/c/g#s"},
    {"g?y#s", "http://a/b/c/g?y#s"},
    {";x", "http://a/b/c/;x"},
    {"", "http://a/b/c/d;p?q"},
    {".", "http://a/b/c/"},
    {"./", "http://a/b/c/"},
    {"..", "http://a/b/"},
    {"../", "http://a/b/"},
    {"../g", "http://a/b/g"},
    {"../..", "http://a/"},
    {"../../g", "http://a/g"},
    {"../../../g", "http://a/g"},
    {"/./g", "http://a/g"},
    {"/../g", "http://a/g"},
    {"g.", "http://a/b/c/g."},
    {".g", "http://a/b/c/.g"},
    {"..g", "http://a/b/c/..g"},
    {"./../g", "http://a/b/g"},
    {"./g/.", "http://a/b/c/g/"},
    {"g/./h", "http://a/b/c/g/h"},
    {"g/../h", "http://a/b/c/h"},
    {"g?y/../x", "http://a/b/c/g?y/../x"},
    {"g#s/../x", "http://a/b/c/g#s/../x"},
};

TEST(Uri, ResolvesTheExamplesOfTheRfc) {
  for (const auto& [reference, target] : kRfcExamples) {
    EXPECT_EQ(resolve_uri(kRfcBase, reference), target) << reference;
  }
}

TEST(Uri, ResolvesAgainstBasesWithoutAHierarchy) {
  EXPECT_EQ(resolve_uri("urn:example:root", "#/$defs/a"), "urn:example:root#/$defs/a");
  EXPECT_EQ(resolve_uri("urn:example:root", "urn:other:b"), "urn:other:b");
  EXPECT_EQ(resolve_uri("urn:example:root", "other.json"), "urn:other.json");
  EXPECT_EQ(resolve_uri("tag:example.com,2024:x", "http://h/p"), "http://h/p");
  EXPECT_EQ(resolve_uri("http://h", "p"), "http://h/p");
  EXPECT_EQ(resolve_uri("file:///etc/schemas/a.json", "b.json#x"), "file:///etc/schemas/b.json#x");
}

TEST(Uri, ResolvesWithoutABase) {
  EXPECT_EQ(resolve_uri("", "#a"), "#a");
  EXPECT_EQ(resolve_uri("", "a/b"), "a/b");
  EXPECT_EQ(resolve_uri("", ""), "");
  EXPECT_EQ(resolve_uri("dir/a.json", "b.json"), "dir/b.json");
}

TEST(Uri, SurvivesWhatIsNoUri) {
  EXPECT_EQ(resolve_uri("http://h/p", ":::"), "http://h/:::");
  EXPECT_EQ(resolve_uri("\xFF?#", " \x01 "), " \x01 ");
  const std::string dots = [] {
    std::string text;
    for (int i = 0; i < 100000; ++i) text += "../";
    return text;
  }();
  EXPECT_EQ(resolve_uri("http://h/a/b", dots), "http://h/");
}

TEST(Uri, SplitsAtTheFirstHash) {
  EXPECT_EQ(split_fragment("http://h/p#/a%20b").without_fragment, "http://h/p");
  EXPECT_EQ(split_fragment("http://h/p#/a%20b").fragment, "/a%20b");
  EXPECT_EQ(split_fragment("http://h/p#").fragment, "");
  EXPECT_EQ(split_fragment("http://h/p").without_fragment, "http://h/p");
  EXPECT_EQ(split_fragment("#a#b").fragment, "a#b");
  EXPECT_EQ(split_fragment("").without_fragment, "");
}

TEST(Uri, KnowsAbsoluteOnes) {
  for (const char* absolute : {"http://h", "urn:x", "file:///a", "a+b-c.1:", "HTTP:x"}) {
    EXPECT_TRUE(is_absolute_uri(absolute)) << absolute;
  }
  for (const char* relative :
       {"", "a", "/a", "//h/p", "#a", "1a:b", ":a", "a/b:c", "a b:c", "ä:b"}) {
    EXPECT_FALSE(is_absolute_uri(relative)) << relative;
  }
}

TEST(Uri, DecodesPercentEncoding) {
  EXPECT_EQ(percent_decode("/a%20b%2Fc%25"), "/a b/c%");
  EXPECT_EQ(percent_decode("%c3%A9"), "é");
  EXPECT_EQ(percent_decode(""), "");
  EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
}

TEST(Uri, RefusesToDecodeNonsense) {
  for (const char* wrong : {"%", "%4", "%4g", "a%", "%zz", "%C3", "%C3%28", "%ED%A0%80",
                            "%F5%80%80%80", "%C0%80", "%E0%80%80"}) {
    EXPECT_FALSE(percent_decode(wrong).has_value()) << wrong;
  }
}

}  // namespace
}  // namespace millrace::schema
