// SPDX-License-Identifier: Apache-2.0
#include "engine/insights/state.h"

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/insights/every_kind.h"
#include "tests/unit/insights/state_dump.h"

namespace millrace::insights {
namespace {

using ::testing::ElementsAre;

class RandomState : public ::testing::Test {
 protected:
  RandomState() : trace_(__FILE__, __LINE__, "random seed " + std::to_string(seed())) {}

  static unsigned seed() {
    return static_cast<unsigned>(::testing::UnitTest::GetInstance()->random_seed());
  }

  // Some hundred records to an epoch.
  std::vector<Record> random_records(size_t count) {
    std::vector<Record> records;
    int64_t offset = 0;
    for (size_t i = 0; i < count; ++i) {
      offset += 1 + static_cast<int64_t>(random_()) % (State::kEpochOffsets / 100);
      records.push_back({offset, static_cast<unsigned>(random_())});
    }
    return records;
  }

  // Counts the records in batches of up to `batch_max`, none of which spans two epochs.
  std::unique_ptr<State> count_in_batches(const std::vector<Record>& records, size_t batch_max) {
    auto state = std::make_unique<State>(kEveryKind);
    Shard batch(kEveryKind);
    for (size_t at = 0; at < records.size();) {
      const base::Offset begin{records[at].offset};
      const size_t end = std::min(records.size(), at + 1 + random_() % batch_max);
      for (; at < end && State::epoch_of({records[at].offset}) == State::epoch_of(begin); ++at)
        count_record(records[at], batch);
      state->add(batch, begin, kNow);
      batch.clear();
    }
    return state;
  }

  std::mt19937 random_{seed()};

 private:
  ::testing::ScopedTrace trace_;
};

TEST_F(RandomState, IsTheSameForEveryCutIntoBatchesThatRespectsEpochs) {
  const std::vector<Record> records = random_records(4'000);
  const std::string whole = dump(*count_in_batches(records, records.size()), kNow);

  // The limits do something.
  EXPECT_EQ(whole.find("floor 0\n  [0]"), whole.npos);
  EXPECT_NE(whole.find("\"exact\":false"), whole.npos);
  for (const size_t batch_max : {1U, 2U, 13U, 150U}) {
    ASSERT_EQ(dump(*count_in_batches(records, batch_max), kNow), whole) << batch_max;
  }
}

TEST_F(RandomState, CountsOrMissesEveryRecordInEachInsight) {
  const auto state = count_in_batches(random_records(3'000), 100);
  for (const Result& result : state->results(kNow)) {
    EXPECT_EQ(result.selected, result.counted + result.missing) << result.insight->name;
    EXPECT_GT(result.counted, 0U) << result.insight->name;
  }
  EXPECT_EQ(state->results(kNow)[0].selected, state->emitted());
  EXPECT_EQ(state->results(kNow)[1].selected, state->filtered());
}

TEST_F(RandomState, MergesPartitionsToTheSameInEveryOrderAndGrouping) {
  std::vector<std::unique_ptr<State>> partitions;
  for (const size_t records : {1'500U, 700U, 0U, 40U, 2'500U})
    partitions.push_back(count_in_batches(random_records(records), 50));
  const auto merge_all = [&partitions] {
    State merged(kEveryKind);
    for (const auto& partition : partitions) merged.merge(*partition);
    return dump(merged, kNow);
  };
  const std::string expected = merge_all();

  for (int i = 0; i < 6; ++i) {
    std::shuffle(partitions.begin(), partitions.end(), random_);
    ASSERT_EQ(merge_all(), expected);
  }
  State left(kEveryKind);
  State right(kEveryKind);
  for (size_t i = 0; i < partitions.size(); ++i) (i % 2 == 0 ? left : right).merge(*partitions[i]);
  left.merge(right);
  EXPECT_EQ(dump(left, kNow), expected);
}

TEST_F(RandomState, MergedWithNothingIsWhatItWas) {
  const auto state = count_in_batches(random_records(2'000), 50);
  State merged(kEveryKind);
  merged.merge(*state);
  EXPECT_EQ(dump(merged, kNow), dump(*state, kNow));
}

TEST_F(RandomState, ResultsStayWhatTheyAreWhenCountingGoesOn) {
  const std::vector<Record> records = random_records(200);
  State state(kEveryKind);
  Shard shard(kEveryKind);
  for (const Record& record : records) count_record(record, shard);
  state.add(shard, base::Offset{0}, kNow);
  const std::vector<Result> results = state.results(kNow);
  std::string before;
  for (const Result& result : results) before += dump(result);

  state.add(shard, base::Offset{0}, kNow);

  std::string after;
  for (const Result& result : results) after += dump(result);
  EXPECT_EQ(after, before);
}

TEST(State, StartsEmpty) {
  const State state(kEveryKind);

  EXPECT_EQ(state.emitted(), 0U);
  EXPECT_EQ(state.dead_lettered(), 0U);
  EXPECT_THAT(state.dead_letters(), ElementsAre(0, 0));
  for (const Result& result : state.results(kNow)) {
    EXPECT_EQ(result.selected, 0U);
    EXPECT_EQ(result.counted, 0U);
  }
}

TEST(State, SumsTheOutcomes) {
  State state(kEveryKind);
  Shard shard(kEveryKind);
  shard.count_emitted();
  shard.count_filtered();
  shard.count_dead_letter(1);
  shard.count_dead_letter(0);
  shard.count_outputs({.copies = 1, .exploded = 2, .pieces = 3, .letters_discarded = 4});
  state.add(shard, base::Offset{0});
  state.add(shard, base::Offset{4});

  EXPECT_EQ(state.emitted(), 2U);
  EXPECT_EQ(state.filtered(), 2U);
  EXPECT_EQ(state.dead_lettered(), 4U);
  EXPECT_THAT(state.dead_letters(), ElementsAre(2, 2));
  EXPECT_EQ(state.outputs().pieces, 6U);
}

TEST(State, AnEpochIsAsLongAsItSays) {
  EXPECT_EQ(State::epoch_of({0}), State::epoch_of({State::kEpochOffsets - 1}));
  EXPECT_NE(State::epoch_of({State::kEpochOffsets - 1}), State::epoch_of({State::kEpochOffsets}));
}

TEST(StateDeath, RefusesWhatIsOfAnotherDeclaration) {
  const Declaration other;
  State state(kEveryKind);
  const Shard shard(other);
  EXPECT_DEATH(state.add(shard, base::Offset{0}), "declaration");
  EXPECT_DEATH(state.merge(State(other)), "declaration");
  EXPECT_DEATH(state.merge(state), "other");
}

TEST(StateDeath, RefusesAnInsightOfAPartOfAnotherKind) {
  const Declaration wrong{.insights = {{.kind = Kind::kCount}},
                          .parts = {{.kind = PartKind::kHours}}};
  EXPECT_DEATH(State{wrong}, "part.kind");
}

}  // namespace
}  // namespace millrace::insights
