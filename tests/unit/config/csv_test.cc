// SPDX-License-Identifier: Apache-2.0
#include "engine/config/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Rows as "LINE:COLUMN|COLUMN", errors as "LINE!MESSAGE".
std::vector<std::string> rows_of(std::string_view text) {
  std::vector<std::string> rows;
  CsvReader reader(text);
  while (reader.has_next()) {
    const int line = reader.line();
    const auto row = reader.next();
    if (!row.ok()) {
      rows.push_back(std::to_string(line) + "!" + row.message());
      continue;
    }
    EXPECT_EQ(row.value().line, line);
    std::string shown = std::to_string(line) + ":";
    std::string_view separator;
    for (const std::string& column : row.value().columns) {
      shown.append(separator).append(column);
      separator = "|";
    }
    rows.push_back(shown);
  }
  return rows;
}

TEST(Csv, RowsEndInALineEndOrTheEnd) {
  EXPECT_THAT(rows_of("a,b\nc,d"), ElementsAre("1:a|b", "2:c|d"));
  EXPECT_THAT(rows_of("a,b\r\nc,d\r\n"), ElementsAre("1:a|b", "2:c|d"));
  EXPECT_THAT(rows_of(""), IsEmpty());
  EXPECT_THAT(rows_of("\n\r\n\n"), IsEmpty());
  EXPECT_THAT(rows_of("a\n\n\nb,\n"), ElementsAre("1:a", "4:b|"));
  EXPECT_THAT(rows_of("\xEF\xBB\xBF"
                      "a,b"),
              ElementsAre("1:a|b"));
}

TEST(Csv, ColumnsMayBeEmptyAndKeepTheirSpaces) {
  EXPECT_THAT(rows_of(",\n,,\n a , b \n"), ElementsAre("1:|", "2:||", "3: a | b "));
  EXPECT_THAT(rows_of("\"\",\"\"\n"), ElementsAre("1:|"));
}

TEST(Csv, QuotesHoldCommasLineEndsAndQuotes) {
  EXPECT_THAT(rows_of("\"a,b\",\"say \"\"hi\"\"\"\n\"x\ny\r\nz\",1\nc,d\n"),
              ElementsAre("1:a,b|say \"hi\"", "2:x\ny\r\nz|1", "5:c|d"));
}

TEST(Csv, AfterAnErrorTheNextLineGoesOn) {
  const std::string quote =
      "a double quote must begin and end a column; inside of one it is written twice";
  EXPECT_THAT(rows_of("a\"b,c\nd,e\n"), ElementsAre("1!" + quote, "2:d|e"));
  EXPECT_THAT(rows_of("\"a\"b,c\nd,e"), ElementsAre("1!" + quote, "2:d|e"));
  EXPECT_THAT(rows_of("a,b\rc,d\ne,f"),
              ElementsAre("1!a carriage return stands without a line feed", "2:e|f"));
  EXPECT_THAT(rows_of("a,b\nc,\"d\ne,f"), ElementsAre("1:a|b", "2!a double quote is not closed"));
}

TEST(Csv, ManyRowsTakeTheirTimeOnce) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "a,\"b\"\n";

  EXPECT_EQ(rows_of(text).size(), 200'000U);
  EXPECT_EQ(rows_of(std::string(1'000'000, '"')).size(), 1U);
  EXPECT_EQ(rows_of(std::string(1'000'000, ',')).size(), 1U);
}

}  // namespace
}  // namespace millrace::config
