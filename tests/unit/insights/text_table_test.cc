// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/text_table.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace millrace::insights {
namespace {

TEST(Grouped, SeparatesThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'000), "1,000");
  EXPECT_EQ(grouped(123'456), "123,456");
  EXPECT_EQ(grouped(std::numeric_limits<uint64_t>::max()), "18,446,744,073,709,551,615");
}

TEST(Share, IsNeverRoundedToNothingOrAll) {
  EXPECT_EQ(share(0, 10), "0.0%");
  EXPECT_EQ(share(1, 8), "12.5%");
  EXPECT_EQ(share(10, 10), "100.0%");
  EXPECT_EQ(share(1, 1'000'000), "<0.1%");
  EXPECT_EQ(share(999'999, 1'000'000), ">99.9%");
  EXPECT_EQ(share(0, 0), "");
}

TEST(Printable, LeavesTextAlone) {
  EXPECT_EQ(printable("héllo 漢 😀", 20), "héllo 漢 😀");
}

TEST(Printable, ShowsThatThereIsNothing) {
  EXPECT_EQ(printable("", 20), "\"\"");
}

TEST(Printable, TakesTheirPowerFromControlCharacters) {
  EXPECT_EQ(printable("a\x1B[31mb\nc\u0085\x7F", 20), "a\uFFFD[31mb\uFFFDc\uFFFD\uFFFD");
  const std::string right_to_left{'\xE2', '\x80', '\xAE'};
  EXPECT_EQ(printable(right_to_left, 20), "\uFFFD");
  EXPECT_EQ(printable("\xFF", 20), "\uFFFD");
}

TEST(Printable, CutsWhatIsTooLong) {
  EXPECT_EQ(printable("abcdef", 6), "abcdef");
  EXPECT_EQ(printable("abcdefg", 6), "abcde…");
  EXPECT_EQ(printable("漢漢漢漢", 6), "漢漢…");
  EXPECT_EQ(display_width(printable("漢漢漢漢", 6)), 5U);
}

TEST(DisplayWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(display_width(""), 0U);
  EXPECT_EQ(display_width("é…"), 2U);
  EXPECT_EQ(display_width("e\u0301"), 1U);
  EXPECT_EQ(display_width("漢"), 2U);
  EXPECT_EQ(display_width("😀"), 2U);
}

TEST(TextTable, AlignsItsColumns) {
  TextTable table({TextTable::Align::kLeft, TextTable::Align::kRight, TextTable::Align::kLeft});
  table.add_row({"name", "n", "note"});
  table.add_row({"é", "1,000", "x"});
  table.add_row({"漢字漢", "1"});

  EXPECT_EQ(table.width(), 6U + 2 + 5 + 2 + 4);
  EXPECT_EQ(table.to_text(2),
            "  name        n  note\n"
            "  é       1,000  x\n"
            "  漢字漢      1\n");
}

TEST(TextTable, MayBeEmpty) {
  EXPECT_EQ(TextTable({}).width(), 0U);
  EXPECT_EQ(TextTable({}).to_text(2), "");
}

}  // namespace
}  // namespace millrace::insights
