// SPDX-License-Identifier: Apache-2.0
#include "engine/config/place_at.h"

#include <gtest/gtest.h>

namespace millrace::config {
namespace {

TEST(PlaceAt, CountsLinesAndBytesFromOne) {
  const std::string text = "{\n  \"a\": 1\n}";

  const auto at = [&text](size_t offset) {
    const Place place = place_at("s.json", text, offset);
    EXPECT_EQ(place.file, "s.json");
    return std::pair(place.line, place.column);
  };

  EXPECT_EQ(at(0), std::pair(1, 1));
  EXPECT_EQ(at(1), std::pair(1, 2));
  EXPECT_EQ(at(2), std::pair(2, 1));
  EXPECT_EQ(at(4), std::pair(2, 3));
  EXPECT_EQ(at(11), std::pair(3, 1));
}

TEST(PlaceAt, AnOffsetBeyondTheEndIsTheEnd) {
  const Place place = place_at("s.json", "ab\nc", 100);

  EXPECT_EQ(place.line, 2);
  EXPECT_EQ(place.column, 2);
}

TEST(PlaceAt, AnEmptyTextHasOnePlace) {
  const Place place = place_at("s.json", "", 0);

  EXPECT_EQ(place.line, 1);
  EXPECT_EQ(place.column, 1);
}

}  // namespace
}  // namespace millrace::config
