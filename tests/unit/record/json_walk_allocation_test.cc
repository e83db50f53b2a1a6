// SPDX-License-Identifier: Apache-2.0
// A program of its own, because it replaces operator new for all of it.
#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include "engine/record/json_walk.h"
#include "tests/counting_new.h"

namespace millrace::record {
namespace {

std::string many_members(int count) {
  std::string text = "{\"\\u0061\":[{\"b\":1,\"\\u0063\":[]}]";
  for (int i = 0; i < count; ++i) {
    text.append(",\"k").append(std::to_string(i % 900)).append("\":\"x\\n\"");
  }
  return text + "}";
}

TEST(JsonWalkAllocation, StopsOnceTheWalkerHasSeenTheLargestRecord) {
  for (const bool reject_duplicates : {false, true}) {
    JsonWalker walker({.reject_duplicates = reject_duplicates});
    const std::string large = many_members(1000);
    const std::string small = many_members(5);
    const std::string broken = large.substr(0, large.size() - 1) + "]";
    for (const std::string& text : {large, small, broken}) (void)walker.walk(text);
    const size_t before = tests::allocations();

    for (int i = 0; i < 1000; ++i) {
      (void)walker.walk(large);
      (void)walker.walk(small);
      (void)walker.walk(broken);
      (void)walker.walk("");
    }

    EXPECT_EQ(before, tests::allocations());
  }
}

TEST(JsonWalkAllocation, GivesRoomForAHugeDocumentBackAfterIt) {
  JsonWalker walker({.reject_duplicates = true});
  std::string huge = "{\"\\u0061\":{\"b\":0";
  for (int i = 0; i < 1'000'000; ++i) huge.append(",\"").append(std::to_string(i)).append("\":0");
  huge += "}}";
  const std::string medium = many_members(9'000);  // over the room a walker starts with
  (void)walker.walk(medium);
  ASSERT_EQ(ParseError::kNone, walker.walk(huge));
  ASSERT_EQ(ParseError::kNone, walker.walk("{}"));
  tests::reset_largest_allocation();

  ASSERT_EQ(ParseError::kDuplicateMember, walker.walk(medium));

  // Four bytes for each of the document's: the large room was gone, the new one is not larger than
  // it must be.
  EXPECT_GE(tests::largest_allocation(), 4 * medium.size());
  EXPECT_LT(tests::largest_allocation(), 16 * medium.size());
}

}  // namespace
}  // namespace millrace::record
