// SPDX-License-Identifier: Apache-2.0
#include "engine/base/log_json.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/log.h"

namespace millrace::base {
namespace {

using log::json_members;
using ::testing::MatchesRegex;

TEST(LogJson, FieldsBecomeMembersAndTheMessageStaysWhole) {
  EXPECT_EQ(json_members("info", "Started pipeline=logins group=a.b workers=4."),
            R"("level":"info","message":"Started pipeline=logins group=a.b workers=4.",)"
            R"("pipeline":"logins","group":"a.b","workers":4)");
  EXPECT_EQ(json_members("error", "Stopped topic=in partition=-1: why=not"),
            R"("level":"error","message":"Stopped topic=in partition=-1: why=not",)"
            R"("topic":"in","partition":-1,"why":"not")");
}

TEST(LogJson, WhatIsNoFieldStaysText) {
  for (const std::string line :
       {"a = b", "Key=1", "(k=v)", "=v", "k=", "k=.", "1k=2", "level=x time=y message=z"}) {
    EXPECT_EQ(json_members("info", line), R"("level":"info","message":")" + line + "\"");
  }
  EXPECT_EQ(json_members("info", "a=1 a=2"), R"("level":"info","message":"a=1 a=2","a":1)");
  EXPECT_EQ(json_members("info", "a=007 b=1234567890123456 c=0 d=1.5"),
            R"("level":"info","message":"a=007 b=1234567890123456 c=0 d=1.5",)"
            R"("a":"007","b":"1234567890123456","c":0,"d":"1.5")");
}

TEST(LogJson, OfALongerTextOnlyTheFirstLineHasFields) {
  EXPECT_EQ(json_members("info", "a=1\nb=2"), R"("level":"info","message":"a=1\nb=2","a":1)");
}

TEST(LogJson, WhatJsonCannotHoldIsEscapedOrReplaced) {
  EXPECT_EQ(json_members("info", "\"\\\t\x01 ä€😀"),
            "\"level\":\"info\",\"message\":\"\\\"\\\\\\u0009\\u0001 ä€😀\"");
  EXPECT_EQ(json_members("info", "\xC2\x9B"), R"("level":"info","message":"\u009b")");
  EXPECT_EQ(json_members("info", "a\xFF\xC3\xED\xA0\x80z"),
            "\"level\":\"info\",\"message\":\"a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
            "\xEF\xBF\xBDz\"");
}

TEST(LogJson, ALineIsOneObjectWithItsTimeInFront) {
  ::testing::internal::CaptureStderr();
  log::set_format(log::Format::kJson);
  log::warn("Commit failed topic={}: {}", "in", "a \"b\"");
  log::set_format(log::Format::kText);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              MatchesRegex("\\{\"time\":\"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\\.[0-9]{3}Z\","
                           "\"level\":\"warning\",\"message\":\"Commit failed topic=in: a "
                           "\\\\\"b\\\\\"\",\"topic\":\"in\"\\}\n"));
}

}  // namespace
}  // namespace millrace::base
