// SPDX-License-Identifier: Apache-2.0
#include "engine/state/fleet.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/insights/results.h"
#include "engine/record/json_writer.h"
#include "engine/state/state_key.h"
#include "engine/state/state_writer.h"
#include "tests/unit/state/counted_state.h"
#include "tests/unit/state/fake_state_log.h"

namespace millrace::state {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int32_t kLogPartitions = 8;
const StateTopic kTopic{"logins.state", "logins", kLogPartitions};

// All that a report says of an insight.
std::string shown(const insights::Result& result) {
  record::JsonWriter writer;
  insights::write_json(result, writer);
  return fmt::format("{} selected={} counted={} missing={} not_kept={} {}", result.insight->name,
                     result.selected, result.counted, result.missing, result.not_kept,
                     writer.take());
}

class FleetMerge : public ::testing::Test {
 protected:
  void put(const insights::State& state, const base::TopicPartition& id, int64_t now_ms = 1'000) {
    StateWriter writer(kTopic, id);
    log_.append(writer.write(state, now_ms));
  }

  Fleet merged(const insights::Declaration& of = declaration()) {
    return std::move(merge_fleet(log_, of, {kTopic, {}}).value());
  }

  FakeStateLog log_{kLogPartitions};
};

TEST_F(FleetMerge, OfAnEmptyTopicIsNothing) {
  const Fleet fleet = merged();

  EXPECT_THAT(fleet.partitions, IsEmpty());
  ASSERT_NE(fleet.state, nullptr);
  EXPECT_EQ(fleet.state->emitted(), 0U);
}

TEST_F(FleetMerge, IsTheMergeOfThePartitionsStates) {
  insights::State expected(declaration());
  for (int32_t i = 11; i >= 0; --i) {
    Counted counted;
    counted.count(names(std::to_string(i % 5), static_cast<size_t>(i) * 100, 40));
    put(counted.state(), {i < 6 ? "b" : "a", i}, i);
    expected.merge(counted.state());
  }

  const Fleet fleet = merged();

  EXPECT_EQ(fleet.state->emitted(), expected.emitted());
  for (size_t i = 0; i < declaration().insights.size(); ++i) {
    if (declaration().insights[i].live) continue;
    EXPECT_EQ(shown(fleet.state->result(i)), shown(expected.result(i)));
  }
  std::vector<base::TopicPartition> ids;
  uint64_t emitted = 0;
  for (const FleetPartition& partition : fleet.partitions) {
    ids.push_back(partition.id);
    emitted += partition.emitted;
    EXPECT_EQ(partition.error, "");
    EXPECT_EQ(partition.written_ms, partition.id.partition);
    EXPECT_EQ(partition.coverage.begin, base::Offset{0});
    EXPECT_EQ(partition.coverage.end, base::Offset{partition.id.partition * 100});
    EXPECT_EQ(partition.coverage.records, static_cast<uint64_t>(partition.id.partition) * 100);
    EXPECT_EQ(partition.emitted + partition.filtered + partition.dead_lettered,
              partition.coverage.records);
  }
  EXPECT_EQ(ids.size(), 12U);
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_EQ(emitted, fleet.state->emitted());
}

TEST_F(FleetMerge, WhatCannotBeReadIsNotInTheNumbers) {
  Counted good;
  good.count({"anna", "ben"});
  put(good.state(), {"a", 0});
  put(good.state(), {"a", 1});
  Counted bad;
  bad.count(names("user", 100, 10));
  put(bad.state(), {"a", 2});
  log_.erase(StateKey{.id = {"a", 2}, .chunk = 0, .insight = "sum"}.to_text("logins"));

  const Fleet fleet = merged();

  EXPECT_EQ(fleet.state->emitted(), 2 * good.state().emitted());
  ASSERT_EQ(fleet.partitions.size(), 3U);
  EXPECT_EQ(fleet.partitions[1].error, "");
  EXPECT_EQ(fleet.partitions[1].emitted, good.state().emitted());
  EXPECT_THAT(fleet.partitions[2].error, HasSubstr("insight sum is damaged"));
  EXPECT_EQ(fleet.partitions[2].emitted, 0U);
  EXPECT_FALSE(fleet.partitions[2].coverage.end.valid());
}

TEST_F(FleetMerge, SaysWhichInsightsAPartitionDoesNotHave) {
  const insights::Declaration before = changed({.without = {"users"}});
  Counted counted(before);
  counted.count({"anna"});
  put(counted.state(), {"a", 0});

  EXPECT_THAT(merged().partitions[0].notes, ElementsAre(HasSubstr("insight users begins")));
}

TEST_F(FleetMerge, ATopicThatCannotBeReadIsAnError) {
  log_.fails_with = "the broker is gone";
  EXPECT_EQ(merge_fleet(log_, declaration(), {kTopic, {}}).message(), "the broker is gone");
}

// In seconds where it were quadratic; in a moment as it is.
TEST_F(FleetMerge, MergesTenThousandPartitions) {
  uint64_t emitted = 0;
  for (int32_t i = 0; i < 10'000; ++i) {
    Counted counted;
    counted.count({std::to_string(i), "anna"});
    put(counted.state(), {"a", i});
    emitted += counted.state().emitted();
  }

  const Fleet fleet = merged();

  EXPECT_EQ(fleet.partitions.size(), 10'000U);
  EXPECT_EQ(fleet.state->emitted(), emitted);
}

}  // namespace
}  // namespace millrace::state
