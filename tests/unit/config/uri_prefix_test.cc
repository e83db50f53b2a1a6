// SPDX-License-Identifier: Apache-2.0
#include "engine/config/uri_prefix.h"

#include <gtest/gtest.h>

namespace millrace::config {
namespace {

TEST(UriPrefix, IsTheBeginningOfAbsoluteAddresses) {
  EXPECT_TRUE(is_uri_prefix("http://localhost:1234/"));
  EXPECT_TRUE(is_uri_prefix("https://example.com/a%20b/"));
  EXPECT_TRUE(is_uri_prefix("urn:example:"));
  EXPECT_TRUE(is_uri_prefix("tag:example.com,2024:"));
}

TEST(UriPrefix, HasAScheme) {
  EXPECT_FALSE(is_uri_prefix(""));
  EXPECT_FALSE(is_uri_prefix("/schemas/"));
  EXPECT_FALSE(is_uri_prefix("example.com/"));
  EXPECT_FALSE(is_uri_prefix("://x/"));
  EXPECT_FALSE(is_uri_prefix("1http://x/"));
  EXPECT_FALSE(is_uri_prefix("a b://x/"));
}

TEST(UriPrefix, EndsWhereAPartOfTheAddressEnds) {
  EXPECT_FALSE(is_uri_prefix("http://localhost:1234"));
  EXPECT_FALSE(is_uri_prefix("http://localhost/sch"));
}

TEST(UriPrefix, HasNoFragmentAndNoCharactersThatAUriCannotHave) {
  EXPECT_FALSE(is_uri_prefix("http://x/#/"));
  EXPECT_FALSE(is_uri_prefix("http://x/a b/"));
  EXPECT_FALSE(is_uri_prefix("http://x/%2/"));
  EXPECT_FALSE(is_uri_prefix("http://x/%zz/"));
  EXPECT_FALSE(is_uri_prefix("http://ä/"));
}

}  // namespace
}  // namespace millrace::config
