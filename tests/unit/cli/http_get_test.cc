// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/http_get.h"

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

std::string parsed(std::string_view text) {
  const auto url = parse_url(text, {.path = "/vitals.json"});
  if (!url.ok()) return "error";
  return fmt::format("{} {} {} {}", url.value().tls ? "https" : "http", url.value().host,
                     url.value().port, url.value().path);
}

TEST(ParseUrl, WhatIsLeftOutIsFilledIn) {
  EXPECT_EQ(parsed("http://127.0.0.1:9464"), "http 127.0.0.1 9464 /vitals.json");
  EXPECT_EQ(parsed("localhost:9464"), "http localhost 9464 /vitals.json");
  EXPECT_EQ(parsed("https://engine"), "https engine 443 /vitals.json");
  EXPECT_EQ(parsed("http://engine/"), "http engine 80 /vitals.json");
  EXPECT_EQ(parsed("http://engine/behind/"), "http engine 80 /behind/vitals.json");
  EXPECT_EQ(parsed("http://engine/other.json?x=1"), "http engine 80 /other.json?x=1");
  EXPECT_EQ(parsed("http://[::1]:9464"), "http ::1 9464 /vitals.json");
}

TEST(ParseUrl, RefusesWhatIsNone) {
  for (const char* text : {"", "ftp://host", "http://", "http://:80", "http://h:", "http://h:0",
                           "http://h:65536", "http://h:1x", "http://a@h", "http://[::1", "h h",
                           "http://h/\r\nX: y", "http://h?x", "http://[::1]x"})
    EXPECT_EQ(parsed(text), "error") << text;
}

}  // namespace
}  // namespace millrace::cli
