// SPDX-License-Identifier: Apache-2.0
#include "engine/settlement/lease.h"

#include <gtest/gtest.h>

namespace millrace::settlement {
namespace {

class LeaseTest : public ::testing::Test {
 protected:
  Lease lease_{{"in", 3}, 7, base::Offset{41}};
};

TEST_F(LeaseTest, KnowsItsPartitionAndStart) {
  EXPECT_EQ(lease_.id(), (base::TopicPartition{"in", 3}));
  EXPECT_EQ(lease_.slot(), 7U);
  EXPECT_EQ(lease_.start(), base::Offset{41});
}

TEST_F(LeaseTest, BeginsOpen) {
  EXPECT_TRUE(lease_.open());
  EXPECT_FALSE(lease_.closed());
}

TEST_F(LeaseTest, ACutLeaseIsNeitherOpenNorClosed) {
  lease_.cut();
  lease_.cut();
  EXPECT_FALSE(lease_.open());
  EXPECT_FALSE(lease_.closed());
}

TEST_F(LeaseTest, ClosesFromOpenAndFromCut) {
  lease_.close();
  EXPECT_TRUE(lease_.closed());
  EXPECT_FALSE(lease_.open());
  Lease other({"in", 4}, 8, base::Offset{0});
  other.cut();
  other.close();
  EXPECT_TRUE(other.closed());
}

TEST_F(LeaseTest, NeverGoesBack) {
  lease_.close();
  lease_.cut();
  EXPECT_TRUE(lease_.closed());
}

}  // namespace
}  // namespace millrace::settlement
