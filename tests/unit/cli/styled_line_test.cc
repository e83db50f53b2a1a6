// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/styled_line.h"

#include <gtest/gtest.h>

namespace millrace::cli {
namespace {

TEST(StyledLine, AlignsByColumnsAndNotByBytes) {
  StyledLine line("登录");
  line.fill(6).add_right("é", 3).add("|");
  EXPECT_EQ(line.width(), 10U);
  EXPECT_EQ(line.to_string(80, false), "登录    é|");
}

TEST(StyledLine, IsCutWithASign) {
  StyledLine line("abc", Tone::kStrong);
  line.add("def");
  EXPECT_EQ(line.to_string(6, false), "abcdef");
  EXPECT_EQ(line.to_string(5, false), "abcd…");
  EXPECT_EQ(line.to_string(4, false), "abc…");
  EXPECT_EQ(line.to_string(3, false), "ab…");
  EXPECT_EQ(line.to_string(1, false), "…");
  EXPECT_EQ(line.to_string(0, false), "");
}

TEST(StyledLine, WideCharactersAreNotCutInTwo) {
  const StyledLine line("登录登录");
  EXPECT_EQ(line.to_string(4, false), "登…");
  EXPECT_EQ(line.to_string(5, false), "登录…");
}

TEST(StyledLine, SpacesAtTheEndAreNotDrawn) {
  StyledLine line("a");
  line.add("   ").add("  ");
  EXPECT_EQ(line.to_string(1, false), "a");
}

TEST(StyledLine, ColoursEndInTheNormalOne) {
  StyledLine line("a", Tone::kBad);
  line.add("b");
  EXPECT_EQ(line.to_string(80, true), "\x1b[1;31ma\x1b[0mb");
}

TEST(StyledLine, ControlCharactersSteerNothing) {
  const StyledLine line("a\x1b[2J\n\r\xC2\x9B\x7F\xFF");
  for (const char c : line.to_string(80, false))
    EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 && c != '\x7F');
  EXPECT_EQ(line.to_string(80, false).find("\xC2\x9B"), std::string::npos);
}

}  // namespace
}  // namespace millrace::cli
