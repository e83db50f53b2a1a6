// SPDX-License-Identifier: Apache-2.0
#include "engine/base/ids.h"

#include <gtest/gtest.h>

namespace millrace::base {
namespace {

TEST(Offset, IsInvalidUntilSet) {
  EXPECT_FALSE(Offset{}.valid());
  EXPECT_TRUE(Offset{0}.valid());
  EXPECT_LT(Offset{}, Offset{0});
}

TEST(Offset, NextIsOneBehind) {
  EXPECT_EQ(Offset{41}.next(), Offset{42});
}

TEST(TopicPartition, IsOrderedByTopicThenPartition) {
  EXPECT_LT((TopicPartition{"a", 9}), (TopicPartition{"b", 0}));
  EXPECT_LT((TopicPartition{"a", 2}), (TopicPartition{"a", 10}));
  EXPECT_EQ((TopicPartition{"a", 2}), (TopicPartition{"a", 2}));
}

}  // namespace
}  // namespace millrace::base
