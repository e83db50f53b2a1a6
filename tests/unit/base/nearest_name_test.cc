// SPDX-License-Identifier: Apache-2.0
#include "engine/base/nearest_name.h"

#include <string>

#include <gtest/gtest.h>

namespace millrace::base {
namespace {

TEST(EditDistance, CountsLeftOutAddedChangedAndSwappedLetters) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("workers", "workers"), 0U);
  EXPECT_EQ(edit_distance("worker", "workers"), 1U);
  EXPECT_EQ(edit_distance("workerz", "workers"), 1U);
  EXPECT_EQ(edit_distance("wrokers", "workers"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(EditDistance, IsSymmetric) {
  EXPECT_EQ(edit_distance("topic_pattern", "topcis"), edit_distance("topcis", "topic_pattern"));
}

TEST(NearestName, IsTheNearestOfSeveral) {
  EXPECT_EQ(nearest_name("topics", {"topic", "topics", "group"}), "topics");
  EXPECT_EQ(nearest_name("topicz", {"topic", "group"}), "topic");
  EXPECT_EQ(nearest_name("stop_dedline", {"steps", "stop_deadline"}), "stop_deadline");
}

TEST(NearestName, IsNothingWhereNoneIsNear) {
  EXPECT_EQ(nearest_name("colour", {"every"}), std::nullopt);
  EXPECT_EQ(nearest_name("xy", {"ab"}), std::nullopt);
  EXPECT_EQ(nearest_name("", {"abc"}), std::nullopt);
  EXPECT_EQ(nearest_name("a", {}), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(1'000'000, 'a'), {std::string_view("a")}), std::nullopt);
}

}  // namespace
}  // namespace millrace::base
