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

#include "tests/unit/insights/state_dump.h"

namespace millrace::insights {
namespace {

using ::testing::ElementsAre;

constexpr Time kNow{std::chrono::seconds(1'000'000)};

enum : size_t { kRecords, kFiltered, kUsers, kPairs, kHours, kAmounts, kSizes };

// Every kind, with limits that a few hundred keys break.
const Declaration kDeclaration{
    .insights = {{.kind = Kind::kCount, .name = "count", .part = kRecords},
                 {.kind = Kind::kCount, .name = "count_filtered", .part = kFiltered},
                 {.kind = Kind::kRate, .name = "rate", .live = true, .part = kRecords},
                 {.kind = Kind::kCountBy,
                  .name = "users",
                  .fields = {"user"},
                  .keys_max = 40,
                  .part = kUsers},
                 {.kind = Kind::kCountBy,
                  .name = "pairs",
                  .fields = {"group", "user"},
                  .keys_max = 1'000,
                  .part = kPairs},
                 {.kind = Kind::kDistinct,
                  .name = "few",
                  .fields = {"user"},
                  .exact_up_to = 50,
                  .part = kUsers},
                 {.kind = Kind::kDistinct,
                  .name = "many",
                  .fields = {"user"},
                  .exact_up_to = 5'000,
                  .part = kUsers},
                 {.kind = Kind::kDistinct,
                  .name = "by",
                  .fields = {"group", "user"},
                  .by = 1,
                  .exact_up_to = 5,
                  .keys_max = 5,
                  .part = kPairs},
                 {.kind = Kind::kTop,
                  .name = "top",
                  .fields = {"user"},
                  .limit = 5,
                  .exact_up_to = 30,
                  .part = kUsers,
                  .edges = {1, 0}},
                 {.kind = Kind::kTop,
                  .name = "exact",
                  .fields = {"group", "user"},
                  .limit = 9,
                  .exact_up_to = 10'000,
                  .part = kPairs},
                 {.kind = Kind::kHoursOfDay, .name = "hours", .fields = {"time"}, .part = kHours},
                 {.kind = Kind::kQuantiles,
                  .name = "quantiles",
                  .fields = {"size"},
                  .quantiles = {0.5, 0.999},
                  .part = kSizes},
                 {.kind = Kind::kSum, .name = "sum", .fields = {"amount"}, .part = kAmounts},
                 {.kind = Kind::kMin, .name = "min", .fields = {"amount"}, .part = kAmounts},
                 {.kind = Kind::kMax, .name = "max", .fields = {"amount"}, .part = kAmounts},
                 {.kind = Kind::kMean, .name = "mean", .fields = {"amount"}, .part = kAmounts},
                 {.kind = Kind::kFirst,
                  .name = "first",
                  .fields = {"user"},
                  .keys_max = 40,
                  .part = kUsers,
                  .edges = {0}},
                 {.kind = Kind::kLast,
                  .name = "last",
                  .fields = {"user"},
                  .keys_max = 1'000,
                  .part = kUsers,
                  .edges = {1}}},
    .parts = {{.kind = PartKind::kCounter},
              {.kind = PartKind::kCounter, .selection = 1},
              {.kind = PartKind::kKeys,
               .fields = 1,
               .edges = {{Edge::kFirst, "ip"}, {Edge::kLast, "ip"}}},
              {.kind = PartKind::kKeys, .fields = 2},
              {.kind = PartKind::kHours},
              {.kind = PartKind::kNumbers},
              {.kind = PartKind::kSketch}},
    .selections = 2,
    .rules = {"r0", "r1"}};

// A record, all of it decided by one number.
struct Record {
  int64_t offset = 0;
  unsigned seed = 0;
};

void count_keys(const Record& record, std::mt19937& random, Shard& shard) {
  // A few users often, many seldom.
  const std::string user = std::to_string(random() % 3 == 0 ? random() % 4 : random() % 300);
  const std::string group = std::to_string(random() % 7);
  const std::array<std::string_view, 2> values{group, user};
  const size_t entry = shard.add_key(kUsers, std::span(values).last(1));
  if (random() % 4 != 0) {
    const std::string ip = std::to_string(random() % 1'000);
    const EdgeValue value{ip, random() % 2 == 0, record.offset / 100};
    shard.set_edge(kUsers, entry, 0, value);
    shard.set_edge(kUsers, entry, 1, value);
  }
  if (random() % 5 == 0) {
    shard.add_missing(kPairs);
  } else {
    shard.add_key(kPairs, values);
  }
}

// What a worker does with one record.
void count_record(const Record& record, Shard& shard) {
  std::mt19937 random(record.seed);
  const auto kind = random() % 10;
  if (kind == 1) return shard.count_dead_letter(random() % 2);
  if (kind == 0) {
    shard.count_filtered();
    shard.select(1);
    return shard.add_one(kFiltered);
  }
  shard.count_emitted();
  shard.count_outputs({.copies = random() % 3});
  shard.add_one(kRecords);
  count_keys(record, random, shard);
  shard.add_hour(kHours, static_cast<unsigned>(random() % 24));
  shard.add_number(kSizes, Number(static_cast<int64_t>(random() % 10'000)));
  if (random() % 6 == 0) return shard.add_missing(kAmounts);
  shard.add_number(kAmounts, random() % 2 == 0
                                 ? Number(static_cast<int64_t>(random()))
                                 : Number(static_cast<double>(random()) / 1'000.0 - 1e6));
}

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
    auto state = std::make_unique<State>(kDeclaration);
    Shard batch(kDeclaration);
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
    State merged(kDeclaration);
    for (const auto& partition : partitions) merged.merge(*partition);
    return dump(merged, kNow);
  };
  const std::string expected = merge_all();

  for (int i = 0; i < 6; ++i) {
    std::shuffle(partitions.begin(), partitions.end(), random_);
    ASSERT_EQ(merge_all(), expected);
  }
  State left(kDeclaration);
  State right(kDeclaration);
  for (size_t i = 0; i < partitions.size(); ++i) (i % 2 == 0 ? left : right).merge(*partitions[i]);
  left.merge(right);
  EXPECT_EQ(dump(left, kNow), expected);
}

TEST_F(RandomState, MergedWithNothingIsWhatItWas) {
  const auto state = count_in_batches(random_records(2'000), 50);
  State merged(kDeclaration);
  merged.merge(*state);
  EXPECT_EQ(dump(merged, kNow), dump(*state, kNow));
}

TEST_F(RandomState, ResultsStayWhatTheyAreWhenCountingGoesOn) {
  const std::vector<Record> records = random_records(200);
  State state(kDeclaration);
  Shard shard(kDeclaration);
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
  const State state(kDeclaration);

  EXPECT_EQ(state.emitted(), 0U);
  EXPECT_EQ(state.dead_lettered(), 0U);
  EXPECT_THAT(state.dead_letters(), ElementsAre(0, 0));
  for (const Result& result : state.results(kNow)) {
    EXPECT_EQ(result.selected, 0U);
    EXPECT_EQ(result.counted, 0U);
  }
}

TEST(State, SumsTheOutcomes) {
  State state(kDeclaration);
  Shard shard(kDeclaration);
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
  State state(kDeclaration);
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
