// SPDX-License-Identifier: Apache-2.0
#include "engine/trial/text_difference.h"

#include <string>

#include <gtest/gtest.h>

namespace millrace::trial {
namespace {

TEST(TextDifference, MarksWhereTheyPart) {
  EXPECT_EQ(text_difference("one two", "one ten"),
            "- one two\n"
            "+ one ten\n"
            "       ^ byte 5\n");
}

TEST(TextDifference, PutsTheLabelBeforeBoth) {
  EXPECT_EQ(text_difference("\"a\"", "\"b\"", "\"größe\": "),
            "- \"größe\": \"a\"\n"
            "+ \"größe\": \"b\"\n"
            "            ^ byte 1\n");
}

TEST(TextDifference, OneMayBeTheStartOfTheOther) {
  EXPECT_EQ(text_difference("abc", "abcd"),
            "- abc\n"
            "+ abcd\n"
            "     ^ byte 3\n");
  EXPECT_EQ(text_difference("", "x"),
            "- \n"
            "+ x\n"
            "  ^ byte 0\n");
}

TEST(TextDifference, CutsFarFromTheDifference) {
  const std::string before(100, 'b');
  const std::string after(100, 'a');

  EXPECT_EQ(text_difference(before + "1" + after, before + "2" + after),
            "- …" + std::string(48, 'b') + "1" + std::string(47, 'a') + "…\n" + "+ …" +
                std::string(48, 'b') + "2" + std::string(47, 'a') + "…\n" + "  " +
                std::string(49, ' ') + "^ byte 100\n");
}

TEST(TextDifference, DoesNotCutCharactersInTwo) {
  // "ü" and "ö" share their first byte.
  EXPECT_EQ(text_difference("aü", "aö"),
            "- aü\n"
            "+ aö\n"
            "   ^ byte 1\n");
}

TEST(TextDifference, ShowsBytesThatAreNoText) {
  EXPECT_EQ(text_difference("\x80\x80\x80\x80\x80\x80", "\x80\x80\x80\x80\x80\n"),
            "- \\x80\\x80\\x80\\x80\\x80\\x80\n"
            "+ \\x80\\x80\\x80\\x80\\x80\\x0a\n"
            "                      ^ byte 5\n");
}

}  // namespace
}  // namespace millrace::trial
