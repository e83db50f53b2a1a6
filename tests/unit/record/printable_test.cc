// SPDX-License-Identifier: Apache-2.0
#include "engine/record/printable.h"

#include <gtest/gtest.h>

namespace millrace::record {
namespace {

using namespace std::string_view_literals;

TEST(Printable, LeavesTextAlone) {
  EXPECT_EQ(printable(""), "");
  EXPECT_EQ(printable(R"({"name": "Grüße, 漢字 🙂"})"),
            R"({"name": "Grüße, 漢字 🙂"})");
}

TEST(Printable, ShowsWhatWouldDriveATerminal) {
  EXPECT_EQ(printable("\x1b[31mred\r\n\0\x7f"sv), "\\x1b[31mred\\x0d\\x0a\\x00\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m");  // U+009B begins a command as well
}

TEST(Printable, ShowsBytesThatAreNoUtf8) {
  EXPECT_EQ(printable("a\xff\x62"), "a\\xffb");
  EXPECT_EQ(printable("\xe6\xbc"), "\\xe6\\xbc");
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
}

TEST(Printable, CountsCharacters) {
  EXPECT_EQ(width(""), 0U);
  EXPECT_EQ(width("Grüße"), 5U);
  EXPECT_EQ(width("漢字"), 2U);
}

}  // namespace
}  // namespace millrace::record
