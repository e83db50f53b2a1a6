// SPDX-License-Identifier: Apache-2.0
#include "engine/app/lag.h"

#include <gtest/gtest.h>

namespace millrace::app {
namespace {

// A partition of topic `in`, at a position, whose log ends somewhere.
class World {
 public:
  World& partition(int32_t number, int64_t position) {
    flow::PartitionProgress partition;
    partition.id = {"in", number};
    partition.position = base::Offset{position};
    progress.partitions.push_back(partition);
    return *this;
  }

  World& log_end(int32_t number, base::Offset end) {
    kafka::PartitionWatch::Partition partition;
    partition.id = {"in", number};
    partition.log_end = end;
    reading.partitions.push_back(partition);
    return *this;
  }

  [[nodiscard]] std::optional<uint64_t> lag() const { return lag_of(progress, reading); }

  flow::Progress progress;
  kafka::PartitionWatch::View reading;
};

TEST(Lag, IsTheSumOverThePartitions) {
  World world;
  world.partition(0, 5).log_end(0, base::Offset{105});
  world.partition(1, 7).log_end(1, base::Offset{7});
  world.partition(2, 0).log_end(2, base::Offset{1});
  EXPECT_EQ(world.lag(), 101U);
}

TEST(Lag, IsNoneWhereTheLogsEndIsOlderThanThePosition) {
  World world;
  world.partition(0, 9).log_end(0, base::Offset{5});
  EXPECT_EQ(world.lag(), 0U);
}

TEST(Lag, EndsWhereTheRunEnds) {
  World world;
  world.partition(0, 5).log_end(0, base::Offset{105});
  world.progress.partitions[0].until = base::Offset{15};
  EXPECT_EQ(world.lag(), 10U);
}

TEST(Lag, IsNotKnownWithoutPartitionsOrEnds) {
  World world;
  EXPECT_FALSE(world.lag());
  world.partition(0, 5).log_end(0, base::Offset{});
  EXPECT_FALSE(world.lag());
  world.partition(1, 5).log_end(1, base::Offset{9});
  EXPECT_FALSE(world.lag());
}

// One that was stopped, and went to another member then, is still in the books.
TEST(Lag, LeavesOutWhatIsNotRead) {
  World world;
  world.partition(0, 5);
  EXPECT_FALSE(world.lag());
  world.partition(1, 5).log_end(1, base::Offset{9});
  EXPECT_EQ(world.lag(), 4U);
}

}  // namespace
}  // namespace millrace::app
